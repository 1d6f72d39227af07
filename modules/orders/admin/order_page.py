"""The page of one order: everything that belongs to it, and what may be done about it now."""

from collections.abc import Sequence
from typing import Any

from modules.orders.admin import order_facts, order_payments, papers, words
from modules.orders.admin.links import Link, elsewhere, of_act
from modules.orders.admin.order_parts import Parts
from modules.orders.logic.actions import allowed_actions
from modules.orders.logic.portions import lines_of
from modules.orders.models import Order
from modules.users.contracts import Scope

# What logic allows, by the pages on which it is done; whether a parcel has arrived is said at the parcel.
BUTTONS = {
    "ship": ("Ship", Scope.ORDERS_WRITE),
    "cancel": ("Cancel", Scope.ORDERS_WRITE),
    "edit": ("Edit", Scope.ORDERS_WRITE),
    "refund": ("Refund", Scope.ORDERS_REFUND),
    "return": ("Ask for a return", Scope.ORDERS_WRITE),
}


def context(order: Order, user: Any) -> dict[str, Any]:
    """What a member of staff sees of it: so many statements and one question to payments, however long it is."""
    lines = lines_of(order)
    allowed = allowed_actions(order, lines, is_staff=True)
    shipments = list(order.shipments.order_by("id").prefetch_related("items"))
    parts = Parts(order, {line.pk: words.title(line) for line in lines}, allowed, user)
    return {
        "title": f"Order {order.number}",
        "order": order,
        "customer": elsewhere(user, Scope.USERS_READ, "users_user_change", order.customer_id),
        "statuses": order_facts.statuses(order),
        "buttons": _buttons(order, allowed, user),
        "papers": papers.of_order(order, user),
        "facts": order_facts.facts(order),
        "lines": order_facts.lines(order, lines),
        "totals": order_facts.totals(order),
        "discounts": order_facts.discounts(order),
        "taxes": order_facts.taxes(order),
        "addresses": order_facts.addresses(order),
        "shipments": [parts.shipment(one) for one in shipments],
        "returns": [parts.returned(one) for one in order.returns.order_by("id").prefetch_related("items")],
        "refunds": [parts.refund(one) for one in order.refunds.order_by("id").prefetch_related("items")],
        "edits": [parts.edit(one) for one in order.edits.order_by("id").prefetch_related("lines")],
        "timeline": order_facts.timeline(order),
        **order_payments.beside(order, user),
    }


def _buttons(order: Order, allowed: Sequence[str], user: Any) -> list[Link]:
    offered = [(name, *BUTTONS[name]) for name in allowed if name in BUTTONS]
    return [of_act(name, title, order) for name, title, scope in offered if user.has_perm(scope)]
