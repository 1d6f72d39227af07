"""Giving money back: by units of lines, by the shipping, or by an amount that lowers the price of everything.

A refund is written first, under the order's lock, so that however many ask at once never more is promised than came in;
its steps then pay it back. They are the refund's own, not the order's: calling the order off does not give them up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive, drive_or_wait
from ecommerce.kernel.errors import Refused, ServiceError, Unavailable
from ecommerce.kernel.leases import Lease
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import Run, StepFunction, add_steps, begin, step
from modules.catalog import service as catalog_service
from modules.catalog.contracts import StockLine
from modules.orders.contracts import NothingLeftToShip, RefundChanged, WrongCurrency
from modules.orders.logic import payment_facts, states
from modules.orders.logic.credit_notes import credit_refund
from modules.orders.logic.late_payments import refund_all
from modules.orders.logic.open_edits import refuse_while_edited
from modules.orders.logic.portions import Asked, left_to_refund, left_to_ship, lines_of, pick
from modules.orders.logic.purposes import ORDERS
from modules.orders.logic.refund_lines import Draft, by_amount, by_portions, not_given_back
from modules.orders.logic.shipments import SHIPPABLE, settle_fulfilment
from modules.orders.models import Order, OrderLine, Refund, RefundItem
from modules.payments import service as payments_service
from modules.payments.contracts import Payment, RefundExceedsCaptured, RefundRefused, Split

Status = Refund.Status


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What is given back: an amount, or units of lines and whether what is left of the shipping goes with them."""

    amount: Money | None = None
    asked: Sequence[Asked] | None = None
    shipping: bool = False
    reason: str = ""
    # Whether the units are on the shelf again.
    restock: bool = False
    # What the wish came to when it was shown: it is refused where it would come to something else by now.
    expected: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A refund that is written, and the lease on its steps where it was written just now."""

    refund: Refund
    lease: Lease | None = None
    runs: list[Run] = field(default_factory=list)


def refund(order_id: UUID, wish: RefundWish, *, actor: str, claim_id: UUID | None) -> Order:
    """Give back what is wished; units that were not shipped yet never will be. Repeating a claim changes nothing.

    Refuses more than was captured and not given back (RefundExceedsCaptured), more units than are left
    (InvalidQuantity), what would leave nothing to ship (NothingLeftToShip: cancel it), what comes to another amount
    than was expected (RefundChanged), and what the provider refuses (RefundRefused). Unavailable: the provider's answer
    is not known; it is asked again until it is.
    """
    with atomic(Order):
        order = states.lock(order_id)
        states.refuse_imported(order)
        begun = find_begun(claim_id)
        if begun is None:
            refuse_while_edited(order)
            begun = _write_wish(order, wish, actor=actor, claim_id=claim_id)
    carry_on(begun)
    return Order.objects.get(pk=order_id)


def preview(order_id: UUID, wish: RefundWish) -> Draft:
    """What a refund would come to now, refused for what `refund` refuses before it asks payments; changes nothing."""
    order = Order.objects.get(pk=order_id)
    refuse_while_edited(order)
    lines = lines_of(order)
    draft = _draft(order, lines, wish)
    require_captured(order, draft.amount)
    for item in draft.items:
        item.line.cancelled += item.cancelled
    _keep_something_to_ship(order, lines, draft)
    return draft


def left_to_give_back(order: Order) -> int:
    """What of the money that was captured no refund has promised yet, in minor units."""
    amounts = dict.fromkeys(Status.values, 0)
    for status, amount in Refund.objects.filter(order=order).values_list("status", "amount_minor"):
        amounts[status] += amount
    # At the provider more may have gone back than by refunds of ours.
    gone = max(order.refunded_minor, amounts[Status.SUCCEEDED]) + amounts[Status.PENDING]
    return max(order.captured_minor - gone, 0)


def find_begun(claim_id: UUID | None) -> Begun | None:
    """The refund that this claim has written before."""
    written = Refund.objects.filter(idempotency_id=claim_id).first() if claim_id else None
    return Begun(refund=written) if written else None


def write_refund(order: Order, draft: Draft, new: Refund) -> Begun:
    """In the open transaction, the order locked: promise the draft's money, count its units, and begin to pay."""
    _write(order, draft, new)
    lease, runs = begin(new.pk, _steps_of(new))
    return Begun(refund=new, lease=lease, runs=runs)


