"""While an edit of an order is open nothing else changes what the order is made of, but calling all of it off."""

from ecommerce.kernel import clock
from ecommerce.kernel.steps import StepFunction, add_steps
from modules.orders.contracts import EditOpen
from modules.orders.logic import states
from modules.orders.models import Order, OrderEdit

Status = OrderEdit.Status


def find_open(order: Order) -> OrderEdit | None:
    """The edit of an order that has not taken effect yet and still may."""
    return OrderEdit.objects.filter(order=order, status__in=OrderEdit.OPEN).first()


def refuse_while_edited(order: Order) -> None:
    """In the open transaction, the order locked: refuse what an open edit stands in the way of (EditOpen)."""
    if (edit := find_open(order)) is not None:
        raise EditOpen(edit_id=str(edit.pk))


def end(edit: OrderEdit, status: Status, undo: list[StepFunction], *, actor: str, **changes: object) -> None:
    """In the open transaction, the order locked: the edit will not take effect; its steps give back what it has."""
    edit.status = status
    OrderEdit.objects.filter(pk=edit.pk).update(status=status, finished_at=clock.now(), **changes)
    states.change(edit.order)
    states.note(edit.order, f"edit_{status.value}", actor=actor, detail={"edit_id": str(edit.pk)})
    add_steps(edit.pk, undo, instead=True)
