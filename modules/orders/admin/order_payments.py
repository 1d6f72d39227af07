"""What payments says of an order, beside the order's page."""

from typing import Any

from ecommerce.kernel.errors import Unavailable
from modules.orders.admin import words
from modules.orders.admin.links import elsewhere
from modules.orders.models import Order
from modules.payments import service as payments_service
from modules.payments.contracts import Payment
from modules.users.contracts import Scope


def beside(order: Order, user: Any) -> dict[str, Any]:
    """Its payments, to who may read payments; what is not answered now is said, and the rest of the page stands."""
    if not user.has_perm(Scope.PAYMENTS_READ):
        return {"payments": None}
    try:
        found = payments_service.get_payments(order_ids=[order.pk])
    except Unavailable:
        return {"payments": [], "unanswered": True}
    shown = [(_told(one), elsewhere(user, Scope.PAYMENTS_READ, "payments_payment_change", one.id)) for one in found]
    return {
        "payments": shown,
        "ledger": elsewhere(user, Scope.PAYMENTS_READ, "payments_entry_changelist", q=order.pk),
    }


def _told(payment: Payment) -> list[tuple[str, str]]:
    failure = payment.failure
    told = [
        ("For", words.spaced(payment.purpose)),
        ("Provider", payment.provider),
        ("Status", words.spaced(payment.status)),
        ("Amount", str(payment.amount)),
        ("Captured", str(payment.captured)),
        ("Refunded", str(payment.refunded)),
        ("Begun", f"{words.moment(payment.created_at)} UTC"),
    ]
    return [*told, ("Declined", failure.message or failure.code)] if failure else told
