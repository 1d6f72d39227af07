"""What Twilio calls the shop for: what became of an SMS, and what was answered to one."""

from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic.channels.twilio_callbacks import signature
from modules.notifications.models import Message, OptIn, Suppression, Tracking
from modules.notifications.tests.api.callers import client
from modules.notifications.tests.texts import NUMBER, a_text, send
from modules.users.events import UserErased
from tests.fakes.twilio import Call, TwilioServer

pytestmark = pytest.mark.django_db(transaction=True)

INCOMING = "https://shop.example/api/v1/notifications/incoming/twilio/"
FORM = "application/x-www-form-urlencoded"


def call(made: Call, *, signed: str | None = None) -> Any:
    headers = {"X-Twilio-Signature": made.signature if signed is None else signed}
    return client().post(made.path, made.body, content_type=FORM, headers=headers)


def a_sent_text(twilio: TwilioServer, **fields: Any) -> tuple[Message, str]:
    message = a_text(**fields)
    assert send(message) == ["sent"]
    return message, twilio.messages[-1]["sid"]


def suppressed() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("address", "reason"))


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        ("delivered", None, "delivered"),
        ("undelivered", 30005, "bounced"),
        ("failed", 30007, "rejected"),
        ("sent", None, None),
        ("sending", None, None),
        ("queued", None, None),
    ],
)
def test_what_became_of_an_sms_is_kept_once(
    twilio: TwilioServer, status: str, error: int | None, outcome: str | None
) -> None:
    message, sid = a_sent_text(twilio)
    twilio.settle(sid, status, error_code=error)
    for _ in range(2):
        assert call(twilio.status_call(sid)).status_code == 200
    rows = list(Tracking.objects.values_list("message_id", "provider", "outcome", "detail"))
    assert rows == ([(message.pk, "twilio", outcome, str(error or ""))] if outcome else [])
    assert suppressed() == []


def test_a_number_that_twilio_does_not_write_to_any_more_is_known(twilio: TwilioServer) -> None:
    _, sid = a_sent_text(twilio)
    twilio.settle(sid, "failed", error_code=21610)
    assert call(twilio.status_call(sid)).status_code == 200
    assert suppressed() == [(NUMBER, "stopped")]


@pytest.mark.parametrize(("text", "kind"), [("STOP", ""), (" stop\n", ""), ("Unsubscribe", ""), ("Halt", "STOP")])
def test_who_answers_stop_gets_no_more_until_he_answers_start(twilio: TwilioServer, text: str, kind: str) -> None:
    a_sent_text(twilio)
    for _ in range(2):
        answer = call(twilio.answer_call(NUMBER, text, INCOMING, opt_out=kind))
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"<Response/>", "text/xml")
    assert suppressed() == [(NUMBER, "stopped")]
    assert send(a_text()) == ["skipped"]

    assert call(twilio.answer_call(NUMBER, "start", INCOMING)).status_code == 200
    assert suppressed() == []
    assert send(a_text()) == ["sent"]


@pytest.mark.parametrize(("text", "kind"), [("Please stop by", ""), ("HELP", "HELP"), ("STOP", "HELP"), ("", "")])
def test_anything_else_changes_nothing(twilio: TwilioServer, text: str, kind: str) -> None:
    a_sent_text(twilio)
    assert call(twilio.answer_call(NUMBER, text, INCOMING, opt_out=kind)).status_code == 200
    assert suppressed() == []


def test_of_a_number_that_we_never_wrote_to_nothing_is_kept(twilio: TwilioServer) -> None:
    a_sent_text(twilio)
    for number in ("+4915187654321", ""):
        assert call(twilio.answer_call(number, "STOP", INCOMING)).status_code == 200
    assert suppressed() == []


