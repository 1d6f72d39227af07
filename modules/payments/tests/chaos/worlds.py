"""The providers as chaos needs them: what happened there as signed events that go out only by command, and how it all
stands there, to be brought back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
from django.conf import settings
from django.test import override_settings

from modules.payments.logic.providers import breakers, sandbox_webhooks, stripe_client
from modules.payments.logic.webhooks import receive_event
from modules.payments.tests.providers.paypal_world import paypal_shop
from modules.payments.tests.providers.subjects import configured_stripe
from tests.fakes.paypal import PayPalServer
from tests.fakes.stripe import StripeServer

BringBack = Callable[[], None]


@dataclass(frozen=True)
class Recorded:
    """One event as it goes out."""

    type: str
    headers: dict[str, str]
    body: bytes


class World(Protocol):
    """One provider, in this process."""

    name: str
    # Called after each event that comes to be, while the provider is still at it.
    watch: Callable[[], None]

    def count(self) -> int:
        """How many events there are."""

    def event(self, number: int) -> Recorded:
        """One of them, by its number from 0, signed now."""

    def remember(self) -> BringBack:
        """How all of it stands now; what is returned brings that back, any number of times."""


def deliver(world: World, number: int) -> None:
    """One event reaches the shop."""
    event = world.event(number)
    receive_event(provider=world.name, headers=event.headers, body=event.body)


class StripeWorld:
    name = "stripe"

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.watch: Callable[[], None] = lambda: None
        server.events.tell_also(lambda _: self.watch())

    def count(self) -> int:
        return self.server.events.count()

    def event(self, number: int) -> Recorded:
        event = self.server.events.numbered(number)
        headers, body = self.server.events.signed(event)
        return Recorded(event["type"], headers, body)

    def remember(self) -> BringBack:
        return self.server.remember()


class PayPalWorld:
    name = "paypal"

    def __init__(self, server: PayPalServer) -> None:
        self.server = server
        self.watch: Callable[[], None] = lambda: None
        tell = server.books.tell

        def tell_and_watch(kind: str, resource_type: str, resource: Any) -> None:
            tell(kind, resource_type, resource)
            self.watch()

        server.books.tell = tell_and_watch

    def count(self) -> int:
        return len(self.server.webhooks.events)

    def event(self, number: int) -> Recorded:
        event = self.server.webhooks.events[number]
        return Recorded(event.type, self.server.webhooks.headers(event), event.body)

    def remember(self) -> BringBack:
        return self.server.remember()


class SandboxWorld:
    """Its tables are ours, so a transaction that is rolled back brings them back; here are only its events."""

    name = "sandbox"

    def __init__(self) -> None:
        self.watch: Callable[[], None] = lambda: None
        self._events: list[Recorded] = []

    def go_on(self) -> None:
        """It does what it has to do, and its events lie ready."""
        sandbox_webhooks.deliver_due(httpx2.MockTransport(self._record))

    def count(self) -> int:
        return len(self._events)

    def event(self, number: int) -> Recorded:
        return self._events[number]

    def remember(self) -> BringBack:
        kept = list(self._events)

        def bring_back() -> None:
            self._events[:] = kept

        return bring_back

    def _record(self, request: httpx2.Request) -> httpx2.Response:
        self._events.append(Recorded("sandbox", dict(request.headers), request.content))
        self.watch()
        return httpx2.Response(200)


@contextmanager
def world_of(provider: str) -> Iterator[World]:
    """A provider, and a shop that is set up for it."""
    with WORLDS[provider]() as world:
        yield world


@contextmanager
def _stripe() -> Iterator[World]:
    breakers.reset()
    stripe_client.forget_clients()
    with override_settings(), configured_stripe(settings) as server:
        yield StripeWorld(server)
    breakers.reset()


@contextmanager
def _paypal() -> Iterator[World]:
    with paypal_shop() as server:
        yield PayPalWorld(server)


@contextmanager
def _sandbox() -> Iterator[World]:
    yield SandboxWorld()


WORLDS = {"paypal": _paypal, "sandbox": _sandbox, "stripe": _stripe}
