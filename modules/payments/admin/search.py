"""How staff find payments and events: by whole ids and references, each read from an index."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from modules.payments.contracts import PROVIDERS
from modules.payments.models import Attempt, Dispute, Payment, ProviderEvent

OF_PAYMENTS = "The whole id of a payment, of its order or of an attempt, or the provider's name of it or of a dispute"
OF_EVENTS = "The whole id of an event or of an attempt, or the provider's name of what it is about"
# Of an order's payments, or an attempt's events.
MOST_FOUND = 1000


def payments(found: QuerySet[Payment], text: str) -> QuerySet[Payment]:
    """The payments that an id or a reference means."""
    wanted = as_id(text)
    by = _by_reference(text) if wanted is None else _by_id(wanted)
    return found.filter(pk__in=list(by[:MOST_FOUND]))


def events(found: QuerySet[ProviderEvent], text: str) -> QuerySet[ProviderEvent]:
    """The events that an id or a reference means."""
    # The indexes begin with the provider.
    named = Q(provider__in=PROVIDERS, event_id=text) | Q(provider__in=PROVIDERS, provider_reference=text)
    wanted = as_id(text)
    return found.filter(named if wanted is None else named | Q(attempt_id=wanted))


def as_id(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_id(wanted: UUID) -> QuerySet[Any, UUID]:
    by_payment = Payment.objects.filter(Q(pk=wanted) | Q(order_id=wanted)).order_by()
    return by_payment.values_list("pk", flat=True).union(
        Attempt.objects.filter(pk=wanted).order_by().values_list("payment_id", flat=True)
    )


def _by_reference(text: str) -> QuerySet[Any, UUID]:
    wanted: dict[str, Any] = {"provider__in": PROVIDERS, "provider_reference": text}
    by_attempt = Attempt.objects.filter(**wanted).order_by().values_list("payment_id", flat=True)
    return by_attempt.union(Dispute.objects.filter(**wanted).order_by().values_list("payment_id", flat=True))
