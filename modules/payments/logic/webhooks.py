"""Events from providers: kept as they came, answered at once, followed up by asking the provider itself.

An event only says that something may have changed, so their order, repetition or loss cannot matter.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments.logic import attempts
from modules.payments.logic.books import open_book
from modules.payments.logic.providers import webhook_provider
from modules.payments.logic.providers.base import InvalidSignature
from modules.payments.logic.recording import record
from modules.payments.models import Attempt, Payment, ProviderEvent

# How long an event may wait for the attempt it is about: the provider may be quicker than our own commit.
MATCH_FOR = timedelta(hours=24)
LONGEST_EVENT_ID = 255


class MatchesNoAttempt(Exception):
    """For a day nobody has known the attempt this event is about."""


def receive_event(*, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a provider's event and what has to follow from it; a repetition changes nothing.

    Raises NotFound for an unknown provider and InvalidSignature.
    """
    notice = webhook_provider(provider).verify_webhook(headers, body)
    if not 0 < len(notice.event_id) <= LONGEST_EVENT_ID:
        raise InvalidSignature
    attempt = _find_attempt(provider, notice.attempt_id, notice.reference)
    now = clock.now()
    kept = {
        "type": notice.type,
        "attempt_id": notice.attempt_id,
        "provider_reference": notice.reference,
        "body": b"" if _is_forgotten(attempt) else body,
        "received_at": now,
        "handled_at": None if notice.matters and attempt is None else now,
    }
    with atomic(ProviderEvent):
        event, is_new = ProviderEvent.objects.get_or_create(provider=provider, event_id=notice.event_id, defaults=kept)
        if is_new and notice.matters:
            _follow_up(event, attempt)


@step
def refetch_attempt(run: Run, *, attempt_id: UUID) -> None:
    """Ask the provider how an attempt stands, and record it; the step's aggregate is the payment."""
    attempt = Attempt.objects.select_related("payment").get(pk=attempt_id)
    observed = attempts.observe(attempt.payment, attempt)
    with run.done(Payment):
        if observed is not None:
            record(open_book(attempt.payment_id), attempt.id, observed)


@step
def match_event(run: Run) -> None:
    """Find the attempt that an event came too early for; for a day, then it is for people to look at."""
    event = ProviderEvent.objects.get(pk=run.aggregate_id)
    attempt = _find_attempt(event.provider, event.attempt_id, event.provider_reference)
    if attempt is None and clock.now() - event.received_at < MATCH_FOR:
        raise Unavailable("No attempt is known for this event yet.", dependency=event.provider)
    if attempt is None:
        raise MatchesNoAttempt(event.event_id)
    with run.done(ProviderEvent):
        kept = {"body": b""} if _is_forgotten(attempt) else {}
        ProviderEvent.objects.filter(pk=event.pk).update(handled_at=clock.now(), **kept)
        _follow_up(event, attempt)


def _follow_up(event: ProviderEvent, attempt: Attempt | None) -> None:
    if attempt is None:
        add_steps(event.id, [match_event])
    else:
        add_steps(attempt.payment_id, [NewStep(refetch_attempt, {"attempt_id": attempt.id}, key=str(event.id))])


def _find_attempt(provider: str, attempt_id: UUID | None, reference: str) -> Attempt | None:
    of_provider = Attempt.objects.filter(provider=provider).select_related("payment")
    if attempt_id is not None:
        return of_provider.filter(pk=attempt_id).first()
    return of_provider.filter(provider_reference=reference).first() if reference else None


def _is_forgotten(attempt: Attempt | None) -> bool:
    """Whether it is about somebody who has erased his account: then the provider's words are not for keeping."""
    return attempt is not None and attempt.payment.payer_erased_at is not None
