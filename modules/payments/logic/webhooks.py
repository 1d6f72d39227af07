"""Events from providers: kept as they came, answered at once, followed up by asking the provider itself.

An event only says that something may have changed, so their order, repetition or loss cannot matter.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.steps import NewStep, Run, add_steps, finish_same, same_steps, step
from modules.payments.logic import attempts
from modules.payments.logic.books import open_book
from modules.payments.logic.inserting import insert_new
from modules.payments.logic.providers import webhook_provider
from modules.payments.logic.providers.base import InvalidSignature
from modules.payments.logic.recording import is_recorded, record
from modules.payments.models import Attempt, Payment, ProviderEvent

# How long an event may wait for the attempt it is about: the provider may be quicker than our own commit.
MATCH_FOR = timedelta(hours=24)
LONGEST_EVENT_ID = 255


class About(NamedTuple):
    """Which attempt an event is about, of which payment, and whether its payer has erased his account."""

    attempt_id: UUID
    payment_id: UUID
    is_forgotten: bool


class MatchesNoAttempt(Exception):
    """For a day nobody has known the attempt this event is about."""


def receive_event(*, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a provider's event and what has to follow from it; a repetition changes nothing.

    Raises NotFound for an unknown provider and InvalidSignature.
    """
    notice = webhook_provider(provider).verify_webhook(headers, body)
    if not 0 < len(notice.event_id) <= LONGEST_EVENT_ID:
        raise InvalidSignature
    about = _find_attempt(provider, notice.attempt_id, notice.reference)
    now = clock.now()
    event = ProviderEvent(
        provider=provider,
        event_id=notice.event_id,
        type=notice.type,
        attempt_id=notice.attempt_id,
        provider_reference=notice.reference,
        body=_to_keep(body, about),
        received_at=now,
        handled_at=None if notice.matters and about is None else now,
    )
    with atomic(ProviderEvent):
        if insert_new(event) and notice.matters:
            _follow_up(event, about)


@step
def refetch_attempt(run: Run, *, attempt_id: UUID) -> None:
    """Ask the provider how an attempt stands, and record it; the step's aggregate is the payment."""
    # Events come in bunches: those that were here before we ask are answered by asking once.
    others = same_steps(run)
    attempt = Attempt.objects.select_related("payment").get(pk=attempt_id)
    observed = attempts.observe(attempt.payment, attempt)
    with run.done(Payment):
        # Most events of a payment tell nothing new: then its book need not be opened.
        if observed is not None and not is_recorded(attempt.id, observed):
            record(open_book(attempt.payment_id), attempt.id, observed)
        finish_same(run, others)


@step
def match_event(run: Run) -> None:
    """Find the attempt that an event came too early for; for a day, then it is for people to look at."""
    event = ProviderEvent.objects.get(pk=run.aggregate_id)
    about = _find_attempt(event.provider, event.attempt_id, event.provider_reference)
    if about is None and clock.now() - event.received_at < MATCH_FOR:
        raise Unavailable("No attempt is known for this event yet.", dependency=event.provider)
    if about is None:
        raise MatchesNoAttempt(event.event_id)
    with run.done(ProviderEvent):
        body = _to_keep(bytes(event.body), about)
        ProviderEvent.objects.filter(pk=event.pk).update(handled_at=clock.now(), body=body)
        _follow_up(event, about)


def _follow_up(event: ProviderEvent, about: About | None) -> None:
    if about is None:
        add_steps(event.id, [match_event])
    else:
        add_steps(about.payment_id, [NewStep(refetch_attempt, {"attempt_id": about.attempt_id}, key=str(event.id))])


def _find_attempt(provider: str, attempt_id: UUID | None, reference: str) -> About | None:
    # Rows of these three columns: the endpoint is asked a hundred times a second on a good day.
    attempts_of = Attempt.objects.filter(provider=provider).values_list("pk", "payment_id", "payment__payer_erased_at")
    if attempt_id is not None:
        found = attempts_of.filter(pk=attempt_id).first()
    else:
        found = attempts_of.filter(provider_reference=reference).first() if reference else None
    return About(found[0], found[1], is_forgotten=found[2] is not None) if found else None


def _to_keep(body: bytes, about: About | None) -> bytes:
    """The provider's words, unless they are about somebody who has erased his account: those are not for keeping."""
    return b"" if about is not None and about.is_forgotten else body
