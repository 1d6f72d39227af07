"""What can be seen in our own tables alone: payments against the books, and what has waited for too long; payouts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, router
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.money import Money
from modules.payments.contracts import Drift, DriftKind
from modules.payments.logic import ledger
from modules.payments.logic.providers.base import Provider
from modules.payments.logic.sweeps import give_surplus_back
from modules.payments.models import Payment, Posting, ProviderEvent, Refund, RefundStatus

LONG_AGO = timedelta(hours=24)

NOT_AS_BOOKED = """
    SELECT payment.id, payment.order_id, payment.currency, payment.captured_minor - payment.refunded_minor,
        coalesce(sum(entry.amount_minor), 0)
    FROM payments_payment payment
    LEFT JOIN payments_posting posting
        ON posting.payment_id = payment.id AND posting.kind IN ('capture', 'refund', 'refund_returned')
    LEFT JOIN payments_entry entry ON entry.posting_id = posting.id AND entry.account LIKE 'provider:%%:clearing'
    WHERE payment.provider = %s AND payment.created_at >= %s AND payment.created_at < %s
    GROUP BY payment.id HAVING payment.captured_minor - payment.refunded_minor <> coalesce(sum(entry.amount_minor), 0)
    ORDER BY payment.id
"""


def find(provider: Provider, since: datetime, until: datetime, *, fix: bool) -> Iterator[Drift]:
    """The differences in what was begun, told or paid out in this time."""
    yield from _not_as_booked(provider.name, since, until)
    yield from _surplus(provider.name, since, until, fix=fix)
    yield from _stuck_refunds(provider.name, since, until)
    yield from _unmatched_events(provider.name, since, until)
    yield from _unbooked_payouts(provider, since, until, fix=fix)


def _not_as_booked(provider: str, since: datetime, until: datetime) -> Iterator[Drift]:
    with connections[router.db_for_read(Payment)].cursor() as cursor:
        cursor.execute(NOT_AS_BOOKED, [provider, since, until])
        rows = cursor.fetchall()
    for payment_id, order_id, currency, kept, booked in rows:
        here, there = (Money(minor=int(minor), currency=currency).amount for minor in (kept, booked))
        yield Drift(
            kind=DriftKind.LEDGER,
            reference=str(payment_id),
            here=f"payment {here}",
            there=f"books {there}",
            payment_id=payment_id,
            order_id=order_id,
        )


def _surplus(provider: str, since: datetime, until: datetime, *, fix: bool) -> Iterator[Drift]:
    gone = F("refunded_minor") + F("refund_pending_minor") + F("disputed_minor")
    found = Payment.objects.filter(
        provider=provider,
        created_at__gte=since,
        created_at__lt=until,
        captured_minor__gt=F("amount_minor") + gone,
    )
    for payment in found.order_by("id"):
        yield _drift(
            payment,
            DriftKind.SURPLUS,
            here=_amount(payment, payment.amount_minor),
            there=_amount(payment, payment.captured_minor),
            is_safe=True,
            is_fixed=fix and _is_given_back(payment),
        )


def _is_given_back(payment: Payment) -> bool:
    try:
        give_surplus_back(payment)
    except ServiceError:
        return False
    return True


def _stuck_refunds(provider: str, since: datetime, until: datetime) -> Iterator[Drift]:
    old = Refund.objects.filter(
        status=RefundStatus.PENDING,
        created_at__gte=since,
        created_at__lt=min(until, clock.now() - LONG_AGO),
        payment__provider=provider,
    )
    for refund in old.select_related("payment").order_by("id"):
        here = f"{_amount(refund.payment, refund.amount_minor)} since {refund.created_at:%Y-%m-%d %H:%M}"
        there = refund.provider_reference or "nothing"
        yield _drift(refund.payment, DriftKind.REFUND_STUCK, here=here, there=there)


def _unmatched_events(provider: str, since: datetime, until: datetime) -> Iterator[Drift]:
    old = ProviderEvent.objects.filter(
        provider=provider,
        handled_at=None,
        received_at__gte=since,
        received_at__lt=min(until, clock.now() - LONG_AGO),
    )
    for event in old.order_by("id"):
        yield Drift(
            kind=DriftKind.EVENT_UNMATCHED,
            reference=event.event_id,
            here="nothing",
            there=f"{event.type} {event.provider_reference}".strip(),
        )


def _unbooked_payouts(provider: Provider, since: datetime, until: datetime, *, fix: bool) -> Iterator[Drift]:
    for payout in provider.list_payouts(since, until):
        if Posting.objects.filter(kind="payout", reference=f"{provider.name}:{payout.reference}").exists():
            continue
        yield Drift(
            kind=DriftKind.PAYOUT,
            reference=payout.reference,
            here="nothing",
            there=f"{payout.amount.amount} {payout.amount.currency}",
            is_safe=True,
            is_fixed=fix and ledger.post_payout(provider.name, payout),
        )


def _drift(payment: Payment, kind: DriftKind, **said: Any) -> Drift:
    return Drift(kind=kind, reference=str(payment.pk), payment_id=payment.pk, order_id=payment.order_id, **said)


def _amount(payment: Payment, minor: int) -> str:
    return Money(minor=minor, currency=payment.currency).amount
