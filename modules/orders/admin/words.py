"""What staff read of orders: amounts in major units, moments, addresses, what happened."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils import timezone

from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.money import EXPONENTS, Money
from modules.orders.logic.portions import Portion
from modules.orders.models import Order, SoldUnits, TimelineEntry

EVENTS = {
    "placed": "placed",
    "account_linked": "belongs to a customer's account now",
    "shipment_sent": "parcel sent",
    "shipment_delivered": "parcel delivered",
    "items_cancelled": "units called off",
    "edit_awaits_payment": "an edit waits for its payment",
    "edit_paid": "an edit was paid for",
    "edit_payment_failed": "the payment of an edit failed",
    "edit_refused": "an edit was refused",
    "edit_lapsed": "an edit was not paid in time",
    "edit_cancelled": "an edit was called off",
    "edited": "edited",
    "set_off": "set off against what was added",
    "refunded": "money given back",
    "refund_failed": "a refund failed",
    "return_requested": "return asked for",
    "return_approved": "return approved",
    "return_rejected": "return rejected",
    "return_received": "return received",
    "payment_authorized": "payment authorised",
    "payment_voided": "authorisation let go",
    "refund_returned": "refund came back",
    "disputed": "payment disputed",
    "dispute_closed": "dispute closed",
    "payment_captured": "payment received",
    "payment_failed": "payment failed",
}
# unfold's colours of labels, by what a status asks of staff.
COLOURS = {
    "pending": "warning",
    "confirmed": "info",
    "processing": "info",
    "shipped": "primary",
    "delivered": "success",
    "cancelled": "danger",
    "unpaid": "warning",
    "authorized": "info",
    "partially_paid": "warning",
    "paid": "success",
    "failed": "danger",
    "partial": "info",
    "fulfilled": "success",
    "requested": "warning",
    "approved": "info",
    "received": "success",
    "rejected": "danger",
    "succeeded": "success",
    "opening": "warning",
    "waiting": "warning",
    "applied": "success",
    "refused": "danger",
    "lapsed": "",
    # What asks nothing.
    "expired": "",
    "partially_refunded": "",
    "refunded": "",
    "unfulfilled": "",
    "returned": "",
}


def spaced(status: str) -> str:
    """A status as it is read: partially paid."""
    return status.replace("_", " ")


def money(minor: int, order: Order) -> str:
    """An amount of an order: 19.90 EUR."""
    return str(Money(minor=minor, currency=order.currency))


def read_amount(text: str, currency: str) -> Money:
    """An amount as it is typed: 5 is 5.00. ValueError for what is none of this currency, and for nothing or less."""
    try:
        amount = Decimal(text.strip())
        found = Money.parse(f"{amount:.{EXPONENTS[currency]}f}", currency)
    except (InvalidOperation, ValueError):
        found = None
    if found is None or found.minor <= 0 or Decimal(found.amount) != amount:
        raise ValueError(f"{text} is no amount in {currency}.")
    return found


def moment(instant: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else "-"


def title(line: SoldUnits) -> str:
    """What was bought, with its options: Shirt (M)."""
    options = ", ".join(str(option) for option in line.options.values())
    return f"{line.title} ({options})" if options else line.title


def units(portions: Iterable[Portion]) -> str:
    """So many units of each line: 2 × Shirt (M), 1 × Hat."""
    return ", ".join(f"{portion.quantity} × {title(portion.line)}" for portion in portions)


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """An address as it is written on a parcel; empty once its owner was forgotten."""
    city = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    names = ("full_name", "company", "line1", "line2")
    lines = [*(address.get(name) for name in names), city, address.get("region"), address.get("country")]
    return [str(line) for line in lines if line]


def event(entry: TimelineEntry) -> str:
    """What happened, as staff say it; a status that was reached stands for itself."""
    return EVENTS.get(entry.event, spaced(entry.event))


def told(entry: TimelineEntry) -> str:
    """What else is known of it, without ids."""
    detail = dict(entry.detail)
    amount = " ".join(str(detail.pop(name)) for name in ("amount", "currency") if name in detail)
    others = [f"{spaced(name)}: {value}" for name, value in detail.items() if value and not name.endswith("_id")]
    return ", ".join(filter(None, [amount, *others]))


def actor(name: str, order: Order) -> str:
    """Who did it: the customer, somebody of the staff, a guest, or the shop by itself."""
    kind, _, user_id = name.partition(":")
    if kind != "user":
        return "the shop" if kind == "system" else kind
    return "the customer" if order.customer_id and user_id == str(order.customer_id) else f"staff {_short(user_id)}"


def refusal(error: ServiceError) -> str:
    """Why it was refused, with the lines that it is about."""
    lines = [line for line in error.details.get("lines") or [] if {"sku", "requested", "available"} <= line.keys()]
    short = [f"{line['sku']}: {line['requested']} asked for, {line['available']} left." for line in lines]
    return " ".join([error.detail, *short])


def _short(user_id: str) -> str:
    """So much of an id that tells two of the staff apart: it begins with a time."""
    try:
        return f"…{str(UUID(user_id))[-8:]}"
    except ValueError:
        return user_id
