"""A broker that is a list, a clock, and the failures that mail providers have."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine

from modules.notifications.logic import handover
from tests.fakes.twilio import TwilioServer

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """What was handed to the broker, in order."""
    handed: list[UUID] = []
    monkeypatch.setattr(handover, "_publish", handed.extend)
    return handed


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon until the test moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def closed_breaker() -> Iterator[None]:
    """No test suffers from another's broken broker."""
    handover._breaker.answered()
    yield
    handover._breaker.answered()


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> "type[Provider]":
    """Send by a provider that takes mails, or raises `Provider.failure`."""
    settings.EMAIL_BACKEND = f"{__name__}.Provider"
    monkeypatch.setattr(Provider, "failure", None)
    monkeypatch.setattr(Provider, "taken", [])
    return Provider


class Provider:
    """A mail backend that does as it is told."""

    failure: Exception | None = None
    taken: list = []

    def __init__(self, **options: object) -> None:
        pass

    def send_messages(self, mails: list) -> int:
        if self.failure:
            raise self.failure
        self.taken.extend(mails)
        return len(mails)


@pytest.fixture
def twilio(settings: Any) -> Iterator[TwilioServer]:
    """The shop sends SMS, at any hour, by a Twilio of our own."""
    with TwilioServer() as server:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = server.sid, server.token
        settings.TWILIO_API_BASE, settings.TWILIO_SENDER = server.base_url, "+15550006789"
        settings.SMS_QUIET_HOURS = (0, 0)
        settings.PUBLIC_URL = "https://shop.example"
        settings.SHOP_NAME = "Lampen"
        yield server
