"""A caller from a network of his own, and no keys left over from another test's database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address
from uuid import UUID

import pytest
import time_machine
from rest_framework.test import APIClient

from ecommerce.kernel import chance, identity
from ecommerce.kernel.models import OutboxEvent
from modules.users.logic import sessions, signing_keys
from modules.users.logic.openid import published
from modules.users.models import User
from modules.users.tests.factories import PASSWORD, UserFactory
from modules.users.tests.issuer import Issuer, serve

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

SignIn = Callable[[User], sessions.TokenPair]


@pytest.fixture(autouse=True)
def no_remembered_keys() -> Iterator[None]:
    signing_keys.forget()
    identity.forget_keys()
    yield
    signing_keys.forget()
    identity.forget_keys()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon until the test moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def network() -> str:
    """Failures are counted in Redis by network: one for each test keeps them apart, and this run from the last."""
    return str(IPv4Address(b"\x0a" + chance.random_bytes(3)))


@pytest.fixture
def client(network: str, settings) -> APIClient:
    settings.RATE_LIMITS = "off"
    return APIClient(REMOTE_ADDR=network)


@pytest.fixture
def user(db) -> User:
    return UserFactory.create()


@pytest.fixture
def sign_in(network: str) -> SignIn:
    """Begin a session for a user of the factory's."""
    return lambda user: sessions.sign_in(email=user.email, password=PASSWORD, network=network)


@pytest.fixture
def signed_in(client: APIClient, user: User, sign_in: SignIn) -> APIClient:
    """The client, with the access token of `user`."""
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
    return client


@pytest.fixture
def outbox(db) -> Callable[[], list[tuple[str, UUID]]]:
    """What users has announced so far, in order: each event's name and whom it is about."""
    return lambda: [
        (event.name.removeprefix("users."), event.aggregate_id) for event in OutboxEvent.objects.order_by("position")
    ]


@pytest.fixture
def issuer(settings) -> Iterator[Issuer]:
    """A provider of identities, configured as `home`."""
    published.forget()
    with serve() as issuer:
        settings.OIDC_PROVIDERS = [issuer.provider()]
        yield issuer