def write_for_later(order: Order, draft: Draft, new: Refund) -> None:
    """The same, for the relay to pay."""
    _write(order, draft, new)
    add_steps(new.pk, _steps_of(new))


def write_set_off(order: Order, draft: Draft, new: Refund) -> None:
    """In the open transaction, the order locked: what is given back pays for something else, so that no money moves."""
    new.status, new.finished_at = Status.SUCCEEDED, clock.now()
    _write(order, draft, new)
    payment_facts.note_set_off(order, Money(minor=draft.amount, currency=order.currency))
    add_steps(new.pk, _steps_of(new)[1:])


def write_made_elsewhere(order: Order, draft: Draft, new: Refund) -> None:
    """In the open transaction, the order locked: what has gone back already, and was not asked for here. Its credit
    note is all that is left to do."""
    new.status, new.finished_at = Status.SUCCEEDED, clock.now()
    _insert(order, draft, new)
    add_steps(new.pk, [credit_refund])


def split_of_refund(refund: Refund) -> Split:
    """What a refund gives back, over the accounts; its order is loaded."""
    shipping = refund.shipping_minor - refund.shipping_tax_minor
    sales = refund.amount_minor - refund.tax_minor - shipping

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=refund.order.currency)

    return Split(sales=money(sales), tax=money(refund.tax_minor), shipping=money(shipping))


def _write(order: Order, draft: Draft, new: Refund) -> None:
    require_captured(order, draft.amount)
    _insert(order, draft, new)


def _insert(order: Order, draft: Draft, new: Refund) -> None:
    new.order, new.amount_minor, new.tax_minor = order, draft.amount, draft.tax
    new.shipping_minor, new.shipping_tax_minor = draft.shipping.amount, draft.shipping.tax
    new.created_at = clock.now()
    new.save(force_insert=True)
    for item in draft.items:
        item.refund = new
        _count(item, 1)
    RefundItem.objects.bulk_create(draft.items)
    states.change(order)


def carry_on(begun: Begun) -> None:
    """Pay a refund back now, as far as nobody else is at it; raises what it was refused with, and Unavailable while
    that is not known."""
    refund = begun.refund
    if begun.lease is not None:
        drive(begun.lease, begun.runs)
    else:
        drive_or_wait(ORDERS, refund.pk, lambda: _is_known(refund))
    refund.refresh_from_db()
    if refund.status == Status.FAILED:
        raise Refused(refund.refusal or {})
    if refund.status == Status.PENDING:
        raise Unavailable("The refund's outcome is not known yet.", dependency="payments", retry_after=2)


@step
def pay_back(run: Run) -> None:
    """Let payments pay; refused for good, the units count as not given back again."""
    refund = Refund.objects.select_related("order").get(pk=run.aggregate_id)
    try:
        payments = _ask_payments(refund) if refund.amount_minor else []
    except (RefundRefused, RefundExceedsCaptured) as refusal:
        with run.done(Order):
            _fail(states.lock(refund.order_id), refund, refusal)
        return
    with run.done(Order):
        _succeed(states.lock(refund.order_id), refund, payments)


@step
def restock(run: Run) -> None:
    """What was given back is on the shelf again. Where it was refused only what stays cancelled, since the whole order
    was called off meanwhile: its money went back with the rest, and calling off puts only the other units back."""
    refund = Refund.objects.select_related("order").get(pk=run.aggregate_id)
    is_with_the_rest = refund.status == Status.FAILED and refund.order.status == Order.Status.CANCELLED
    items = refund.items.select_related("line").order_by("line__position")
    units = [(item.line.variant_id, item.cancelled if is_with_the_rest else item.quantity) for item in items]
    lines = [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in units if quantity]
    if (refund.status == Status.SUCCEEDED or is_with_the_rest) and lines:
        catalog_service.return_stock(reference=refund.pk, lines=lines)


