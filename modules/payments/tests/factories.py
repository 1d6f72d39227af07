"""Payments as tests want them: begun by the module's own functions, so that no row is one that cannot be."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, cast
from unittest.mock import patch

import factory
import httpx2
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import clock, driver, registry
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent, Saga, Step
from ecommerce.kernel.money import Money
from modules.payments.contracts import Payment, Split
from modules.payments.logic.providers import sandbox_webhooks
from modules.payments.logic.providers.sandbox import Sandbox
from modules.payments.logic.starting import start_payment
from modules.payments.models import Entry

TOKEN = "the-order's-token"


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def split_of(minor: int, tax: int = 0, shipping: int = 0) -> Split:
    return Split(sales=eur(minor - tax - shipping), tax=eur(tax), shipping=eur(shipping))


class StartFactory(factory.DictFactory):
    """The keyword arguments of start_payment: 30.00 EUR by sandbox_ok unless told otherwise."""

    order_id = factory.LazyFunction(new_id)
    purpose = "order"
    amount = eur(3000)
    split = factory.LazyAttribute(lambda start: split_of(start.amount.minor))
    provider = "sandbox"
    method = "sandbox_ok"
    payer_id = None
    token_hash = hashlib.sha256(TOKEN.encode()).hexdigest()
    payable_until = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=30))


def start_arguments(**given: Any) -> dict[str, Any]:
    """What start_payment is called with."""
    arguments: dict[str, Any] = StartFactory.build(**given)
    return arguments


def started(**given: Any) -> Payment:
    """A payment that has begun."""
    return start_payment(**start_arguments(**given))


def captured(**given: Any) -> Payment:
    """A payment whose money has come: by the webhook, as in life. Needs committed transactions."""
    payment = started(**given)
    deliver_webhooks()
    run_steps()
    return payment


def deliver_webhooks() -> int:
    """Let the sandbox deliver what is due to this very process."""
    return sandbox_webhooks.deliver_due(httpx2.MockTransport(_answer))


def _answer(request: httpx2.Request) -> httpx2.Response:
    asked = RequestFactory().generic(
        request.method, request.url.path, request.content, "application/json", headers=dict(request.headers)
    )
    # Without the signals that would close the test's own connection.
    answer = cast(HttpResponse, get_wsgi_application().get_response(asked))
    return httpx2.Response(answer.status_code, content=answer.content)


def run_steps() -> None:
    """Do of the relay's work what is payments' own: the events it announces stay where they are."""
    while driver.run_due(alias_of("payments")):
        pass


def make_steps_due() -> None:
    """Let the relay try again now what it would try again later."""
    Step.objects.update(next_attempt_at=clock.now())
    Saga.objects.update(next_run_at=clock.now())
    run_steps()


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements of a block, without those that only begin or end a transaction."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    control = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    found += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(control)]


def published() -> list[tuple[str, dict[str, Any]]]:
    """The facts that payments announced, in order."""
    rows = OutboxEvent.objects.filter(name__startswith="payments.").order_by("position")
    return [(row.name.removeprefix("payments."), row.payload) for row in rows]


def books() -> dict[str, int]:
    """What stands in each account, debits above zero."""
    balances: dict[str, int] = {}
    for entry in Entry.objects.order_by("id"):
        balances[entry.account] = balances.get(entry.account, 0) + entry.amount_minor
    return {account: minor for account, minor in balances.items() if minor}


def broken_invariants() -> dict[str, list[tuple[Any, ...]]]:
    """What breaks payments' invariants."""
    broken = {}
    with connection.cursor() as cursor:
        for invariant in registry.invariants:
            if invariant.module == "payments":
                cursor.execute(invariant.sql)
                broken[invariant.name] = cursor.fetchall()
    return {name: rows for name, rows in broken.items() if rows}


@contextmanager
def provider_that(**answers: Any) -> Iterator[None]:
    """Let the sandbox answer differently: `provider_that(fetch=lambda charge: …)`."""
    with ExitStack() as patches:
        for name, answer in answers.items():
            patches.enter_context(patch.object(Sandbox, name, staticmethod(answer)))
        yield
