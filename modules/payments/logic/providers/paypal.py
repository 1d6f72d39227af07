"""PayPal by its Orders v2: the buyer approves an order on PayPal's pages, then we take the money.

An order by itself moves no money. Only `confirm` captures or authorises one, and only when its buyer has approved it;
`fetch` never does, it says that somebody has to confirm.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from modules.payments.contracts import AmountNotChargeable, Failure, MethodNotAvailable
from modules.payments.logic.providers import paypal_disputes, paypal_records, paypal_webhooks
from modules.payments.logic.providers.base import Charge, ListedPage, Notice, Observed, ObservedRefund, Payout
from modules.payments.logic.providers.paypal_amounts import to_paypal
from modules.payments.logic.providers.paypal_client import NAME, RefusedByPayPal, ask
from modules.payments.logic.providers.paypal_reading import (
    GIVEN_UP,
    forgotten,
    is_given_up,
    our_id,
    payments,
    read,
    taken,
)
from modules.payments.models import AttemptStatus, RefundStatus

Json = dict[str, Any]

ORDERS = "/v2/checkout/orders"
AUTHORIZATIONS = "/v2/payments/authorizations"
CAPTURES = "/v2/payments/captures"

METHOD = "paypal"
REFUNDABLE = frozenset({"COMPLETED", "PARTIALLY_REFUNDED"})
VOIDABLE = frozenset({"CREATED", "PENDING"})
# Refusals to take the money that say no more than that the order stands otherwise than we thought.
LOOK_AGAIN = frozenset(
    {"ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED", "ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED"}
)
REASONS = {"INSTRUMENT_DECLINED": "The chosen source of money was declined; choose another one at PayPal."}


class PayPal:
    """Orders v2 over REST."""

    name = NAME
    dashboard = "https://www.paypal.com/activity/payment/{reference}"
    # What the buyer pays with he chooses at PayPal.
    methods: tuple[str, ...] = ()

    @property
    def public_key(self) -> str | None:
        """The id of the app, which PayPal's buttons in the browser ask for."""
        return str(settings.PAYPAL_CLIENT_ID)

    def method_for(self, asked: str | None) -> str:
        if asked not in (None, METHOD):
            raise MethodNotAvailable(method=asked)
        return METHOD

    def check_amount(self, amount: Money) -> None:
        to_paypal(amount)

    def create(self, charge: Charge) -> Observed:
        return _observed(charge) if charge.reference else _begin(charge, custom_id=str(charge.attempt_id))

    def confirm(self, charge: Charge, method: str | None) -> Observed:
        self.method_for(method)
        if not charge.reference:
            return self.create(charge)
        order = _find_order(charge)
        if order is None or order["status"] != "APPROVED" or is_given_up(order):
            return _observed_in(charge, order)
        step = "authorize" if order["intent"] == "AUTHORIZE" else "capture"
        try:
            ask("POST", f"{ORDERS}/{charge.reference}/{step}", request_id=f"{charge.attempt_id}-capture")
        except RefusedByPayPal as refusal:
            if refusal.issue == "DUPLICATE_INVOICE_ID":
                # Another order of this very attempt was paid, which only a create after PayPal had forgotten its id
                # can have brought about. To call it failed would let the buyer pay twice.
                raise Unavailable("PayPal says that this attempt is paid already.", dependency=NAME) from refusal
            if not (refusal.issue in LOOK_AGAIN or refusal.is_not_found):
                return _refused(charge, refusal)
        # The answer to the capture does not hold all of the order.
        return _observed(charge)

    def fetch(self, charge: Charge) -> Observed | None:
        """Without a reference None: its `create` was never answered, so no buyer was ever sent to PayPal for it."""
        if not charge.reference:
            return None
        order = _find_order(charge)
        observed = _observed_in(charge, order)
        return replace(observed, disputes=paypal_disputes.of_captures(taken(order))) if order else observed

    def capture(self, charge: Charge, capture_id: UUID, amount: Money) -> Observed:
        order = _find_order(charge)
        held = [] if order is None else [one for one in payments(order, "authorizations") if one["status"] == "CREATED"]
        if not held:
            return _observed_in(charge, order)
        body = {"amount": to_paypal(amount), "final_capture": True}
        # Where that is refused, the order tells what became of it.
        with suppress(RefusedByPayPal):
            ask("POST", f"{AUTHORIZATIONS}/{held[0]['id']}/capture", body=body, request_id=str(capture_id))
        return _observed(charge)

    def cancel(self, charge: Charge) -> Observed:
        """PayPal has no way to cancel an order; one that nobody confirms takes nothing, and expires.

        So that nobody does, however late, it is marked as given up, which `confirm` looks for. PayPal takes the mark
        on an approved order; on one that waits for its buyer it may refuse it, then only the caller keeps it unpaid.

        Where `create` was never answered it is repeated with the mark: under the same id that finds the order which
        may be there, and how it stands; if there is none, the one made now is in the place of any later one.
        """
        given_up = f"{GIVEN_UP}{charge.attempt_id}"
        try:
            found = _observed(charge) if charge.reference else _begin(charge, custom_id=given_up)
        except AmountNotChargeable:
            return Observed(reference="", status=AttemptStatus.CANCELLED, amount=charge.amount)
        if found.reference and found.status in (AttemptStatus.AUTHORIZED, AttemptStatus.PROCESSING):
            found = _void(replace(charge, reference=found.reference), found)
        if found.status != AttemptStatus.REQUIRES_ACTION:
            return found
        _rename(found.reference, given_up)
        return replace(found, status=AttemptStatus.CANCELLED, next_action=None)

    def refund(self, charge: Charge, refund_id: UUID, amount: Money) -> Observed:
        order = _find_order(charge)
        if order and any(our_id(one.get("custom_id")) == refund_id for one in payments(order, "refunds")):
            return read(order, charge.return_url)
        refundable = [one for one in taken(order) if one["status"] in REFUNDABLE] if order else []
        if not refundable:
            return _with_refusal(_observed_in(charge, order), refund_id, amount)
        try:
            body = {"amount": to_paypal(amount), "custom_id": str(refund_id), "invoice_id": str(refund_id)}
            ask("POST", f"{CAPTURES}/{refundable[0]['id']}/refund", body=body, request_id=str(refund_id))
        except (RefusedByPayPal, AmountNotChargeable):
            return _with_refusal(_observed(charge), refund_id, amount)
        return _observed(charge)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return paypal_webhooks.verify(headers, body)

    def list_attempts(self, since: datetime, until: datetime, cursor: str | None) -> ListedPage:
        return paypal_records.list_attempts(since, until, cursor)

    def list_payouts(self, since: datetime, until: datetime) -> Iterator[Payout]:
        return paypal_records.list_payouts(since, until)


