"""What an order is after an edit: lines joined it, units left it, and both sides were settled."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.events import publish
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.orders.contracts import EditChanged, InvalidTransition, NothingLeftToShip
from modules.orders.events import OrderEdited
from modules.orders.logic import refunds, returns, states
from modules.orders.logic.edit_amounts import divide
from modules.orders.logic.portions import Asked, left_to_cancel, left_to_ship, lines_of, pick
from modules.orders.logic.refund_lines import Draft, by_portions, not_given_back
from modules.orders.models import Order, OrderEdit, OrderLine, Refund, SoldUnits

Status = Order.Status

_FIGURES = [field.name for field in SoldUnits._meta.get_fields() if field.name != "id"]


def require_editable(order: Order, lines: list[OrderLine], edit: OrderEdit) -> None:
    """Refuse an order that cannot be edited: one that is not paid and confirmed, of which something was shipped, or for
    an exchange one that was not delivered (InvalidTransition); one that was sold elsewhere (OrderImported)."""
    states.refuse_imported(order)
    wanted, asked = (Status.DELIVERED, Status.PROCESSING) if edit.return_of_id else (Status.CONFIRMED, Status.CONFIRMED)
    is_whole = edit.return_of_id is not None or not any(line.fulfilled for line in lines)
    if order.status != wanted or not is_whole or order.captured_minor < order.total_minor:
        raise InvalidTransition(status=order.status, asked=asked.value)


def draft_of_removed(order: Order, lines: list[OrderLine], edit: OrderEdit) -> Draft:
    """What is taken off comes to, with its tax; shipping stays. Refuses more than is left (InvalidQuantity)."""
    left = not_given_back(order, lines)
    if edit.return_of is not None:
        portions = returns.portions_of(edit.return_of, lines)
        return by_portions(portions, left, shipping=False, cancelled={})
    if not edit.removed:
        return Draft()
    asked = [Asked(line_id=UUID(one["line_id"]), quantity=one["quantity"]) for one in edit.removed]
    portions = pick(lines, asked, left_to_cancel)
    return by_portions(portions, left, shipping=False, cancelled={one.line.pk: one.quantity for one in portions})


def require_something_to_ship(lines: list[OrderLine], draft: Draft, *, adds: bool) -> None:
    """Refuse to take off all that there is: that is calling the order off (NothingLeftToShip)."""
    taken = {item.line.pk: item.cancelled for item in draft.items}
    if not adds and not any(left_to_ship(line) - taken.get(line.pk, 0) for line in lines):
        raise NothingLeftToShip


def take_effect(order: Order, edit: OrderEdit) -> None:
    """In the open transaction, the order locked, what is added sold: change the order, and settle both sides.

    Refuses what cannot be any more (InvalidTransition, EditChanged, RefundExceedsCaptured).
    """
    lines = lines_of(order)
    require_editable(order, lines, edit)
    draft = draft_of_removed(order, lines, edit)
    if draft.amount != edit.removed_minor:
        raise EditChanged
    # Before what is added counts: only what was paid for before can be set off.
    refunds.require_captured(order, draft.amount)
    _add(order, edit, position=len(lines))
    if edit.return_of is not None:
        returns.receive_for_exchange(order, edit.return_of, restock=edit.restock, actor=edit.actor)
    _give_back(order, edit, draft)
    _move(order, edit)
    OrderEdit.objects.filter(pk=edit.pk).update(status=OrderEdit.Status.APPLIED, finished_at=clock.now())
    states.note(order, "edited", actor=edit.actor, detail={"edit_id": str(edit.pk)})
    publish(
        OrderEdited(
            order_id=order.pk,
            number=order.number or "",
            customer_id=order.customer_id,
            edit_id=edit.pk,
            total=Money(minor=order.total_minor, currency=order.currency),
        )
    )


def _add(order: Order, edit: OrderEdit, *, position: int) -> None:
    """The added lines are the order's, and their figures part of its own."""
    added = list(edit.lines.order_by("position"))
    OrderLine.objects.bulk_create(
        OrderLine(
            id=new_id(),
            order=order,
            position=position + place,
            edit_id=edit.pk,
            **{name: getattr(line, name) for name in _FIGURES},
        )
        for place, line in enumerate(added)
    )
    states.change(
        order,
        subtotal_minor=order.subtotal_minor + edit.subtotal_minor,
        tax_minor=order.tax_minor + edit.tax_minor,
        total_minor=order.total_minor + edit.added_minor,
        taxes=_merged(order.taxes, edit.taxes),
        captured_minor=order.captured_minor + edit.captured_minor + edit.set_off_minor,
        edits_captured_minor=order.edits_captured_minor + edit.captured_minor,
        set_off_minor=order.set_off_minor + edit.set_off_minor,
        paid_at=order.paid_at or clock.now(),
    )


def _give_back(order: Order, edit: OrderEdit, draft: Draft) -> None:
    """What was taken off: set off against what was added, the rest paid back. The first has the units, and the goods
    back on the shelf; a return's lie there by the return itself."""
    set_off, money = divide(draft, Money(minor=edit.set_off_minor, currency=order.currency))
    restock = edit.restock and edit.return_of is None
    if set_off.items:
        refunds.write_set_off(order, set_off, _refund(edit, is_set_off=True, restock=restock))
    if money.items:
        refunds.write_for_later(order, money, _refund(edit, is_set_off=False, restock=restock and not set_off.items))


def _refund(edit: OrderEdit, *, is_set_off: bool, restock: bool) -> Refund:
    return Refund(
        id=new_id(),
        edit_id=edit.pk,
        is_set_off=is_set_off,
        restock=restock,
        reason=edit.reason,
        actor=edit.actor,
        return_of=edit.return_of if is_set_off or not edit.set_off_minor else None,
    )


def _move(order: Order, edit: OrderEdit) -> None:
    """An exchange has something to send again."""
    if edit.return_of is not None:
        states.move(order, Status.PROCESSING, actor=edit.actor, fulfilment_status=Order.FulfilmentStatus.PARTIAL)


def _merged(taxes: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each rate comes to in all, the highest first, as an order keeps it."""
    sums: defaultdict[tuple[str, str], list[Money]] = defaultdict(list)
    for one in [*taxes, *more]:
        base, amount = (Money.parse(one[name]["amount"], one[name]["currency"]) for name in ("base", "amount"))
        known = sums[one["title"], one["rate"]]
        sums[one["title"], one["rate"]] = [known[0] + base, known[1] + amount] if known else [base, amount]
    ordered = sorted(sums.items(), key=lambda item: (-Decimal(item[0][1]), item[0][0]))
    return [
        {
            "title": title,
            "rate": rate,
            "base": {"amount": base.amount, "currency": base.currency},
            "amount": {"amount": amount.amount, "currency": amount.currency},
        }
        for (title, rate), (base, amount) in ordered
    ]
