"""Edits of paid orders by staff: shown first, then begun; they take effect once their difference is paid.

While nothing is shipped units may be added and taken off. Of a delivered order a return may be exchanged: what comes
back pays for what is sent instead. What was sold stays at the price it was sold at, what is added costs what it costs
today; shipping stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive, drive_or_wait
from ecommerce.kernel.errors import Refused, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.leases import Lease
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import Run, add_steps, begin, has_step
from ecommerce.kernel.vat_ids import read_vat_id
from modules.catalog.contracts import StockLine
from modules.orders.contracts import EditNotFound, EditNotPossible, InvalidTransition, ReturnNotFound, TotalChanged
from modules.orders.logic import edit_steps, states, taxes
from modules.orders.logic.edit_effects import draft_of_removed, require_editable, require_something_to_ship
from modules.orders.logic.goods import cart_of
from modules.orders.logic.open_edits import end, refuse_while_edited
from modules.orders.logic.opening import sold_units, tax_as_kept
from modules.orders.logic.places import place_of
from modules.orders.logic.portions import Asked, lines_of
from modules.orders.logic.pricing import Priced, price_cart
from modules.orders.logic.purposes import ORDERS
from modules.orders.logic.refunds import require_captured
from modules.orders.models import EditLine, Order, OrderEdit, RefundItem, Return

Status = OrderEdit.Status


@dataclass(frozen=True, kw_only=True)
class EditWish:
    """What is added and what is taken off, or for an exchange the return that comes back; how a difference is paid."""

    add: Sequence[StockLine] = ()
    remove: Sequence[Asked] = ()
    return_id: UUID | None = None
    restock: bool = True
    reason: str = ""
    # None: as the order itself was.
    provider: str | None = None
    method: str | None = None
    payable_for: timedelta
    # What the difference came to when it was shown.
    expected_due: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An edit as it would be, not written: the lines it adds, and what of which line it takes off."""

    edit: OrderEdit
    lines: list[EditLine]
    removed: list[RefundItem]


def preview_edit(order_id: UUID, wish: EditWish) -> Proposal:
    """What an edit would come to; changes nothing. Refuses what `begin_edit` does before it holds or charges."""
    order = Order.objects.get(pk=order_id)
    return _propose(order, wish, _price(order, wish), actor="", claim_id=None)


def begin_edit(order_id: UUID, wish: EditWish, *, actor: str, claim_id: UUID | None) -> OrderEdit:
    """Edit an order: at once, or where something is left to pay, when it is paid. Repeating a claim finds its edit.

    Refuses an order that is not paid and confirmed, or of which something was shipped (InvalidTransition); for an
    exchange one that was not delivered. Also an order that is being edited (EditOpen), more than is left
    (InvalidQuantity), what would leave nothing (NothingLeftToShip), what is not for sale, has no price or is short
    (UnknownVariant, CurrencyNotAvailable, OutOfStock), what would be taxed in another way (EditNotPossible), and a
    difference that is not what was expected (TotalChanged). Unavailable: it is begun, and goes on by itself.
    """
    edit = OrderEdit.objects.filter(idempotency_id=claim_id).first() if claim_id else None
    if edit is None:
        edit, driven = _begin(order_id, wish, actor=actor, claim_id=claim_id)
        drive(*driven)
    else:
        drive_or_wait(ORDERS, edit.pk, lambda: _is_settled(edit))
    edit.refresh_from_db()
    if edit.status == Status.REFUSED:
        raise Refused(edit.refusal or {})
    if edit.status == Status.OPENING:
        raise Unavailable("The edit's outcome is not known yet.", dependency="payments", retry_after=2)
    return edit


def call_off_edit(order_id: UUID, edit_id: UUID, *, actor: str) -> OrderEdit:
    """Let an edit not take effect: what it holds is let go, what was paid for it goes back. Again changes nothing; one
    that has taken effect stays (InvalidTransition)."""
    with atomic(Order):
        order = states.lock(order_id)
        edit = get_edit(order, edit_id)
        if edit.status == Status.APPLIED:
            raise InvalidTransition(status=edit.status, asked=Status.CANCELLED.value)
        if edit.status in OrderEdit.OPEN:
            end(edit, Status.CANCELLED, edit_steps.UNDO, actor=actor)
    return edit


def get_edit(order: Order, edit_id: UUID) -> OrderEdit:
    """One of an order's edits; refuses any other (EditNotFound)."""
    edit = OrderEdit.objects.filter(order=order, pk=edit_id).prefetch_related("lines").first()
    if edit is None:
        raise EditNotFound
    edit.order = order
    return edit


def due_of(edit: OrderEdit) -> Money:
    """What is left to pay; its order is loaded."""
    return Money(minor=edit.due_minor, currency=edit.order.currency)