def _begin(charge: Charge, *, custom_id: str) -> Observed:
    try:
        order = ask("POST", ORDERS, body=_new_order(charge, custom_id), request_id=str(charge.attempt_id))
    except RefusedByPayPal as refusal:
        return _refused(charge, refusal)
    return read(order, charge.return_url)


def _new_order(charge: Charge, custom_id: str) -> Json:
    """The custom id is its name in every later event and report; as invoice id the attempt's can be paid once only."""
    # The shop knows the address already; the buyer's last button says that he pays.
    context = {"shipping_preference": "NO_SHIPPING", "user_action": "PAY_NOW"}
    if charge.return_url:
        context |= {"return_url": charge.return_url, "cancel_url": charge.return_url}
    return {
        "intent": "AUTHORIZE" if charge.captures_later else "CAPTURE",
        "purchase_units": [
            {"custom_id": custom_id, "invoice_id": str(charge.attempt_id), "amount": to_paypal(charge.amount)}
        ],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def _find_order(charge: Charge) -> Json | None:
    """The order; None once PayPal has forgotten it, and where it never told us its name."""
    if not charge.reference:
        return None
    try:
        return ask("GET", f"{ORDERS}/{charge.reference}")
    except RefusedByPayPal as refusal:
        if refusal.is_not_found:
            return None
        raise


def _observed(charge: Charge) -> Observed:
    return _observed_in(charge, _find_order(charge))


def _observed_in(charge: Charge, order: Json | None) -> Observed:
    return forgotten(charge.reference, charge.amount) if order is None else read(order, charge.return_url)


def _refused(charge: Charge, refusal: RefusedByPayPal) -> Observed:
    """A decline: the buyer may try again, which makes a new order."""
    message = REASONS.get(refusal.issue, "PayPal has refused this payment.")
    return Observed(
        reference=charge.reference,
        status=AttemptStatus.FAILED,
        amount=charge.amount,
        failure=Failure(code=refusal.issue.lower(), message=message),
    )


def _rename(reference: str, custom_id: str) -> None:
    path = "/purchase_units/@reference_id=='default'/custom_id"
    with suppress(RefusedByPayPal):
        ask("PATCH", f"{ORDERS}/{reference}", body=[{"op": "replace", "path": path, "value": custom_id}])


def _void(charge: Charge, found: Observed) -> Observed:
    """Let go what is authorised; money that is on its way stays so."""
    order = _find_order(charge)
    held = [one for one in payments(order, "authorizations") if one["status"] in VOIDABLE] if order else []
    if not held:
        return found
    # Captured or voided meanwhile: the order tells.
    with suppress(RefusedByPayPal):
        ask("POST", f"{AUTHORIZATIONS}/{held[0]['id']}/void", request_id=f"{charge.attempt_id}-void")
    return _observed(charge)


def _with_refusal(observed: Observed, refund_id: UUID, amount: Money) -> Observed:
    refused = ObservedRefund(
        reference=f"refused_{refund_id}", refund_id=refund_id, status=RefundStatus.FAILED, amount_minor=amount.minor
    )
    return replace(observed, refunds=(*observed.refunds, refused))
