"""What an edit means for the ledger: what it sold, and for what."""

from ecommerce.kernel.money import Money
from modules.orders.logic.edit_amounts import divide_split
from modules.orders.logic.purposes import purpose_of_edit
from modules.orders.logic.refunds import split_of_refund
from modules.orders.models import OrderEdit, Refund
from modules.payments import service as payments_service
from modules.payments.contracts import Split


def recognise(edit: OrderEdit) -> None:
    """Book what was added: for what was taken off, and for its own payment. Repeating changes nothing."""
    for_set_off, for_payment = _splits(edit)
    if edit.set_off_minor:
        refund = Refund.objects.select_related("order").get(edit_id=edit.pk, is_set_off=True)
        payments_service.set_off_revenue(
            order_id=edit.order_id, reference=edit.pk, sold=for_set_off, given_back=split_of_refund(refund)
        )
    if edit.due_minor:
        payments_service.recognise_revenue(order_id=edit.order_id, purpose=purpose_of_edit(edit.pk), split=for_payment)


def split_of_due(edit: OrderEdit) -> Split:
    """What an edit's own payment is for; its order is loaded."""
    return _splits(edit)[1]


def _splits(edit: OrderEdit) -> tuple[Split, Split]:
    currency = edit.order.currency

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    sold = Split(sales=money(edit.added_minor - edit.tax_minor), tax=money(edit.tax_minor), shipping=money(0))
    return divide_split(sold, money(edit.set_off_minor))
