"""The address providers deliver to."""

import json
from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.logic.providers.sandbox_webhooks import sign
from modules.payments.tests.factories import started

pytestmark = pytest.mark.django_db

PATH = "/api/v1/payments/webhooks/"


def deliver(body: bytes, *, to: str = "sandbox", content_type: str = "application/json", **changed: str):
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": sign("evt_1", timestamp, body),
    } | changed
    raw = cast(Any, body)
    return APIClient().generic("POST", f"{PATH}{to}/", raw, content_type, headers=headers)


def an_event(kind: str = "payment.captured", attempt_id=None) -> bytes:
    return json.dumps({"type": kind, "data": {"attempt_id": str(attempt_id or new_id())}}).encode()


def test_an_event_is_taken_and_kept_with_its_raw_body():
    started()
    body = an_event(attempt_id=models.Attempt.objects.get().id) + b"\n"
    assert [deliver(body).status_code, deliver(body).status_code] == [200, 200]
    assert bytes(models.ProviderEvent.objects.get().body) == body


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "x"])
@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"{", b"a=1", b"null"])
def test_whatever_is_signed_is_kept(body, content_type):
    assert deliver(body, content_type=content_type).status_code == 200
    assert bytes(models.ProviderEvent.objects.get().body) == body


def test_what_is_not_signed_is_refused_and_not_kept():
    answer = deliver(an_event(), **{"webhook-signature": "v1,AAAA"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert models.ProviderEvent.objects.count() == 0


def test_a_known_provider_that_is_not_configured_is_400_and_an_unknown_one_404(settings):
    assert deliver(an_event(), to="nobody").status_code == 404
    settings.SANDBOX_ALLOWED = False
    answer = deliver(an_event())
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")


def test_an_unknown_type_is_kept_and_answered_200():
    assert deliver(an_event("payment.dreamt_of")).status_code == 200
    assert models.ProviderEvent.objects.get().type == "payment.dreamt_of"


def test_a_providers_own_authorization_header_is_none_of_our_business():
    assert deliver(an_event(), authorization="Bearer theirs").status_code == 200


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
def test_a_provider_that_has_no_adapter_yet_has_no_valid_signature(provider):
    answer = deliver(an_event(), to=provider)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert not models.ProviderEvent.objects.exists()
