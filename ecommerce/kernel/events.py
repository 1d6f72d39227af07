"""Facts that modules announce, and who listens to them.

An event is a frozen dataclass in a module's events.py: past tense, ids and plain values, no personal data. Its first
field is the id of the aggregate it is about; an aggregate's events reach each listener in the order they were written.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import connections

from ecommerce.kernel import clock, ids, observability, wire
from ecommerce.kernel.db import current_alias
from ecommerce.kernel.nudges import nudge_on_commit

Handler = Callable[[Any], None]
Handlers = Mapping[type, list[Handler]]

# The row and its deliveries in one statement, since every order writes several.
_INSERT = """
    WITH event AS (
        INSERT INTO kernel_outboxevent (id, name, aggregate_id, payload, context, created_at)
        VALUES (%(id)s, %(name)s, %(aggregate_id)s, %(payload)s::jsonb, %(context)s::jsonb, %(now)s)
        RETURNING position
    )
    INSERT INTO kernel_delivery (event_id, source, listener, aggregate_id, attempts, next_attempt_at, last_error)
    SELECT position, %(source)s, listener, %(aggregate_id)s, 0, %(now)s, ''
    FROM event, unnest(%(listeners)s::text[]) AS listener
"""


@dataclass(frozen=True)
class Subscription:
    """What one module does when one event happens."""

    event: type
    handlers: list[Handler]


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Which event a handler is handling: repeated, it is the same; `position` grows among those of an aggregate."""

    event_id: UUID
    position: int


_subscriptions: dict[tuple[str, str], Subscription] = {}
_handling: ContextVar[Announcement] = ContextVar("handling")


def publish(event: object) -> None:
    """Announce a fact in the transaction of the data it is about; raises NoTransaction outside of any."""
    alias = current_alias()
    name = event_name(type(event))
    source = name.split(".")[0]
    row: dict[str, Any] = {
        "id": ids.new_id(),
        "name": name,
        "source": source,
        "aggregate_id": aggregate_id(event),
        "payload": wire.encode(event).decode(),
        "context": wire.encode(observability.context()).decode(),
        "now": clock.now(),
        "listeners": list(settings.EVENT_ROUTES.get(name, ())),
    }
    with connections[alias].cursor() as cursor:
        cursor.execute(_INSERT, row)
    nudge_on_commit(source, alias)


def event_name(event: type) -> str:
    """The name an event travels under: "payments.PaymentCaptured"."""
    return f"{event.__module__.split('.')[1]}.{event.__name__}"


@contextmanager
def handling(announcement: Announcement) -> Iterator[None]:
    """Let the handlers that run inside of this ask which event they handle."""
    token = _handling.set(announcement)
    try:
        yield
    finally:
        _handling.reset(token)


def announcement() -> Announcement:
    """Of the event that is being handled; raises LookupError outside of a handler."""
    return _handling.get()


def aggregate_id(event: object) -> UUID:
    """What the event is about: its first field."""
    return cast(UUID, getattr(event, fields(event)[0].name))  # type: ignore[arg-type]  # events are dataclasses


def subscribe(module: str, handlers: Handlers) -> None:
    """Tell the kernel what `module` does when something happens; called by the module's AppConfig."""
    for event, functions in handlers.items():
        _subscriptions[module, event_name(event)] = Subscription(event, functions)


def subscription(module: str, name: str) -> Subscription | None:
    """What `module` does on that event, if anything."""
    return _subscriptions.get((module, name))


def routes() -> dict[str, tuple[str, ...]]:
    """Who listens to what, of the modules that are installed here: what event_routes.py is generated from."""
    listeners: dict[str, list[str]] = {}
    for module, name in _subscriptions:
        listeners.setdefault(name, []).append(module)
    return {name: tuple(sorted(modules)) for name, modules in sorted(listeners.items())}
