"""Giving money back: reserved first, so that however many ask at once, never more goes out than came in."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money, share
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments import models
from modules.payments.contracts import Payment, PaymentNotFound, RefundExceedsCaptured, RefundRefused, Split
from modules.payments.logic import attempts
from modules.payments.logic.amounts import check_amount, check_split
from modules.payments.logic.books import open_book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.providers.base import Observed
from modules.payments.logic.recording import record
from modules.payments.logic.records import as_contract
from modules.payments.models import Attempt, Refund, RefundStatus

LEFT = F("captured_minor") - F("refunded_minor") - F("refund_pending_minor") - F("disputed_minor")


def refund_order(
    *,
    order_id: UUID,
    reference: UUID,
    amount: Money | None,
    split: Split | None,
    reason: str,
    purpose: str | None = None,
) -> list[Payment]:
    """Give back `amount` (None: all that is left) out of all of an order's payments, the oldest first, or of the one
    with this purpose, once per reference; repeating returns how those stand that have taken anything.

    Where it takes its time PaymentRefunded says when it is done. Raises RefundExceedsCaptured, RefundRefused,
    PaymentNotFound, SplitMismatch, and Unavailable when the provider's answer is not known: the amount stays reserved,
    and the provider is asked again until it is. Where it takes several payments, and one of them refuses its part for
    good, the others' parts have gone back all the same (PaymentRefunded tells so), and RefundRefused is raised.
    """
    payments = models.Payment.objects.filter(order_id=order_id, is_tombstone=False)
    if purpose is not None:
        payments = payments.filter(purpose=purpose)
    found = list(payments.order_by("created_at", "id"))
    if not found:
        raise PaymentNotFound
    _refund(found, reference, amount, split, reason)
    return [as_contract(payment) for payment in payments.filter(captured_minor__gt=0).order_by("created_at", "id")]


def left_to_refund(payment: models.Payment) -> Money:
    """What of a payment may still go back, as it stands now."""
    return Money(minor=max(_left(payment), 0), currency=payment.currency)


def split_of_rest(payment: models.Payment, amount: Money) -> Split | None:
    """How an amount divides over the accounts: known where it is all of the price that is left, else None."""
    return _parts_left(payment, amount)


@step
def carry_out_refund(run: Run, *, refund_id: UUID) -> None:
    """Ask the provider for a refund that is reserved; its own id is the idempotency key."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    payment = refund.payment
    attempt = _attempt_of(refund)
    amount = Money(minor=refund.amount_minor, currency=payment.currency)
    provider = find_provider(attempt.provider)
    observed = provider.refund(attempts.charge_of(payment, attempt), refund.id, amount)
    with run.done(models.Payment):
        record(open_book(payment.id), attempt.id, observed)


def _attempt_of(refund: Refund) -> Attempt:
    """The attempt that gives it back; where several were captured, the choice is kept before the provider is asked."""
    book = open_book(refund.payment_id)
    said = dict(zip((attempt.pk for attempt in book.attempts), book.fold().attempts, strict=True))
    taken = [attempt for attempt in book.attempts if said[attempt.pk].captured_minor]
    if len(taken) > 1:
        chosen = max(taken, key=lambda attempt: (_left_of(said[attempt.pk]) >= refund.amount_minor, attempt.number))
        Refund.objects.filter(pk=refund.pk, attempt=None).update(attempt=chosen)
        refund.refresh_from_db(fields=["attempt"])
    return next(attempt for attempt in taken if refund.attempt_id in (None, attempt.pk))


def _left_of(said: Observed) -> int:
    return said.captured_minor - sum(one.amount_minor for one in said.refunds if one.status != RefundStatus.FAILED)


def _refund(
    payments: Sequence[models.Payment], reference: UUID, amount: Money | None, split: Split | None, reason: str
) -> None:
    refunds = list(Refund.objects.filter(payment__in=payments, reference=reference))
    if not refunds:
        refunds = _reserve(payments, reference, amount, split, reason)
    for refund in refunds:
        if refund.status == RefundStatus.PENDING:
            _carry_out(refund)
    if any(refund.status == RefundStatus.FAILED for refund in refunds):
        raise RefundRefused
    for refund in refunds:
        if refund.status == RefundStatus.PENDING and not refund.provider_reference:
            provider = next(payment.provider for payment in payments if payment.id == refund.payment_id)
            raise Unavailable("The provider has yet to be asked for this refund.", dependency=provider)


