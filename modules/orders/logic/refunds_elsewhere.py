"""Money that has gone back without a refund of the order: from the provider's console, or from the payment itself.

It lowers the price of everything, as a refund by amount does, and an invoiced order gets its credit note (§ 17 UStG).
"""

from uuid import UUID

from ecommerce.kernel.money import Money
from modules.orders.logic import payment_facts, refunds, states
from modules.orders.logic.invoices import SOLD
from modules.orders.logic.portions import lines_of
from modules.orders.logic.refund_lines import by_amount, not_given_back
from modules.orders.models import Order, Refund


def record_refunded(order_id: UUID, purpose: str, refund_reference: UUID | None, refunded: Money) -> None:
    """So much in all has gone back of one of the order's payments; what no refund of ours asked for becomes one."""
    order = states.lock(order_id)
    before = order.refunded_minor
    payment_facts.note_refunded(order, purpose, refunded)
    if _is_ours(order, refund_reference):
        return
    lines = lines_of(order)
    left = not_given_back(order, lines)
    # What was captured beyond the price is no price that is lowered.
    beyond = max(order.captured_minor - before - order.total_minor, 0)
    not_yet = left.shipping.amount + sum(part.amount for part in left.lines.values())
    lowered = min(order.refunded_minor - before - beyond, not_yet)
    if order.status in SOLD and lowered > 0:
        draft = by_amount(lines, Money(minor=lowered, currency=order.currency), left)
        refunds.write_made_elsewhere(order, draft, Refund(reason="", actor=states.SYSTEM))


def _is_ours(order: Order, refund_reference: UUID | None) -> bool:
    # A refund of ours is counted by its own steps, whichever of them and this event comes first.
    return refund_reference is not None and Refund.objects.filter(pk=refund_reference, order=order).exists()
