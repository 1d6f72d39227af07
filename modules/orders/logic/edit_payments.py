"""What payment events mean for an edit whose difference they pay.

These run inside the inbox's transaction: they write local state and steps, and call nobody.
"""

from uuid import UUID

from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, add_steps
from modules.orders.logic import states
from modules.orders.logic.edit_steps import apply_edit, lock_edit, refund_edit_payment
from modules.orders.models import OrderEdit

Status = OrderEdit.Status

ENDED_WITHOUT_EFFECT = (Status.REFUSED, Status.LAPSED, Status.CANCELLED)


def record_edit_captured(edit_id: UUID, captured: Money) -> None:
    """So much has been taken for an edit: enough of it lets it take effect, or goes back when it has ended."""
    order, edit = lock_edit(edit_id)
    if captured.minor <= edit.captured_minor:
        return
    OrderEdit.objects.filter(pk=edit.pk).update(captured_minor=captured.minor)
    states.change(order)
    detail = {"edit_id": str(edit.pk), "amount": captured.amount, "currency": captured.currency}
    states.note(order, "edit_paid", detail=detail)
    if edit.status in OrderEdit.OPEN and captured.minor >= edit.due_minor:
        add_steps(edit.pk, [apply_edit])
    elif edit.status in ENDED_WITHOUT_EFFECT:
        add_steps(edit.pk, [NewStep(refund_edit_payment, key=str(captured.minor))])


def record_edit_failed(edit_id: UUID, code: str) -> None:
    """An attempt to pay for an edit was declined: the buyer may try again until it lapses."""
    order, edit = lock_edit(edit_id)
    states.note(order, "edit_payment_failed", detail={"edit_id": str(edit.pk), "code": code})
