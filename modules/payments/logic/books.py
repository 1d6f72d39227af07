"""A payment as it was read at one version, with everything its state is made of."""

import hashlib
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
from django.db.models import Prefetch

from ecommerce.kernel import wire
from modules.payments.logic.folding import RefundIntent, State, fold
from modules.payments.logic.providers.base import Observed
from modules.payments.models import Attempt, Observation, Payment, Refund

# What was said of one attempt, each under its digest.
Said = dict[str, Observed]


@dataclass
class Book:
    """One payment with its attempts (oldest first), what was said of each, and its refunds."""

    payment: Payment
    attempts: list[Attempt]
    said: dict[UUID, Said]
    refunds: list[Refund]

    @property
    def last_attempt(self) -> Attempt:
        return self.attempts[-1]

    def fold(self) -> State:
        """The payment's state by what the book holds."""
        intents = [RefundIntent(id=r.id, amount_minor=r.amount_minor) for r in self.refunds if r.reference]
        observations = [self.said[attempt.id].values() for attempt in self.attempts]
        return fold(observations, intents, cancel_requested=self.payment.cancel_requested_at is not None)


def new_book(payment: Payment, attempt: Attempt) -> Book:
    """The book of a payment that was written just now: nothing needs reading."""
    return Book(payment, [attempt], {attempt.id: {}}, [])


def open_book(payment_id: UUID) -> Book:
    """Read a payment; its own row first, so that whatever comes in between shows in the version."""
    observations = Prefetch("observations", Observation.objects.order_by("observed_at", "id"))
    attempts = Prefetch("attempts", Attempt.objects.order_by("number").prefetch_related(observations))
    refunds = Prefetch("refunds", Refund.objects.order_by("created_at", "id"))
    payment = Payment.objects.prefetch_related(attempts, refunds).get(pk=payment_id)
    return Book(
        payment,
        list(payment.attempts.all()),
        {attempt.id: said_of(attempt) for attempt in payment.attempts.all()},
        list(payment.refunds.all()),
    )


def to_keep(observed: Observed) -> Observed:
    """An observation without what is not for keeping."""
    return replace(observed, client_secret="")


def digest_of(observed: Observed) -> str:
    """The same for the same thing said again."""
    return hashlib.sha256(msgspec.json.encode(to_keep(observed), order="deterministic")).hexdigest()


def said_of(attempt: Attempt) -> Said:
    """What was said of an attempt whose observations are read."""
    return {row.digest: wire.from_plain(row.said, Observed) for row in attempt.observations.all()}
