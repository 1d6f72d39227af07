"""What becomes of the orders of a customer who has erased his account.

A parcel on its way needs its address, so an order keeps what is personal until it is final; then it forgets it, in the
transaction of its last move. Its figures, its country (for the tax) and the id of the account, which names nobody any
more, stay: the books refer to them.
"""

from typing import Any
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.erasure import forget_answer
from ecommerce.kernel.events import publish
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.orders.events import OrderAnonymised
from modules.orders.models import Order, OrderEdit, Refund, Return, ReturnItem, Shipment, TimelineEntry
from modules.payments import service as payments_service

# What the timeline may go on telling; anything else may be what somebody typed.
KEPT_DETAILS = frozenset(("amount", "currency", "code", "shipment_id", "return_id", "edit_id", "carrier"))


def forget_customer(user_id: UUID) -> None:
    """In the open transaction, anonymise what is final of the customer's orders; the rest forget him with their last
    move. Repeating is safe."""
    now = clock.now()
    # Locked first, so that no order becomes final between being looked at and being marked.
    unmarked = Order.objects.select_for_update().filter(customer_id=user_id, customer_erased_at=None)
    for order in unmarked.order_by("pk"):
        forgets_now = order.status in Order.FINAL
        changes = forgotten(order) if forgets_now else {}
        Order.objects.filter(pk=order.pk).update(customer_erased_at=now, version=F("version") + 1, **changes)
        if forgets_now:
            tell(order)


def forgotten(order: Order) -> dict[str, Any]:
    """The columns of an order that names nobody. A new generation of its token ends the one its buyer was sent."""
    return {
        "email": "",
        "shipping_address": _country_of(order.shipping_address),
        "billing_address": _country_of(order.billing_address),
        "search_name": "",
        "vat_id": "",
        "note": "",
        "fingerprint": "",
        "refusal": _without_words(order.refusal) if order.refusal else None,
        "token_generation": order.token_generation + 1,
    }


def tell(order: Order) -> None:
    """In the open transaction, with the order's columns: let its timeline forget too, and tell the other modules."""
    for entry in TimelineEntry.objects.filter(order_id=order.pk).exclude(detail={}):
        kept = {name: value for name, value in entry.detail.items() if name in KEPT_DETAILS}
        if kept != entry.detail:
            TimelineEntry.objects.filter(pk=entry.pk).update(detail=kept)
    _forget_words(order)
    if order.idempotency_id:
        # The checkout's answer holds the address; of one who ordered as a guest nothing else leads to it.
        forget_answer(order.idempotency_id)
    publish(OrderAnonymised(order_id=order.pk))
    # What cost nothing at first may have been edited since.
    payment_id = order.payment_id or _payment_of_edits(order)
    if payment_id:
        # Not among the order's own steps: calling it off gives those up.
        add_steps(payment_id, [NewStep(forget_payer, {"order_id": order.pk})])


def _payment_of_edits(order: Order) -> UUID | None:
    paid = OrderEdit.objects.filter(order=order).exclude(payment_id=None)
    return paid.order_by("id").values_list("payment_id", flat=True).first()


def _forget_words(order: Order) -> None:
    """What was typed when something was sent back or paid back, and what leads a carrier's page to an address."""
    Shipment.objects.filter(order=order).update(tracking_number="")
    Return.objects.filter(order=order).update(answer="")
    ReturnItem.objects.filter(return_of__order=order).update(reason="")
    Refund.objects.filter(order=order).update(reason="")
    OrderEdit.objects.filter(order=order).update(reason="")
    for kind in (Refund, OrderEdit):
        for one in kind.objects.filter(order=order).exclude(refusal=None):
            kind.objects.filter(pk=one.pk).update(refusal=_without_words(one.refusal or {}))


@step
def forget_payer(run: Run, *, order_id: UUID) -> None:
    """Payments knows its payers, but for the guest who has become a user since: it is told by order. The step's
    aggregate is the payment."""
    payments_service.forget_payer(order_id=order_id)


def _country_of(address: dict[str, str]) -> dict[str, str]:
    """An address of the form the API promises, with nothing in it but the country."""
    blank = dict.fromkeys(("full_name", "line1", "city", "postal_code"), "")
    return blank | {"country": address["country"]}


def _without_words(refusal: dict[str, Any]) -> dict[str, Any]:
    """Which refusal it was; its words may quote what was sent."""
    return refusal | {"detail": "", "details": {}}