def _steps_of(refund: Refund) -> list[StepFunction]:
    """What a new refund needs done: the money, the shelf where its units go there, its credit note."""
    return [pay_back, credit_refund, restock] if refund.restock else [pay_back, credit_refund]


def _is_known(refund: Refund) -> bool:
    refund.refresh_from_db()
    return refund.status != Status.PENDING


def _write_wish(order: Order, wish: RefundWish, *, actor: str, claim_id: UUID | None) -> Begun:
    lines = lines_of(order)
    new = Refund(reason=wish.reason, restock=wish.restock, actor=actor, idempotency_id=claim_id)
    draft = _draft(order, lines, wish)
    if wish.expected is not None and wish.expected != Money(minor=draft.amount, currency=order.currency):
        raise RefundChanged(expected=wish.expected.minor, amount=draft.amount)
    begun = write_refund(order, draft, new)
    _keep_something_to_ship(order, lines, draft)
    return begun


def _draft(order: Order, lines: Sequence[OrderLine], wish: RefundWish) -> Draft:
    left = not_given_back(order, lines)
    if wish.amount is not None:
        if wish.amount.currency != order.currency:
            raise WrongCurrency(currency=order.currency)
        require_captured(order, wish.amount.minor)
        return by_amount(lines, wish.amount, left)
    portions = pick(lines, wish.asked, left_to_refund) if wish.asked is not None else []
    unshipped = {
        portion.line.pk: min(portion.quantity, left_to_ship(portion.line)) if order.status in SHIPPABLE else 0
        for portion in portions
    }
    return by_portions(portions, left, shipping=wish.shipping, cancelled=unshipped)


def _keep_something_to_ship(order: Order, lines: Sequence[OrderLine], draft: Draft) -> None:
    if order.status not in SHIPPABLE or any(line.fulfilled for line in lines):
        return
    if any(item.cancelled for item in draft.items) and not any(left_to_ship(line) for line in lines):
        raise NothingLeftToShip


def require_captured(order: Order, minor: int) -> None:
    """Of what was captured so much is left, besides what other refunds have promised already."""
    if minor > (available := left_to_give_back(order)):
        raise RefundExceedsCaptured(requested=minor, available=available)


def _count(item: RefundItem, sign: int) -> None:
    refunded, cancelled = sign * item.quantity, sign * item.cancelled
    if refunded:
        counted = {"refunded": F("refunded") + refunded, "cancelled": F("cancelled") + cancelled}
        OrderLine.objects.filter(pk=item.line_id).update(**counted)
        item.line.refunded += refunded
        item.line.cancelled += cancelled


def _ask_payments(refund: Refund) -> list[Payment]:
    return payments_service.refund_order(
        order_id=refund.order_id,
        reference=refund.pk,
        amount=Money(minor=refund.amount_minor, currency=refund.order.currency),
        split=split_of_refund(refund),
        reason="return" if refund.return_of_id else "refund",
    )


def _succeed(order: Order, refund: Refund, payments: Sequence[Payment]) -> None:
    Refund.objects.filter(pk=refund.pk).update(status=Status.SUCCEEDED, finished_at=clock.now())
    for payment in payments:
        payment_facts.note_refunded(order, payment.purpose, payment.refunded)
    settle_fulfilment(order, lines_of(order), actor=refund.actor)


def _fail(order: Order, refund: Refund, refusal: ServiceError) -> None:
    Refund.objects.filter(pk=refund.pk).update(
        status=Status.FAILED, finished_at=clock.now(), refusal=Refused.keep(refusal)
    )
    for item in refund.items.select_related("line"):
        # What was shipped complete without them meanwhile stays so: these units are for staff to settle.
        if order.status in SHIPPABLE or not item.cancelled:
            _count(item, -1)
            RefundItem.objects.filter(pk=item.pk).update(cancelled=0)
    states.change(order)
    states.note(order, "refund_failed", actor=refund.actor, detail={"code": refusal.code})
    if order.status in Order.ENDED_UNSOLD:
        # Calling it off gave back all but this, which was promised then.
        refund_all(order, why=f"failed refund {refund.pk}")
