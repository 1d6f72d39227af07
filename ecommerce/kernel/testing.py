"""For tests: both ends of a public function, modules that are not there, and the relay by hand."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import Barrier
from types import ModuleType
from typing import Any
from unittest.mock import patch

import httpx2
import msgspec
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, connections
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import driver, inbox, outbox, remote, wire
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.errors import ServiceError


@contextmanager
def far_end(service: ModuleType, far: ModuleType) -> Iterator[None]:
    """Let a service's functions go over HTTP to this very process: what another process would see of it."""
    module = service.__name__.split(".")[1]
    remote.use_transport(module, httpx2.WSGITransport(app=get_wsgi_application()))
    try:
        with _functions_of(service, far), _connections_kept():
            yield
    finally:
        remote.use_transport(module, None)


@contextmanager
def stand_in(module: str, **answers: Callable[..., Any]) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Answer for another module, installed or not, over the wire form; yields the calls it was asked, in order.

    `stand_in("catalog", hold_stock=lambda order_id, lines, until: StockHold(…))`; an answer may raise a ServiceError.
    """
    asked: list[tuple[str, dict[str, Any]]] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        function = request.url.path.rsplit("/", 1)[1]
        arguments = msgspec.json.decode(request.content)
        asked.append((function, arguments))
        try:
            return httpx2.Response(200, content=wire.encode(answers[function](**arguments)))
        except ServiceError as error:
            refusal = remote.Refusal(code=error.code, detail=error.detail, details=error.details)
            return httpx2.Response(error.status, content=msgspec.json.encode(refusal))

    remote.use_transport(module, httpx2.MockTransport(respond))
    try:
        with _instead_of_the_near_end(module, answers):
            yield asked
    finally:
        remote.use_transport(module, None)


def relay_until_quiet(rounds: int = 50) -> None:
    """Do what the relay does until nothing is due; for tests with committed transactions."""
    for _ in range(rounds):
        moved = sum(outbox.hand_over(alias) + inbox.drain(alias) + driver.run_due(alias) for alias in local_aliases())
        if not moved:
            return
    raise AssertionError("the relay does not come to rest")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised, in the order given: each in a thread and on a connection of its own."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=10)
            return call()
        except Exception as error:  # the refusal is what the test looks at
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in calls]]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL of the block, there when it ends, without BEGIN and COMMIT."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [query["sql"] for query in captured if query["sql"] not in ("BEGIN", "COMMIT")]


@contextmanager
def _instead_of_the_near_end(module: str, names: Iterable[str]) -> Iterator[None]:
    if not local(module):
        yield
        return
    service, far = import_module(f"modules.{module}.service"), import_module(f"modules.{module}.remote")
    with patch.multiple(service, **{name: getattr(far, name) for name in names}):
        yield


@contextmanager
def _connections_kept() -> Iterator[None]:
    """A request drops connections that it finds inside a transaction, which a test's own always is."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


@contextmanager
def _functions_of(service: ModuleType, far: ModuleType) -> Iterator[None]:
    """In the service's namespace: each function posts, while the internal API goes on answering with the near end."""
    near = {name: getattr(service, name) for name in service.__all__}
    module = service.__name__.split(".")[1]

    def find(asked: str, function: str, caller: str) -> Any:
        return near[function] if asked == module and function in near else original(asked, function, caller)

    from ecommerce.kernel import internal_api

    original = internal_api._find
    wrapped = {name: getattr(far, name) for name in service.__all__}
    with patch.object(internal_api, "_find", find), patch.multiple(service, **wrapped):
        yield


def local(module: str) -> bool:
    """Whether that module is installed in this run of the tests."""
    return module in settings.LOCAL_MODULES