def _carry_out(refund: Refund) -> None:
    def is_known() -> bool:
        refund.refresh_from_db()
        return refund.status != RefundStatus.PENDING or bool(refund.provider_reference)

    driver.drive_or_wait("payments", refund.payment_id, is_known)
    refund.refresh_from_db()


def _reserve(
    payments: Sequence[models.Payment], reference: UUID, amount: Money | None, split: Split | None, reason: str
) -> list[Refund]:
    """A refund of each payment that pays its part, its reservation, and the step that carries it out."""
    with atomic(models.Payment):
        # Of two with one reference the second waits here, and finds the first's.
        list(models.Payment.objects.select_for_update().filter(id__in=[one.id for one in payments]).order_by("id"))
        if begun := list(Refund.objects.filter(payment__in=payments, reference=reference)):
            return begun
        for payment in payments:
            payment.refresh_from_db()
        new = _new_refunds(payments, amount, split)
        for refund in new:
            refund.reference, refund.reason = reference, reason[:200]
            _take(refund)
        Refund.objects.bulk_create(new)
        for refund in new:
            step_of_it = NewStep(carry_out_refund, {"refund_id": refund.id}, key=str(refund.id))
            add_steps(refund.payment_id, [step_of_it])
    return new


def _new_refunds(payments: Sequence[models.Payment], amount: Money | None, split: Split | None) -> list[Refund]:
    """What each payment gives back of the amount: the oldest all that it can."""
    currency, left = payments[0].currency, sum(_left(payment) for payment in payments)
    wanted = Money(minor=left, currency=currency) if amount is None else amount
    if wanted.currency != currency or left <= 0:
        raise RefundExceedsCaptured
    check_amount(wanted)
    if wanted.minor > left:
        raise RefundExceedsCaptured(requested=wanted.minor)
    if split is not None:
        check_split(split, wanted.minor, currency)
    parts, rest = [], wanted
    for payment in payments:
        if part := Money(minor=max(min(_left(payment), rest.minor), 0), currency=currency):
            mine = _parts_left(payment, part) if amount is None and split is None else _divide(split, part)
            split = _without(split, mine)
            rest -= part
            parts.append(_new_refund(payment, part, mine))
    return parts


def _new_refund(payment: models.Payment, amount: Money, split: Split | None) -> Refund:
    return Refund(
        id=new_id(),
        payment=payment,
        amount_minor=amount.minor,
        sales_minor=split.sales.minor if split else None,
        tax_minor=split.tax.minor if split else None,
        shipping_minor=split.shipping.minor if split else None,
        created_at=clock.now(),
    )


def _divide(split: Split | None, part: Money) -> Split | None:
    """The share of a split that comes to so much."""
    if split is None:
        return None
    sales, tax, shipping = share(part, [split.sales.minor, split.tax.minor, split.shipping.minor])
    return Split(sales=sales, tax=tax, shipping=shipping)


def _without(split: Split | None, taken: Split | None) -> Split | None:
    if split is None or taken is None:
        return split
    return Split(sales=split.sales - taken.sales, tax=split.tax - taken.tax, shipping=split.shipping - taken.shipping)


def _left(payment: models.Payment) -> int:
    taken = payment.refunded_minor + payment.refund_pending_minor + payment.disputed_minor
    return payment.captured_minor - taken


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


def _take(refund: Refund) -> None:
    enough = models.Payment.objects.annotate(left=LEFT).filter(pk=refund.payment_id, left__gte=refund.amount_minor)
    reserved = F("refund_pending_minor") + refund.amount_minor
    if not enough.update(refund_pending_minor=reserved, version=F("version") + 1):
        raise RefundExceedsCaptured(requested=refund.amount_minor)