def lapse_due(limit: int = 500) -> int:
    """Begin to end every edit whose time to pay is over; repeating it is safe."""
    late = OrderEdit.objects.filter(
        ~has_step(edit_steps.lapse_edit), status__in=OrderEdit.OPEN, payable_until__lt=clock.now()
    )
    ids = list(late.order_by("payable_until").values_list("pk", flat=True)[:limit])
    return sum(_begin_to_lapse(edit_id) for edit_id in ids)


def _begin_to_lapse(edit_id: UUID) -> bool:
    with atomic(Order):
        _, edit = edit_steps.lock_edit(edit_id)
        if edit.status not in OrderEdit.OPEN or edit.is_paid:
            return False
        # Whatever of its first steps still waits (for stock, for a provider) is too late now.
        add_steps(edit_id, [edit_steps.lapse_edit], instead=True)
    return True


def _is_settled(edit: OrderEdit) -> bool:
    edit.refresh_from_db()
    return edit.status != Status.OPENING


def _begin(
    order_id: UUID, wish: EditWish, *, actor: str, claim_id: UUID | None
) -> tuple[OrderEdit, tuple[Lease, list[Run]]]:
    priced = _price(Order.objects.get(pk=order_id), wish)
    with atomic(Order):
        order = states.lock(order_id)
        proposal = _propose(order, wish, priced, actor=actor, claim_id=claim_id)
        edit = proposal.edit
        _require_due(edit, wish.expected_due)
        edit.save(force_insert=True)
        EditLine.objects.bulk_create(proposal.lines)
        states.change(order)
        steps = edit_steps.first_steps(edit, adds=bool(proposal.lines), method=wish.method)
        return edit, begin(edit.pk, steps)


def _price(order: Order, wish: EditWish) -> Priced | None:
    """What is added, for where the order goes; None where nothing is. Asks catalog."""
    if not wish.add:
        return None
    cart = cart_of(order.cart_id, wish.add, order.currency)
    taxation = taxes.taxation_of(
        currency=order.currency,
        to=place_of(order.shipping_address),
        buyer=read_vat_id(order.vat_id),
        is_pick_up=order.is_pick_up,
    )
    priced = price_cart(cart, shipping_price=Money.zero(order.currency), taxation=taxation)
    if (priced.prices_include_tax, taxation.exemption) != (order.prices_include_tax, order.tax_exemption):
        raise EditNotPossible
    return priced


def _propose(order: Order, wish: EditWish, priced: Priced | None, *, actor: str, claim_id: UUID | None) -> Proposal:
    now = clock.now()
    edit = OrderEdit(
        id=new_id(),
        order=order,
        return_of=_return(order, wish.return_id),
        reason=wish.reason,
        restock=wish.restock,
        actor=actor,
        idempotency_id=claim_id,
        removed=[{"line_id": str(one.line_id), "quantity": one.quantity} for one in wish.remove],
        payment_provider=wish.provider or order.payment_provider,
        created_at=now,
        payable_until=now + wish.payable_for,
    )
    refuse_while_edited(order)
    lines = lines_of(order)
    require_editable(order, lines, edit)
    draft = draft_of_removed(order, lines, edit)
    if edit.return_of is None:
        require_something_to_ship(lines, draft, adds=priced is not None)
    require_captured(order, draft.amount)
    edit.removed_minor = draft.amount
    edit.removed = [
        {"line_id": str(item.line_id), "quantity": item.quantity, "amount_minor": item.amount_minor}
        for item in draft.items
    ]
    if priced is not None:
        edit.subtotal_minor, edit.tax_minor = priced.subtotal.minor, priced.tax_total.minor
        edit.added_minor, edit.taxes = priced.total.minor, [tax_as_kept(one) for one in priced.taxes]
    return Proposal(edit=edit, lines=_lines(edit, priced), removed=draft.items)


def _lines(edit: OrderEdit, priced: Priced | None) -> list[EditLine]:
    found = priced.lines if priced else []
    return [EditLine(edit=edit, position=position, **sold_units(line)) for position, line in enumerate(found)]


def _return(order: Order, return_id: UUID | None) -> Return | None:
    if return_id is None:
        return None
    wanted = Return.objects.filter(order=order, pk=return_id).first()
    if wanted is None:
        raise ReturnNotFound
    if wanted.status not in Return.OPEN:
        raise InvalidTransition(status=wanted.status, asked=Return.Status.RECEIVED.value)
    return wanted


def _require_due(edit: OrderEdit, expected: Money | None) -> None:
    due = due_of(edit)
    if expected is not None and expected != due:
        raise TotalChanged(
            expected={"amount": expected.amount, "currency": expected.currency},
            total={"amount": due.amount, "currency": due.currency},
        )
