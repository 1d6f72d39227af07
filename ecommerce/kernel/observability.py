"""The request id that ties everything together, one log line per request, and the metrics."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from celery import signals
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from structlog.typing import EventDict

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.logs import configure_logging
from ecommerce.kernel.metrics import count_request, gauge

__all__ = ["RequestLog", "add_context", "bound", "configure_logging", "context", "gauge", "record", "request_id"]

log = structlog.get_logger("shop.request")

HEADER = "shop_context"

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request (or of the one that caused this task or event); empty outside of any."""
    return _request_id.get()


def context() -> dict[str, str]:
    """What to store with an event or a task, or to send with a call, so that `bound` can go on with it."""
    return {"request_id": value} if (value := _request_id.get()) else {}


@contextmanager
def bound(carried: Mapping[str, Any] | None) -> Iterator[None]:
    """Work under a context that was carried here; the one before comes back afterwards."""
    token = _request_id.set(str((carried or {}).get("request_id", "")))
    try:
        yield
    finally:
        _request_id.reset(token)


def add_context(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Write the request id on each log line."""
    if value := _request_id.get():
        event.setdefault("request_id", value)
    return event


class RequestLog:
    """One log line per request, and its count and time for Prometheus."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        record(request, response.status_code, time.perf_counter() - started)
        return response


def record(request: HttpRequest, status: int, seconds: float) -> None:
    """Log and count one answer."""
    match = request.resolver_match
    route = match.route if match else "unmatched"
    method = request.method or ""
    count_request(method, route, status, seconds)
    if route not in QUIET:
        milliseconds = round(seconds * 1000, 1)
        who = {"user_id": _user_id(request), **_actor(request)}
        log.info("request", method=method, route=route, status=status, ms=milliseconds, **who)


# Asked every few seconds by orchestrators and Prometheus: counted, not logged.
QUIET = frozenset(("healthz", "readyz", "metrics"))


def _user_id(request: HttpRequest) -> str | None:
    # A lazy session user is looked at only where something else has loaded him already.
    user: Any = request.__dict__.get("user")
    if type(user) is not Principal:
        user = request.__dict__.get("_cached_user")
    return str(user.pk) if user is not None and user.pk is not None else None


def _actor(request: HttpRequest) -> dict[str, str]:
    """The member of staff who acts as the user, where one does."""
    user: Any = request.__dict__.get("user")
    return {"actor_id": str(user.actor_id)} if type(user) is Principal and user.actor_id else {}


# ── Celery: a task goes on under the request that asked for it ───────────────────────────────────────────────────────

_tasks: dict[str, ExitStack] = {}


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _keep_our_logging(**_: Any) -> None:
    """Being connected is all: else Celery replaces sys.stdout by a logger, and our lines go round and get lost."""


@signals.before_task_publish.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _send_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers.setdefault(HEADER, context())


@signals.task_prerun.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _bind_context(task_id: str, task: Any, **_: Any) -> None:
    carried = task.request.get(HEADER)
    if carried is not None:
        _tasks[task_id] = stack = ExitStack()
        stack.enter_context(bound(carried))


@signals.task_postrun.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _unbind_context(task_id: str, **_: Any) -> None:
    if stack := _tasks.pop(task_id, None):
        stack.close()
