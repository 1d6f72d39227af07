"""PayPal's events: whether they are PayPal's, and which attempt they are about.

https://developer.paypal.com/api/rest/webhooks/rest/ and …/webhooks/event-names/
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature as WrongSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings

from ecommerce.kernel import clock
from modules.payments.logic.providers.base import InvalidSignature, Notice
from modules.payments.logic.providers.paypal_certificates import signing_key
from modules.payments.logic.providers.paypal_client import RefusedByPayPal, ask
from modules.payments.logic.providers.paypal_reading import our_id

Json = dict[str, Any]

ALGORITHM = "SHA256withRSA"
# PayPal repeats an event for three days, and does not say whether each time gets a new time and signature. So one is
# taken for four days: it is kept once by its id, and only makes us ask PayPal how things stand, so nothing is won by
# sending it again. One from the future is forged, or one of the two clocks is wrong.
OLDEST = timedelta(days=4)
NEWEST = timedelta(minutes=5)

OF_ORDERS = frozenset({"CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.VOIDED"})
OF_PAYMENTS = frozenset(
    {
        "PAYMENT.AUTHORIZATION.CREATED",
        "PAYMENT.AUTHORIZATION.VOIDED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.PENDING",
        "PAYMENT.CAPTURE.DECLINED",
        "PAYMENT.CAPTURE.DENIED",
    }
)
OF_REFUNDS = frozenset(
    {"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED"}
)
OF_DISPUTES = frozenset({"CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED"})


def verify(headers: Mapping[str, str], body: bytes) -> Notice:
    """Read an event; InvalidSignature where it is not PayPal's, not for this webhook, altered, or too old."""
    given = {name.lower(): value for name, value in headers.items()}
    transmission_id, time = given.get("paypal-transmission-id", ""), given.get("paypal-transmission-time", "")
    if given.get("paypal-auth-algo") != ALGORITHM or not settings.PAYPAL_WEBHOOK_ID:
        raise InvalidSignature
    _check_time(time)
    message = f"{transmission_id}|{time}|{settings.PAYPAL_WEBHOOK_ID}|{zlib.crc32(body)}".encode()
    try:
        signature = base64.b64decode(given.get("paypal-transmission-sig", ""), validate=True)
        key = signing_key(given.get("paypal-cert-url", ""))
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except (WrongSignature, binascii.Error, ValueError) as error:
        raise InvalidSignature from error
    return _read(body)


def _check_time(time: str) -> None:
    try:
        sent = datetime.fromisoformat(time)
    except ValueError:
        raise InvalidSignature from None
    age = clock.now() - (sent if sent.tzinfo else sent.replace(tzinfo=UTC))
    if not -NEWEST <= age <= OLDEST:
        raise InvalidSignature("The event is too old.")


def _read(body: bytes) -> Notice:
    # A CRC says little about a body that somebody has altered on purpose: what it says is only where to look.
    try:
        event = json.loads(body)
        event_id, kind, resource = str(event["id"]), str(event["event_type"])[:100], event["resource"]
        attempt_id, reference = _attempt(kind, resource)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Notice(event_id=f"crc-{zlib.crc32(body)}", type="unreadable", matters=False)
    matters = attempt_id is not None or bool(reference)
    return Notice(event_id=event_id, type=kind, attempt_id=attempt_id, reference=reference, matters=matters)


def _attempt(kind: str, resource: Json) -> tuple[UUID | None, str]:
    """By our id, or by the order's; neither where it is nothing of ours."""
    if kind in OF_ORDERS:
        attempt_id = our_id(resource["purchase_units"][0].get("custom_id"))
        return attempt_id, resource["id"] if attempt_id else ""
    if kind in OF_PAYMENTS:
        attempt_id = our_id(resource.get("custom_id"))
        return attempt_id, _order_id(resource) if attempt_id else ""
    if kind in OF_REFUNDS:
        # A refund's custom id is the refund's own.
        reference = _order_id(resource)
        return (None, reference) if reference else (_attempt_of_capture(_capture_id(resource)), "")
    if kind in OF_DISPUTES:
        disputed = resource["disputed_transactions"][0]
        return our_id(disputed.get("custom")) or _attempt_of_capture(disputed["seller_transaction_id"]), ""
    return None, ""


def _order_id(resource: Json) -> str:
    related = resource.get("supplementary_data", {}).get("related_ids", {})
    return str(related.get("order_id", ""))


def _capture_id(refund: Json) -> str:
    above: str = next(link["href"] for link in refund["links"] if link["rel"] == "up")
    return above.rsplit("/", 1)[-1]


def _attempt_of_capture(capture_id: str) -> UUID | None:
    """PayPal is asked where an event does not say; raises Unavailable, upon which PayPal sends it again."""
    if not capture_id.isalnum():
        return None
    try:
        return our_id(ask("GET", f"/v2/payments/captures/{capture_id}").get("custom_id"))
    except RefusedByPayPal:
        return None
