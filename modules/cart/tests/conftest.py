"""A shelf to buy from, buyers with and without a name, and a Redis of our own to switch off."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
import redis
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from ecommerce.kernel import identity
from ecommerce.kernel.identity import BadToken, Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import far_end
from modules.cart import remote, service
from modules.cart.tests.factories import Shelf, open_shelf
from modules.cart.tests.redis_server import RedisServer


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with open_shelf() as shelf:
        yield shelf


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = "off"


@pytest.fixture(autouse=True)
def _offers(db: None) -> None:
    """What is offered is read with every cart that holds something."""


@pytest.fixture
def guest() -> APIClient:
    return APIClient()


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that is signed in as a user: a token is the user's id."""

    def verify(token: str) -> Principal:
        try:
            return Principal(id=UUID(token))
        except ValueError as error:
            raise BadToken(token) from error

    monkeypatch.setattr(identity, "verify", verify)
    return lambda user_id: APIClient(headers={"Authorization": f"Bearer {user_id}"})


@pytest.fixture
def user_id() -> UUID:
    return new_id()


@pytest.fixture
def user(sign_in: Any, user_id: UUID) -> APIClient:
    client: APIClient = sign_in(user_id)
    return client


@pytest.fixture(params=["near", "far"])
def cart_service(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """Cart's public functions, called here and over the wire."""
    if request.param == "near":
        yield service
        return
    with far_end(service, remote):
        yield service


@pytest.fixture
def own_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """The carts of this test lie in a Redis that it may stop."""
    server = RedisServer(tmp_path)
    server.start()
    # From a pool, as django-redis does it: so made, connections do not try again by themselves.
    pool = redis.ConnectionPool.from_url(server.url, socket_connect_timeout=1, socket_timeout=5)
    client = redis.Redis(connection_pool=pool)
    monkeypatch.setattr("modules.cart.logic.connection.client", lambda: client)
    yield server
    pool.disconnect()
    server.stop()


@pytest.fixture
def redis_commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that Redis is sent, by name, in order."""
    sent: list[str] = []
    client = get_redis_connection("default")
    execute = client.execute_command

    def watched(*args: Any, **options: Any) -> Any:
        sent.append(str(args[0]))
        return execute(*args, **options)

    monkeypatch.setattr(client, "execute_command", watched)
    monkeypatch.setattr("modules.cart.logic.connection.client", lambda: client)
    return sent
