"""The shop's side of a scenario: what its buyer's page, its staff and its relay do."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import time_machine

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Conflict, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from modules.payments import models
from modules.payments.contracts import Drift
from modules.payments.logic.authorizations import capture_payment, void_payment
from modules.payments.logic.drift import find_drift
from modules.payments.logic.records import get_payment
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.retrying import confirm_payment, retry_payment
from modules.payments.logic.starting import start_payment
from modules.payments.tests.chaos.worlds import PayPalWorld, SandboxWorld, StripeWorld, World
from modules.payments.tests.factories import eur, make_steps_due, run_steps, start_arguments
from tests.fakes.paypal import PayPalServer
from tests.fakes.stripe import StripeServer

Request = Callable[[], object]
# How often a client asks again where the answer is that nobody knows yet.
TRIES = 20


class Shop:
    """One payment, from its first request on."""

    def __init__(self, world: World, traveller: time_machine.Traveller | None = None) -> None:
        self.world, self._traveller = world, traveller
        self.order_id: UUID = new_id()
        self.began_at = clock.now()
        # The requests so far, which a client may send again.
        self.requests: list[Request] = []
        # The references of the refunds that were asked for.
        self.references: list[UUID] = []
        # How many events there were when our last own call had ended: the provider cannot stand before that any more.
        self.known_until = 0

    @property
    def stripe(self) -> StripeServer:
        return cast(StripeWorld, self.world).server

    @property
    def paypal(self) -> PayPalServer:
        return cast(PayPalWorld, self.world).server

    @property
    def sandbox(self) -> SandboxWorld:
        return cast(SandboxWorld, self.world)

    @property
    def payment(self) -> models.Payment:
        return models.Payment.objects.get(order_id=self.order_id)

    @property
    def reference(self) -> str:
        """The provider's name of the last attempt."""
        return models.Attempt.objects.filter(payment=self.payment).order_by("-number")[0].provider_reference

    def secret(self) -> str:
        """What the buyer's page was told to go on with."""
        return self.payment.client_secret

    def start(self, **given: Any) -> None:
        arguments = start_arguments(provider=self.world.name, order_id=self.order_id, **{"method": None, **given})
        self._ask(lambda: start_payment(**arguments))

    def start_and_hear_nothing(self, **given: Any) -> None:
        """The request fails, and nobody sends it again."""
        arguments = start_arguments(provider=self.world.name, order_id=self.order_id, **{"method": None, **given})
        with suppress(Unavailable):
            start_payment(**arguments)
        self.requests.append(lambda: start_payment(**arguments))

    def poll(self) -> None:
        """The buyer's page asks how it stands."""
        payment_id = self.payment.pk
        self._until_known(lambda: confirm_payment(payment_id=payment_id))
        get_payment(payment_id=payment_id)

    def retry(self) -> None:
        self.poll()
        payment_id = self.payment.pk
        self._ask(lambda: retry_payment(payment_id=payment_id))

    def capture(self, minor: int | None = None) -> None:
        self.poll()
        amount = None if minor is None else eur(minor)
        self._ask(lambda: capture_payment(order_id=self.order_id, purpose="order", amount=amount))

    def void(self) -> None:
        self.poll()
        payment_id = self.payment.pk
        self._ask(lambda: void_payment(payment_id=payment_id))

    def refund(self, minor: int | None = None) -> None:
        self.poll()
        reference, amount = new_id(), None if minor is None else eur(minor)
        self.references.append(reference)
        arguments: dict[str, Any] = {"order_id": self.order_id, "split": None, "reason": ""}
        self._ask(lambda: refund_order(reference=reference, amount=amount, **arguments))

    def repeat(self, number: int) -> None:
        """A request comes once more: it may be refused by now."""
        with suppress(Conflict):
            self._until_known(self.requests[number])

    def minutes_pass(self, minutes: int) -> None:
        if self._traveller is not None:
            self._traveller.shift(timedelta(minutes=minutes))

    def relay(self) -> None:
        """What is due is done."""
        run_steps()

    def settle(self) -> None:
        """Everything that waits is done."""
        make_steps_due()
        left = Step.objects.filter(aggregate_id=self.payment.pk, status__in=("pending", "parked"))
        assert list(left.values_list("name", "status", "last_error")) == []

    def reconcile(self, *, fix: bool) -> list[Drift]:
        """Compare with the provider's records from before the payment began until now."""
        since, until = self.began_at - timedelta(minutes=1), clock.now() + timedelta(minutes=1)
        return find_drift(provider=self.world.name, since=since, until=until, fix=fix).drifts

    def _ask(self, request: Request) -> None:
        """One of our own requests, sent until it is answered."""
        self._until_known(request)
        self.requests.append(request)
        self.known_until = self.world.count()

    def _until_known(self, request: Request) -> None:
        for _ in range(TRIES):
            try:
                request()
            except Unavailable:
                time.sleep(0.05)
            else:
                return
        request()
