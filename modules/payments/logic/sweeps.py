"""What nobody asks for and has to happen all the same: run by beat, each safe to repeat and to run beside itself."""

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.money import Money
from modules.payments.contracts import PaymentStatus
from modules.payments.logic.authorizations import capture_payment
from modules.payments.logic.refunds import refund_order
from modules.payments.models import Payment, ProviderEvent

log = structlog.get_logger(__name__)

# An authorisation that nobody has used is taken so long before it lapses: two runs may fail.
BEFORE_IT_LAPSES = timedelta(hours=24)
KEEP_EVENTS = timedelta(days=90)
BATCH = 1000


def capture_lapsing() -> int:
    """Take what is authorised before it lapses; returns how many were taken."""
    lapsing = Payment.objects.filter(
        status=PaymentStatus.AUTHORIZED,
        cancel_requested_at=None,
        capture_before__lte=clock.now() + BEFORE_IT_LAPSES,
    )
    return _each(lapsing.order_by("capture_before")[:BATCH], _capture)


def refund_surplus() -> int:
    """Give back what was captured beyond a payment's amount, and say so in the log; returns how many were."""
    surplus = Payment.objects.filter(captured_minor__gt=F("amount_minor"))
    gone = F("refunded_minor") + F("refund_pending_minor") + F("disputed_minor")
    return _each(surplus.filter(captured_minor__gt=F("amount_minor") + gone).order_by("id")[:BATCH], give_surplus_back)


def forget_old_events() -> int:
    """Delete what providers told us more than 90 days ago: what counts of it is in the observations."""
    old = ProviderEvent.objects.filter(received_at__lt=clock.now() - KEEP_EVENTS).exclude(handled_at=None)
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:BATCH])
    return ProviderEvent.objects.filter(pk__in=ids).delete()[0]


def _each(payments: Iterable[Payment], act: Callable[[Payment], object]) -> int:
    done = 0
    for payment in payments:
        try:
            act(payment)
            done += 1
        except ServiceError as error:
            # The next run tries again; what one payment meets keeps no other from its turn.
            log.warning("payment_not_swept", payment_id=str(payment.pk), sweep=act.__name__, error=repr(error))
    return done


def _capture(payment: Payment) -> None:
    capture_payment(order_id=payment.order_id, purpose=payment.purpose, amount=None)


def give_surplus_back(payment: Payment) -> None:
    """Give back what was captured beyond the payment's amount; for the same surplus once."""
    surplus = Money(minor=payment.captured_minor - payment.amount_minor, currency=payment.currency)
    log.error("payment_captured_twice", payment_id=str(payment.pk), surplus=surplus.amount, currency=surplus.currency)
    refund_order(
        order_id=payment.order_id,
        purpose=payment.purpose,
        # The same for the same surplus, so that two runs at once give it back once.
        reference=uuid.uuid5(payment.pk, f"surplus {payment.captured_minor}"),
        amount=surplus,
        split=None,
        reason="Captured more than was to be paid.",
    )
