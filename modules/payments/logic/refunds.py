"""Giving money back: reserved first, so that however many ask at once, never more goes out than came in."""

from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock, driver, leases
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments import models
from modules.payments.contracts import Payment, RefundExceedsCaptured, RefundRefused, Split
from modules.payments.logic import attempts
from modules.payments.logic.amounts import check_amount, check_split
from modules.payments.logic.books import open_book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.recording import record
from modules.payments.logic.records import as_contract, get_row
from modules.payments.models import Attempt, AttemptStatus, Refund, RefundStatus

LEFT = F("captured_minor") - F("refunded_minor") - F("refund_pending_minor")


def refund_payment(
    *, order_id: UUID, purpose: str, reference: UUID, amount: Money | None, split: Split | None, reason: str
) -> Payment:
    """Give back `amount` (None: all that is left), once per reference; repeating returns how it stands.

    Where it takes its time PaymentRefunded says when it is done. Raises RefundExceedsCaptured, RefundRefused,
    PaymentNotFound, SplitMismatch, and Unavailable when the provider's answer is not known: the amount stays reserved,
    and the provider is asked again until it is.
    """
    payment = get_row(order_id=order_id, purpose=purpose)
    wanted = Money(minor=_left(payment), currency=payment.currency) if amount is None else amount
    refund = Refund.objects.filter(payment=payment, reference=reference).first()
    if refund is None:
        parts = _parts_left(payment, wanted) if amount is None and split is None else split
        refund = _reserve(payment, _new_refund(payment, reference, wanted, parts, reason))
    if refund.status == RefundStatus.PENDING:
        _drive(payment.id)
        refund.refresh_from_db()
    if refund.status == RefundStatus.FAILED:
        raise RefundRefused
    if refund.status == RefundStatus.PENDING and not refund.provider_reference:
        raise Unavailable("The provider has yet to be asked for this refund.", dependency=payment.provider)
    payment.refresh_from_db()
    return as_contract(payment)


@step
def carry_out_refund(run: Run, *, refund_id: UUID) -> None:
    """Ask the provider for a refund that is reserved; its own id is the idempotency key."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    payment = refund.payment
    attempt = Attempt.objects.filter(payment=payment, status=AttemptStatus.CAPTURED).order_by("number")[0]
    amount = Money(minor=refund.amount_minor, currency=payment.currency)
    provider = find_provider(attempt.provider)
    observed = provider.refund(attempts.charge_of(payment, attempt), refund.id, amount)
    with run.done(models.Payment):
        record(open_book(payment.id), attempt.id, observed)


def _left(payment: models.Payment) -> int:
    return payment.captured_minor - payment.refunded_minor - payment.refund_pending_minor


def _parts_left(payment: models.Payment, wanted: Money) -> Split | None:
    """What is left of a payment's parts; None where that is not known, or not what is wanted."""
    left = [payment.sales_minor, payment.tax_minor, payment.shipping_minor]
    others = Refund.objects.filter(payment=payment).exclude(status=RefundStatus.FAILED)
    for parts in others.values_list("sales_minor", "tax_minor", "shipping_minor"):
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        left = [minor - part for minor, part in zip(left, known, strict=True)]
    if sum(left) != wanted.minor or min(left) < 0:
        return None
    sales, tax, shipping = (Money(minor=minor, currency=payment.currency) for minor in left)
    return Split(sales=sales, tax=tax, shipping=shipping)


def _new_refund(payment: models.Payment, reference: UUID, amount: Money, split: Split | None, reason: str) -> Refund:
    if amount.currency != payment.currency or _left(payment) <= 0:
        raise RefundExceedsCaptured
    check_amount(amount)
    if split is not None:
        check_split(split, amount.minor, payment.currency)
    return Refund(
        id=new_id(),
        payment=payment,
        reference=reference,
        amount_minor=amount.minor,
        sales_minor=split.sales.minor if split else None,
        tax_minor=split.tax.minor if split else None,
        shipping_minor=split.shipping.minor if split else None,
        reason=reason[:200],
        created_at=clock.now(),
    )


def _reserve(payment: models.Payment, new: Refund) -> Refund:
    """The refund, its reservation and the step that carries it out; a reference that is there already is returned."""
    with atomic(models.Payment):
        # Of two with one reference the second waits here, and finds the first's.
        Refund.objects.bulk_create([new], ignore_conflicts=True)
        refund = Refund.objects.get(payment=payment, reference=new.reference)
        if refund.id == new.id:
            _take(payment, new.amount_minor)
            add_steps(payment.id, [NewStep(carry_out_refund, {"refund_id": refund.id}, key=str(refund.id))])
    return refund


def _take(payment: models.Payment, minor: int) -> None:
    enough = models.Payment.objects.annotate(left=LEFT).filter(pk=payment.pk, left__gte=minor)
    reserved = F("refund_pending_minor") + minor
    if not enough.update(refund_pending_minor=reserved, version=F("version") + 1):
        raise RefundExceedsCaptured(requested=minor)


def _drive(payment_id: UUID) -> None:
    """Carry it out now; when somebody else is at this payment's steps, he does."""
    if (lease := leases.claim("payments", payment_id)) is not None:
        driver.drive(lease)
