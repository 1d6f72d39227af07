"""A program that is told of events, and an endpoint that it was given."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from modules.notifications.logic.webhooks import endpoints
from modules.notifications.models import WebhookEndpoint
from tests.fakes.webhook_receiver import WebhookReceiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[WebhookReceiver]:
    settings.DEBUG = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with WebhookReceiver() as running:
        yield running


@pytest.fixture
def endpoint(receiver: WebhookReceiver) -> WebhookEndpoint:
    """It hears of orders."""
    events = ["orders.OrderConfirmed", "orders.OrderShipped"]
    made, receiver.secret = endpoints.make_endpoint(url=receiver.url, events=events)
    return made
