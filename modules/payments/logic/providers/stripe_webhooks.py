"""Stripe's events: signed by the endpoint's secret, or by both while it is rotated. They only say where to look."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from modules.payments.logic.providers.base import InvalidSignature, Notice
from modules.payments.logic.providers.stripe_reading import attempt_of

TOLERANCE_SECONDS = 300
LONGEST_TYPE = 100

EVENTS = frozenset(
    [
        *(
            f"payment_intent.{happened}"
            for happened in (
                "amount_capturable_updated",
                "canceled",
                "created",
                "partially_funded",
                "payment_failed",
                "processing",
                "requires_action",
                "succeeded",
            )
        ),
        *(
            f"charge.{happened}"
            for happened in ("captured", "expired", "failed", "pending", "refunded", "succeeded", "updated")
        ),
        *(
            f"charge.dispute.{happened}"
            for happened in ("closed", "created", "funds_reinstated", "funds_withdrawn", "updated")
        ),
        "charge.refund.updated",
        *(f"refund.{happened}" for happened in ("created", "failed", "updated")),
    ]
)


def verify(headers: Mapping[str, str], body: bytes) -> Notice:
    """Read a delivered event; InvalidSignature when it is not Stripe's, is altered, or older than five minutes."""
    signature = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
    if not any(_is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise InvalidSignature
    return _read(body)


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    from stripe import SignatureVerificationError, WebhookSignature

    try:
        return bool(WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS))
    except (SignatureVerificationError, ValueError, TypeError, OverflowError):
        # Also what is no text, or no number where the time should be.
        return False


def _read(body: bytes) -> Notice:
    try:
        event = json.loads(body)
        event_id, kind = str(event["id"]), str(event["type"])
        if kind not in EVENTS:
            return Notice(event_id=event_id, type=kind[:LONGEST_TYPE], matters=False)
        subject = event["data"]["object"]
        reference, attempt_id = _intent_of(subject), attempt_of(subject)
        matters = bool(reference or attempt_id)
        return Notice(event_id=event_id, type=kind, attempt_id=attempt_id, reference=reference, matters=matters)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Signed, so it is Stripe's; whatever it means, it is kept.
        return Notice(event_id=_digest(body), type="unreadable", matters=False)


def _intent_of(subject: dict[str, Any]) -> str:
    """The intent that an object is, or belongs to."""
    if subject.get("object") == "payment_intent":
        return str(subject["id"])
    named = subject.get("payment_intent")
    return str(named["id"] if isinstance(named, dict) else named or "")


def _digest(body: bytes) -> str:
    from hashlib import sha256

    return f"unreadable_{sha256(body).hexdigest()}"
