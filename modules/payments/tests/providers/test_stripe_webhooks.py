import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from modules.payments.logic.providers.base import InvalidSignature, Notice
from modules.payments.logic.providers.stripe import Stripe
from modules.payments.tests.providers.subjects import FAKE_SECRET, new_charge
from tests.fakes.stripe import StripeServer


def signed(body: bytes, *, secret: str = FAKE_SECRET, ago: int = 0) -> dict[str, str]:
    """As Stripe signs, written down a second time."""
    at = int(time.time()) - ago
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={digest}"}


def event(kind: str, subject: dict[str, Any]) -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": subject}}).encode()


def verified(headers: dict[str, str], body: bytes) -> Notice:
    return Stripe().verify_webhook(headers, body)


@pytest.fixture(autouse=True)
def _configured(server: StripeServer) -> None:
    """Every test has the secrets of the fake."""


def test_events_of_a_payment_lead_to_its_attempt(server: StripeServer) -> None:
    charge = new_charge(method="pm_card_createDispute")
    reference = Stripe().create(charge).reference

    notices = server.events.deliver(verified)

    found = {notice.type: (notice.reference, notice.attempt_id, notice.matters) for notice in notices}
    named = (reference, charge.attempt_id, True)
    assert found == {
        "payment_intent.created": named,
        "charge.succeeded": named,
        "payment_intent.succeeded": named,
        # A dispute is the bank's: it holds nothing of ours but the intent's name.
        "charge.dispute.created": (reference, None, True),
        "charge.dispute.funds_withdrawn": (reference, None, True),
    }
    assert all(notice.event_id.startswith("evt_") for notice in notices)


def test_events_of_a_refund_lead_to_its_attempt(server: StripeServer) -> None:
    charge = new_charge(method="pm_card_visa")
    reference = Stripe().create(charge).reference
    server.events.drop()
    Stripe().refund(charge, charge.payment_id, charge.amount)

    notices = server.events.deliver(verified)

    assert [(one.type, one.reference, one.attempt_id) for one in notices] == [
        ("refund.created", reference, charge.attempt_id),
        ("charge.refunded", reference, charge.attempt_id),
    ]


def test_both_secrets_are_good_while_one_is_rotated(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    body = event("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})

    for secret in ("whsec_new", "whsec_old"):
        assert verified(signed(body, secret=secret), body).reference == "pi_1"
    with pytest.raises(InvalidSignature):
        verified(signed(body, secret="whsec_other"), body)


def test_names_of_headers_have_no_case() -> None:
    body = event("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})

    assert verified({"stripe-signature": signed(body)["Stripe-Signature"]}, body).matters


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers, body: ({}, body),
        lambda headers, body: ({"Stripe-Signature": ""}, body),
        lambda headers, body: ({"Stripe-Signature": "t=1"}, body),
        lambda headers, body: ({"Stripe-Signature": "t=now,v1=00"}, body),
        lambda headers, body: ({"Stripe-Signature": f"t={'9' * 5000},v1=00"}, body),
        lambda headers, body: ({"Stripe-Signature": "t=1,v1=ü"}, body),
        lambda headers, body: (headers, body + b" "),
        lambda headers, body: (headers, b"\xff\xfe"),
        lambda headers, body: ({"Stripe-Signature": headers["Stripe-Signature"].replace("v1=", "v0=")}, body),
        lambda headers, body: (signed(body, ago=301), body),
        lambda headers, body: (signed(body, secret=""), body),
    ],
)
def test_what_is_not_stripes_is_refused(spoil: Callable[..., tuple[dict[str, str], bytes]]) -> None:
    body = event("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})

    with pytest.raises(InvalidSignature):
        verified(*spoil(signed(body), body))


def test_a_late_event_within_five_minutes_is_taken() -> None:
    body = event("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent"})

    assert verified(signed(body, ago=290), body).matters


@pytest.mark.parametrize(
    "kind", ["customer.created", "payment_intent.invented", "payout.paid", "x" * 300, "v2.core.event"]
)
def test_an_unknown_kind_is_kept_and_leads_nowhere(kind: str) -> None:
    body = event(kind, {"id": "cus_1", "object": "customer"})

    assert verified(signed(body), body) == Notice(event_id="evt_1", type=kind[:100], matters=False)


def test_a_charge_without_an_intent_leads_nowhere() -> None:
    body = event("charge.succeeded", {"id": "ch_1", "object": "charge", "payment_intent": None, "metadata": {}})

    assert verified(signed(body), body).matters is False


@pytest.mark.parametrize("metadata", [None, {}, {"attempt_id": "7"}, {"attempt_id": None}, [1]])
def test_labels_that_are_not_ours(metadata: Any) -> None:
    body = event("charge.updated", {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": metadata})

    notice = verified(signed(body), body)

    assert (notice.reference, notice.attempt_id, notice.matters) == ("pi_1", None, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b'{"id": "evt_1"}', b'{"id": "evt_1", "type": "charge.failed"}', b"[" * 100_000],
)
def test_what_is_signed_and_unreadable_is_kept(body: bytes) -> None:
    notice = verified(signed(body), body)

    assert (notice.type, notice.matters, notice.event_id[:11]) == ("unreadable", False, "unreadable_")
    assert notice == verified(signed(body), body)
