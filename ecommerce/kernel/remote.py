"""Calling another module: local or over HTTP, by configuration alone.

A module's service.py imports its functions from logic/ (near end) or from remote.py (far end). The far end posts JSON
to /internal/<module>/<function>, signed by the calling module. Typed refusals come back as themselves; anything that
goes wrong on the way is Unavailable: the outcome is unknown, repeat with the same id. Never a silent fall-back to a
local call.
"""

import functools
import inspect
import sys
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeVar, cast

import httpx2
import msgspec
from django.conf import settings

from ecommerce.kernel import observability, signing, wire
from ecommerce.kernel.breaker import Breaker
from ecommerce.kernel.db import refuse_in_transaction
from ecommerce.kernel.errors import KINDS, ServiceError, Unavailable

T = TypeVar("T")

TIMEOUT = httpx2.Timeout(10.0, connect=1.0)
ATTEMPTS = 3
RETRY_AFTER = 2

_clients: dict[str, httpx2.Client] = {}
_breakers: dict[str, Breaker] = {}


class Refusal(msgspec.Struct):
    """How a ServiceError crosses: its code, its words, its details, and whether repeating may help."""

    code: str
    detail: str
    details: dict[str, Any] = {}


def is_remote(module: str) -> bool:
    """Whether that module runs in another process, by <MODULE>_URL."""
    return module in settings.REMOTE_MODULES


def guard(namespace: MutableMapping[str, Any]) -> None:
    """Wrap the public functions of a service.py: refused inside a transaction; in tests sent through the wire form."""
    module = namespace["__name__"].split(".")[1]
    for name in namespace["__all__"]:
        namespace[name] = _guarded(module, namespace[name])


class RemoteService:
    """The far end of one module. `raises` are the refusals that its functions answer with."""

    def __init__(self, module: str, *, raises: tuple[type[ServiceError], ...] = ()) -> None:
        self.module = module
        self._raises = {error.code: error for error in raises}

    def call(self, result: type[T] | Any, function: str, *, repeatable: bool = True, **arguments: Any) -> T:
        """Ask once; ask again on a connect error or 503 where that is safe. Raises its refusals, or Unavailable."""
        path, body = f"/internal/{self.module}/{function}", wire.encode(arguments)
        breaker = _breakers.setdefault(self.module, Breaker())
        for attempt in range(ATTEMPTS if repeatable else 1):
            if not breaker.allows():
                break
            response = self._post(path, body, breaker)
            if response is not None and not self._is_worth_repeating(response):
                return cast(T, self._read(response, result))
            if attempt + 1 < ATTEMPTS:
                breaker.pause(attempt)
        raise Unavailable(f"{self.module} does not answer.", dependency=self.module, retry_after=RETRY_AFTER)

    def _post(self, path: str, body: bytes, breaker: Breaker) -> httpx2.Response | None:
        caller = _caller.get() or settings.LOCAL_MODULES[0]
        headers = {"Content-Type": "application/json", "X-Request-ID": observability.request_id()}
        headers |= signing.sign(caller, "POST", path, body)
        try:
            response = _client(self.module).post(path, content=body, headers=headers)
        except httpx2.ConnectError:
            breaker.failed()
            return None
        except httpx2.HTTPError as error:
            breaker.failed()
            raise Unavailable(
                f"{self.module} did not answer in time.", dependency=self.module, retry_after=RETRY_AFTER
            ) from error
        breaker.answered()
        return response

    def _is_worth_repeating(self, response: httpx2.Response) -> bool:
        """Whether the module is away for a moment; a 503 that it announces by name is an answer like any other."""
        if response.status_code != Unavailable.status:
            return False
        try:
            return msgspec.json.decode(response.content, type=Refusal).code not in self._raises
        except msgspec.MsgspecError:
            return True

    def _read(self, response: httpx2.Response, result: Any) -> Any:
        if response.status_code == 200:
            return msgspec.json.decode(response.content, type=result)
        try:
            refusal = msgspec.json.decode(response.content, type=Refusal)
        except msgspec.MsgspecError as error:
            raise Unavailable(f"{self.module} answered {response.status_code}.", dependency=self.module) from error
        raise self._error(refusal, response.status_code)

    def _error(self, refusal: Refusal, status: int) -> ServiceError:
        kinds = [self._raises[refusal.code]] if refusal.code in self._raises else []
        kinds += [kind for kind in KINDS if kind.code == refusal.code]
        if not kinds:
            return Unavailable(f"{self.module} answered {status} {refusal.code}.", dependency=self.module)
        return kinds[0](refusal.detail, **refusal.details)


def use_transport(module: str, transport: httpx2.BaseTransport | None) -> None:
    """Reach that module by `transport` instead of the network (tests); None forgets it."""
    if (old := _clients.pop(module, None)) is not None:
        old.close()
    _breakers.pop(module, None)
    if transport is not None:
        _clients[module] = httpx2.Client(base_url=f"http://{module}.invalid", transport=transport, timeout=TIMEOUT)


def _client(module: str) -> httpx2.Client:
    if module not in _clients:
        _clients[module] = httpx2.Client(base_url=settings.REMOTE_MODULES[module], timeout=TIMEOUT)
    return _clients[module]


_caller: ContextVar[str | None] = ContextVar("calling_module", default=None)


def _guarded(module: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(**arguments: Any) -> Any:
        refuse_in_transaction(f"{module}.{function.__name__}")
        if is_remote(module):
            return _as_caller(function, arguments)
        return _through_the_wire(function, arguments) if settings.STRICT else function(**arguments)

    return call


def _as_caller(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    # Two frames up stands who wrote the call: modules.orders.logic.checkout. A process that holds several modules
    # holds all their keys, so this names the caller for the callee's list and its log; the key is what protects.
    name = str(sys._getframe(2).f_globals.get("__name__", ""))
    token = _caller.set(name.split(".")[1] if name.startswith("modules.") else None)
    try:
        return function(**arguments)
    finally:
        _caller.reset(token)


def _through_the_wire(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What would happen between two processes, minus HTTP: a contract that cannot travel fails at once."""
    inspect.signature(function).bind(**arguments)
    try:
        result = function(**wire.decode_arguments(function, wire.encode(arguments)))
    except ServiceError as error:
        details = msgspec.json.decode(msgspec.json.encode(error.details))
        raise type(error)(error.detail, **details) from error
    return wire.decode(wire.encode(result), wire.result_of(function))
