"""The built-in provider that moves no money but behaves like one that does, predictable failures included.

Its tables (Sandbox…) are the provider's own: the rest of payments learns of them by asking, or by webhook.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from modules.payments.contracts import Failure, MethodNotAvailable
from modules.payments.logic.inserting import insert_pair
from modules.payments.logic.providers import sandbox_webhooks
from modules.payments.logic.providers.base import Charge, Listed, ListedPage, Notice, Observed, ObservedRefund, Payout
from modules.payments.models import AttemptStatus, RefundStatus, SandboxPayment, SandboxRefund, SandboxWebhook

PAGE = 100


@dataclass(frozen=True)
class Course:
    """What becomes of a charge with one of the test methods."""

    status: AttemptStatus
    event: str
    failure: Failure | None = None
    answer_is_lost: bool = False


# As long as a card's bank holds an amount for a shop.
AUTHORIZED_FOR = timedelta(days=7)

CAPTURED, AUTHORIZED = "payment.captured", "payment.authorized"

METHODS = {
    "sandbox_ok": Course(AttemptStatus.PROCESSING, CAPTURED),
    "sandbox_declined": Course(
        AttemptStatus.FAILED, "payment.failed", Failure(code="card_declined", message="The card was declined.")
    ),
    "sandbox_insufficient_funds": Course(
        AttemptStatus.FAILED,
        "payment.failed",
        Failure(code="insufficient_funds", message="There is not enough money on this card."),
    ),
    "sandbox_3ds": Course(AttemptStatus.REQUIRES_ACTION, "payment.requires_action"),
    "sandbox_timeout": Course(AttemptStatus.PROCESSING, CAPTURED, answer_is_lost=True),
}


class Sandbox:
    """PaymentIntents without a bank: see `METHODS` for what each method does."""

    name = "sandbox"
    public_key: str | None = None
    dashboard = ""

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(METHODS)

    def method_for(self, asked: str | None) -> str:
        method = asked or "sandbox_ok"
        if method not in METHODS:
            raise MethodNotAvailable(method=method)
        return method

    def check_amount(self, amount: Money) -> None:
        # It takes them all.
        pass

    def create(self, charge: Charge) -> Observed:
        course, now = METHODS[charge.method], clock.now()
        payment = SandboxPayment(
            id=charge.attempt_id,
            method=charge.method,
            status=course.status,
            amount_minor=charge.amount.minor,
            currency=charge.amount.currency,
            captures_later=charge.captures_later,
            return_url=f"{settings.PUBLIC_URL}/api/v1/payments/{charge.payment_id}/confirm/",
            created_at=now,
        )
        event = course.event
        if charge.captures_later and course.status == AttemptStatus.PROCESSING:
            payment.status, event = AttemptStatus.AUTHORIZED, AUTHORIZED
        is_new = insert_pair(payment, _webhook(payment.id, event))
        if not is_new:
            return _observed(SandboxPayment.objects.get(pk=charge.attempt_id))
        sandbox_webhooks.wake_delivery()
        if course.answer_is_lost:
            raise Unavailable("The sandbox took the payment, but its answer was lost.", dependency="sandbox")
        return _observed(payment)

    def confirm(self, charge: Charge, method: str | None) -> Observed:
        self.method_for(method)
        waiting = SandboxPayment.objects.filter(pk=charge.attempt_id, status=AttemptStatus.REQUIRES_ACTION)
        with atomic(SandboxPayment):
            if waiting.filter(captures_later=True).update(status=AttemptStatus.AUTHORIZED):
                _announce(charge.attempt_id, AUTHORIZED)
            elif waiting.update(status=AttemptStatus.PROCESSING):
                _announce(charge.attempt_id, CAPTURED)
        return _observed(SandboxPayment.objects.get(pk=charge.attempt_id))

    def fetch(self, charge: Charge) -> Observed | None:
        payment = SandboxPayment.objects.filter(pk=charge.attempt_id).first()
        return _observed(payment) if payment else None

    def capture(self, charge: Charge, capture_id: UUID, amount: Money) -> Observed:
        authorized = SandboxPayment.objects.filter(
            pk=charge.attempt_id, status=AttemptStatus.AUTHORIZED, amount_minor__gte=amount.minor
        )
        with atomic(SandboxPayment):
            if authorized.update(status=AttemptStatus.CAPTURED, captured_minor=amount.minor):
                _announce(charge.attempt_id, CAPTURED)
        return _observed(SandboxPayment.objects.get(pk=charge.attempt_id))

    def cancel(self, charge: Charge) -> Observed:
        cancellable = (AttemptStatus.REQUIRES_ACTION, AttemptStatus.PROCESSING, AttemptStatus.AUTHORIZED)
        with atomic(SandboxPayment):
            # A charge never seen is closed, so that a late `create` of it finds it cancelled.
            payment, _ = SandboxPayment.objects.get_or_create(
                id=charge.attempt_id,
                defaults={
                    "method": charge.method,
                    "status": AttemptStatus.CANCELLED,
                    "amount_minor": charge.amount.minor,
                    "currency": charge.amount.currency,
                    "created_at": clock.now(),
                },
            )
            if SandboxPayment.objects.filter(pk=payment.pk, status__in=cancellable).update(
                status=AttemptStatus.CANCELLED
            ):
                _announce(charge.attempt_id, "payment.cancelled")
        return _observed(SandboxPayment.objects.get(pk=charge.attempt_id))

    def refund(self, charge: Charge, refund_id: UUID, amount: Money) -> Observed:
        left = SandboxPayment.objects.filter(
            pk=charge.attempt_id,
            status=AttemptStatus.CAPTURED,
            captured_minor__gte=F("refunded_minor") + amount.minor,
        )
        values = {"payment_id": charge.attempt_id, "amount_minor": amount.minor, "created_at": clock.now()}
        with atomic(SandboxPayment):
            refund, is_new = SandboxRefund.objects.get_or_create(id=refund_id, defaults=values | {"succeeded": False})
            if is_new and left.update(refunded_minor=F("refunded_minor") + amount.minor):
                SandboxRefund.objects.filter(pk=refund.pk).update(succeeded=True)
                _announce(charge.attempt_id, "payment.refunded")
        return _observed(SandboxPayment.objects.get(pk=charge.attempt_id))

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return sandbox_webhooks.verify(headers, body)

    def list_attempts(self, since: datetime, until: datetime, cursor: str | None) -> ListedPage:
        begun = SandboxPayment.objects.filter(created_at__gte=since, created_at__lt=until).order_by("id")
        if cursor is not None:
            begun = begun.filter(id__gt=UUID(cursor))
        page = list(begun.prefetch_related("refunds")[:PAGE])
        listed = [
            Listed(attempt_id=payment.id, created_at=payment.created_at, observed=_observed(payment))
            for payment in page
        ]
        return ListedPage(listed=tuple(listed), cursor=str(page[-1].id) if len(page) == PAGE else None)

    def list_payouts(self, since: datetime, until: datetime) -> Iterator[Payout]:
        # Its money goes nowhere.
        return iter(())


def _announce(payment_id: UUID, event: str) -> None:
    _webhook(payment_id, event).save(force_insert=True)
    sandbox_webhooks.wake_delivery()


def _webhook(payment_id: UUID, event: str) -> SandboxWebhook:
    now = clock.now()
    return SandboxWebhook(payment_id=payment_id, type=event, next_attempt_at=now, created_at=now)


def _observed(payment: SandboxPayment) -> Observed:
    status = AttemptStatus(payment.status)
    waits = status == AttemptStatus.REQUIRES_ACTION
    return Observed(
        reference=f"sandbox_{payment.id.hex}",
        status=status,
        amount=Money(minor=payment.amount_minor, currency=payment.currency),
        authorized_minor=payment.amount_minor if status == AttemptStatus.AUTHORIZED else 0,
        captured_minor=payment.captured_minor,
        capture_before=payment.created_at + AUTHORIZED_FOR if status == AttemptStatus.AUTHORIZED else None,
        refunds=_refunds(payment) if status == AttemptStatus.CAPTURED else (),
        failure=METHODS[payment.method].failure if status == AttemptStatus.FAILED else None,
        next_action={"type": "redirect", "url": payment.return_url} if waits else None,
    )


def _refunds(payment: SandboxPayment) -> tuple[ObservedRefund, ...]:
    return tuple(
        ObservedRefund(
            reference=f"sandbox_{refund.id.hex}",
            refund_id=refund.id,
            status=RefundStatus.SUCCEEDED if refund.succeeded else RefundStatus.FAILED,
            amount_minor=refund.amount_minor,
        )
        for refund in sorted(payment.refunds.all(), key=lambda refund: (refund.created_at, refund.id))
    )
