"""Events and a listener of the kernel's own tests: their names say "catalog" and "orders", their handlers are ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.test import override_settings

from ecommerce.kernel import events


@dataclass(frozen=True, kw_only=True)
class Happened:
    thing_id: UUID
    what: str


Happened.__module__ = "modules.catalog.events"
NAME = "catalog.Happened"


@contextmanager
def listening(handler: Callable[[Any], None], listener: str = "orders") -> Iterator[None]:
    """`listener` handles `Happened` with this function."""
    subscriptions = {(listener, NAME): events.Subscription(Happened, [handler])}
    here = override_settings(EVENT_ROUTES={NAME: (listener,)}, LOCAL_MODULES=("catalog", "orders"))
    with here, patch.object(events, "_subscriptions", subscriptions):
        yield
