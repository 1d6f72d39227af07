"""The SendGrid of our own answers as the real one's documentation says."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.fakes.published import misfits
from tests.fakes.sendgrid import DROP_AFTER, DROP_BEFORE, SendGridServer

MAIL: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "ada@example.com"}], "custom_args": {"message_id": "1"}}],
    "from": {"email": "shop@example.com"},
    "subject": "Hello",
    "content": [{"type": "text/plain", "value": "Hello"}, {"type": "text/html", "value": "<p>Hello</p>"}],
}


@pytest.fixture
def sendgrid() -> Iterator[SendGridServer]:
    with SendGridServer() as server:
        yield server


def send(sendgrid: SendGridServer, mail: Any = MAIL, key: str = "", path: str = "/v3/mail/send") -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key or sendgrid.key}"}
    return httpx2.post(f"{sendgrid.base_url}{path}", json=mail, headers=headers, trust_env=False)


def test_a_mail_is_taken_and_named(sendgrid: SendGridServer) -> None:
    answer = send(sendgrid)
    assert (answer.status_code, answer.content) == (202, b"")
    (mail,) = sendgrid.mails
    assert answer.headers["X-Message-Id"] == mail.id
    assert sendgrid.misfits == []
    assert (mail.to, mail.subject, mail.custom_args) == ("ada@example.com", "Hello", {"message_id": "1"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, None),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to"),
        ({"from": {"email": ""}}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": MAIL["content"][::-1]}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"headers": {"Reply-To": "x@example.com"}}, "headers"),
        ({"custom_args": {"count": 1}}, "custom_args"),
    ],
)
def test_what_is_wrong_is_refused_and_named(sendgrid: SendGridServer, changes: Any, field: str | None) -> None:
    answer = send(sendgrid, MAIL | changes)
    assert answer.status_code == 400
    assert misfits("sendgrid_mail_send", "errors", answer.json()) == []
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert error["message"]
    assert sendgrid.mails == []


def test_each_recipient_gets_a_mail(sendgrid: SendGridServer) -> None:
    people = [
        {"to": [{"email": "ada@example.com"}, {"email": "bob@example.com"}]},
        {"to": [{"email": "eve@example.com"}]},
    ]
    assert send(sendgrid, MAIL | {"personalizations": people}).status_code == 202
    assert [mail.to for mail in sendgrid.mails] == ["ada@example.com", "bob@example.com", "eve@example.com"]


def test_strangers_and_other_addresses_are_refused(sendgrid: SendGridServer) -> None:
    assert send(sendgrid, key="SG.other").status_code == 401
    assert send(sendgrid, path="/v3/mail/batch").status_code == 404
    assert send(sendgrid, "no mail").status_code == 400


def test_what_does_not_fit_the_published_shape_is_noted(sendgrid: SendGridServer) -> None:
    assert send(sendgrid, MAIL | {"categories": 5, "colour": "red"}).status_code == 202
    assert sendgrid.misfits == ["categories: 5 is not of type 'array'", "colour: unknown"]


def test_it_fails_as_it_is_told(sendgrid: SendGridServer) -> None:
    sendgrid.fail_next(429, 500, DROP_BEFORE, DROP_AFTER)
    busy = send(sendgrid)
    assert (busy.status_code, busy.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert send(sendgrid).status_code == 500
    for taken in (0, 1):
        with pytest.raises(httpx2.TransportError):
            send(sendgrid)
        assert len(sendgrid.mails) == taken
    sendgrid.is_down = True
    assert send(sendgrid).status_code == 503
    sendgrid.is_down = False
    assert send(sendgrid).status_code == 202


def test_what_it_tells_is_signed_with_its_key(sendgrid: SendGridServer) -> None:
    send(sendgrid)
    body, headers = sendgrid.told_of(sendgrid.mails[0], "delivered")
    key = load_der_public_key(base64.b64decode(sendgrid.webhook_key))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signature = base64.b64decode(headers["X-Twilio-Email-Event-Webhook-Signature"])
    signed = headers["X-Twilio-Email-Event-Webhook-Timestamp"].encode() + body
    key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    assert b'"message_id": "1"' in body
