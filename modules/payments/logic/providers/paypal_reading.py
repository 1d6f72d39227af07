"""An order of PayPal's in our words. https://developer.paypal.com/docs/api/orders/v2/ and …/docs/api/payments/v2/"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecommerce.kernel.money import EXPONENTS, Money, round_half_up
from modules.payments.contracts import Failure
from modules.payments.logic.providers.base import Observed, ObservedMove, ObservedRefund
from modules.payments.logic.providers.paypal_amounts import from_paypal
from modules.payments.models import AttemptStatus, RefundStatus

Json = dict[str, Any]

TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
HELD = frozenset({"CREATED", "PARTIALLY_CAPTURED"})
REFUNDS = {
    "COMPLETED": RefundStatus.SUCCEEDED,
    "PENDING": RefundStatus.PENDING,
    "FAILED": RefundStatus.FAILED,
    "CANCELLED": RefundStatus.FAILED,
}
# Before the attempt's id where we have given the order up: nobody is to take its money any more.
GIVEN_UP = "cancelled:"
APPROVAL_LINKS = ("payer-action", "approve")
DECLINED = Failure(code="declined", message="PayPal has declined this payment.")
# PayPal forgets an order that nobody approved within hours.
EXPIRED = Failure(code="expired", message="The payment was not completed in time.")


def read(order: Json, return_url: str = "") -> Observed:
    """All that an order says; one that is approved has yet to be confirmed, by whoever asks at `return_url`."""
    status = _status(order)
    held = [one for one in payments(order, "authorizations") if one["status"] in HELD]
    return Observed(
        reference=order["id"],
        status=status,
        amount=from_paypal(unit(order)["amount"]),
        authorized_minor=_sum(held) if status == AttemptStatus.AUTHORIZED else 0,
        captured_minor=_sum(taken(order)),
        refunds=tuple(_refund(refund, order) for refund in payments(order, "refunds")),
        moves=_moves(order),
        capture_before=_moment(held[0]["expiration_time"]) if held and status == AttemptStatus.AUTHORIZED else None,
        failure=DECLINED if status == AttemptStatus.FAILED else None,
        next_action=_next_action(order, return_url) if status == AttemptStatus.REQUIRES_ACTION else None,
    )


def forgotten(reference: str, amount: Money) -> Observed:
    """An order that PayPal knows no more: it expired, so nobody can pay it."""
    return Observed(reference=reference, status=AttemptStatus.FAILED, amount=amount, failure=EXPIRED)


def unit(order: Json) -> Json:
    """Our orders have one purchase unit."""
    first: Json = order["purchase_units"][0]
    return first


def payments(order: Json, kind: str) -> list[Json]:
    """An order's authorizations, captures or refunds."""
    found: list[Json] = unit(order).get("payments", {}).get(kind, [])
    return found


def taken(order: Json) -> list[Json]:
    """The captures that brought money, whether or not it was refunded since."""
    return [one for one in payments(order, "captures") if one["status"] in TAKEN]


def is_given_up(order: Json) -> bool:
    """Whether the order bears our mark that nothing is to come of it."""
    return str(unit(order).get("custom_id")).startswith(GIVEN_UP)


def our_id(custom_id: object) -> UUID | None:
    """The id that we gave; None where it is somebody else's word."""
    try:
        return UUID(str(custom_id).removeprefix(GIVEN_UP))
    except ValueError:
        return None


def _status(order: Json) -> AttemptStatus:
    captures = {one["status"] for one in payments(order, "captures")}
    authorizations = {one["status"] for one in payments(order, "authorizations")}
    if captures & TAKEN:
        return AttemptStatus.CAPTURED
    if "PENDING" in captures | authorizations:
        return AttemptStatus.PROCESSING
    if authorizations & HELD:
        return AttemptStatus.AUTHORIZED
    if authorizations & {"VOIDED", "EXPIRED"} or order["status"] == "VOIDED":
        return AttemptStatus.CANCELLED
    if captures or authorizations:
        return AttemptStatus.FAILED
    if is_given_up(order):
        return AttemptStatus.CANCELLED
    # Completed, and what became of the money is not told yet.
    return AttemptStatus.PROCESSING if order["status"] == "COMPLETED" else AttemptStatus.REQUIRES_ACTION


def _next_action(order: Json, return_url: str) -> dict[str, str] | None:
    if order["status"] == "APPROVED":
        return {"type": "confirm", "url": return_url}
    for link in order.get("links", []):
        if link["rel"] in APPROVAL_LINKS:
            return {"type": "redirect", "url": link["href"]}
    return None


def _refund(refund: Json, order: Json) -> ObservedRefund:
    refund_id = our_id(refund.get("custom_id"))
    # One made on PayPal's site carries the payment's id.
    is_ours = refund_id is not None and refund_id != our_id(unit(order).get("custom_id"))
    return ObservedRefund(
        reference=refund["id"],
        refund_id=refund_id if is_ours else None,
        status=REFUNDS.get(refund["status"], RefundStatus.PENDING),
        amount_minor=from_paypal(refund["amount"]).minor,
    )


def _moves(order: Json) -> tuple[ObservedMove, ...]:
    received = [
        _move(one["id"], one["seller_receivable_breakdown"], "receivable_amount", 1)
        for one in taken(order)
        if "seller_receivable_breakdown" in one
    ]
    returned = [
        _move(one["id"], one["seller_payable_breakdown"], "net_amount_in_receivable_currency", -1)
        for one in payments(order, "refunds")
        if one["status"] == "COMPLETED" and "seller_payable_breakdown" in one
    ]
    return tuple(received + returned)


def _move(reference: str, breakdown: Json, settled_as: str, sign: int) -> ObservedMove:
    """One line of the balance; where that has another currency, PayPal names the net amount there, after its fee."""
    gross = from_paypal(breakdown["gross_amount"])
    fee = from_paypal(breakdown["paypal_fee"]) if "paypal_fee" in breakdown else Money.zero(gross.currency)
    settled = gross
    if settled_as in breakdown:
        net = from_paypal(breakdown[settled_as])
        fee = _fee_there(breakdown, fee, net.currency)
        settled = net + fee
    return ObservedMove(
        reference=reference,
        moved_minor=sign * gross.minor,
        settled_minor=sign * settled.minor,
        fee_minor=sign * fee.minor,
        currency=settled.currency,
    )


def _fee_there(breakdown: Json, fee: Money, currency: str) -> Money:
    if fee.currency == currency:
        return fee
    if "paypal_fee_in_receivable_currency" in breakdown:
        return from_paypal(breakdown["paypal_fee_in_receivable_currency"])
    rate = Decimal(breakdown["exchange_rate"]["value"])
    shift = EXPONENTS[currency] - EXPONENTS[fee.currency]
    return Money(minor=round_half_up((fee.minor * rate).scaleb(shift)), currency=currency)


def _sum(payments: list[Json]) -> int:
    return sum(from_paypal(one["amount"]).minor for one in payments)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