class TestSigned:
    def test_who_is_not_twilio_is_refused(self, twilio: TwilioServer) -> None:
        _, sid = a_sent_text(twilio)
        twilio.settle(sid, "delivered")
        told = twilio.status_call(sid)
        stop = twilio.answer_call(NUMBER, "STOP", INCOMING)
        for made in (told, stop):
            for wrong in ("", "x", "é", replace(made, token="other").signature):
                refused = call(made, signed=wrong)
                assert (refused.status_code, refused.json()["code"]) == (400, "invalid_signature")
        assert (Tracking.objects.count(), suppressed()) == (0, [])

    @pytest.mark.parametrize("field", ["MessageStatus", "To", "message_id"])
    def test_nothing_in_it_can_be_changed(self, twilio: TwilioServer, field: str) -> None:
        other = a_text()
        _, sid = a_sent_text(twilio)
        made = twilio.status_call(sid)
        changed = {
            "MessageStatus": replace(made, fields=made.fields | {"MessageStatus": "delivered"}),
            "To": replace(made, fields=made.fields | {"To": "+4915187654321"}),
            "message_id": replace(made, url=f"{made.url.partition('?')[0]}?message_id={other.pk}"),
        }
        assert call(changed[field], signed=made.signature).json()["code"] == "invalid_signature"
        assert Tracking.objects.count() == 0

    def test_a_shop_without_twilio_believes_nobody(self, twilio: TwilioServer, settings: Any) -> None:
        a_sent_text(twilio)
        settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
        made = twilio.answer_call(NUMBER, "STOP", INCOMING)
        for token in ("", twilio.token):
            assert call(replace(made, token=token)).status_code == 404

    def test_it_is_as_twilios_documentation_shows(self) -> None:
        form = QueryDict(
            "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"
        )
        url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        assert signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("?message_id=", {"MessageStatus": "delivered"}),
        ("?message_id=7", {"MessageStatus": "delivered"}),
        ("", {"MessageStatus": "delivered"}),
        ("?message_id=019390c0-0000-7000-8000-000000000000", {"MessageStatus": "delivered", "MessageSid": "SM\0"}),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(
    twilio: TwilioServer, path: str, fields: dict[str, str]
) -> None:
    url = f"https://shop.example/api/v1/notifications/tracking/twilio/{path}"
    refused = call(Call(url=url, fields=fields, token=twilio.token))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_body")
    assert Tracking.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MessageStatus": "delivered"},
        {"MessageStatus": "delivered", "MessageSid": "S" * 400, "ErrorCode": "9" * 400, "To": "x" * 400},
    ],
)
def test_an_odd_call_about_nobody_is_no_server_error(twilio: TwilioServer, fields: dict[str, str]) -> None:
    for message_id in (new_id(), a_text().pk):
        url = f"https://shop.example/api/v1/notifications/tracking/twilio/?message_id={message_id}"
        assert call(Call(url=url, fields=fields, token=twilio.token)).status_code == 200


def test_who_is_erased_leaves_no_number_and_no_consent(twilio: TwilioServer, broker: list[Any]) -> None:
    message, sid = a_sent_text(twilio)
    call(twilio.answer_call(NUMBER, "STOP", INCOMING))
    assert message.customer_id is not None
    with atomic(Message):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=message.customer_id))
    message.refresh_from_db()
    assert (message.status, message.address, message.text, suppressed()) == ("sent", "", "", [])
    assert not OptIn.objects.exists()

    # What Twilio tells afterwards names nobody either.
    call(twilio.answer_call(NUMBER, "STOP", INCOMING))
    twilio.settle(sid, "failed", error_code=21610)
    call(twilio.status_call(sid))
    assert ({row.detail for row in Tracking.objects.all()}, suppressed()) == ({""}, [])


def test_twilio_reaches_a_shop_behind_a_gateway(twilio: TwilioServer, live_server: Any) -> None:
    message, sid = a_sent_text(twilio)
    twilio.settle(sid, "delivered")
    assert twilio.status_call(sid).make(at=live_server.url) == 200
    assert message.tracking.get().outcome == "delivered"
