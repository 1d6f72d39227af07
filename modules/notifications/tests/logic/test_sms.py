"""Handing SMS to Twilio: what is sent, what its refusals mean, and that none is sent twice."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import CalledInTransaction, atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.notifications.logic import deliveries, parked
from modules.notifications.logic.channels import sms
from modules.notifications.logic.channels import twilio as client
from modules.notifications.models import Delivery, Message, Suppression
from modules.notifications.tests.texts import NUMBER, TEXT, a_text, send, users
from tests.fakes.published import misfits
from tests.fakes.twilio import TwilioServer
from tests.fakes.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.django_db(transaction=True)


def again(message: Message) -> str:
    """Its pause, or its lease, is over."""
    past = clock.now() - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk).update(next_attempt_at=past)
    Message.objects.filter(pk=message.pk, claimed_until__isnull=False).update(claimed_until=past)
    return send(message)[0]


def attempts(message: Message) -> list[tuple[str, str]]:
    return list(message.deliveries.order_by("pk").values_list("status", "code"))


def posts(twilio: TwilioServer) -> int:
    return len([method for method, _ in twilio.calls if method == "POST"])


def test_an_sms_is_one_call_and_kept_with_twilios_id(twilio: TwilioServer) -> None:
    message = a_text()
    assert send(message) == ["sent"]
    (taken,) = twilio.messages
    assert (taken["to"], taken["from"], taken["body"]) == (NUMBER, "+15550006789", TEXT)
    callback = f"https://shop.example/api/v1/notifications/tracking/twilio/?message_id={message.pk}"
    assert twilio.forms[taken["sid"]]["StatusCallback"] == callback
    assert misfits("twilio_messages", "form", twilio.forms[taken["sid"]]) == []
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.provider_id) == ("sent", taken["sid"])
    assert len(twilio.calls) == 1
    send(message)
    assert len(twilio.calls) == 1


@pytest.mark.parametrize(
    ("sender", "field"), [("Lampen", "From"), ("+15550006789", "From"), ("MG" + "1" * 32, "MessagingServiceSid")]
)
def test_it_is_sent_from_a_number_a_name_or_by_a_service(
    twilio: TwilioServer, settings: Any, sender: str, field: str
) -> None:
    settings.TWILIO_SENDER = sender
    assert send(a_text()) == ["sent"]
    form = twilio.forms[twilio.messages[0]["sid"]]
    assert (form[field], "From" in form, "MessagingServiceSid" in form) == (
        sender,
        field == "From",
        field != "From",
    )


@pytest.mark.parametrize("host", ["localhost", "shop.localhost", "127.0.0.1"])
def test_nobody_calls_a_shop_that_is_not_public(twilio: TwilioServer, settings: Any, host: str) -> None:
    settings.PUBLIC_URL = f"http://{host}:8000"
    send(a_text())
    assert "StatusCallback" not in twilio.forms[twilio.messages[0]["sid"]]


@pytest.mark.parametrize(
    ("answer", "code", "status", "result"),
    [
        (21211, "21211", "parked", "refused"),
        (21408, "21408", "parked", "refused"),
        (21614, "21614", "parked", "refused"),
        (21609, "21609", "parked", "refused"),
        (21611, "21611", "ready", "failed"),
        (401, "20003", "ready", "failed"),
        (429, "20429", "ready", "failed"),
        (500, "20500", "ready", "failed"),
        (503, "20503", "ready", "failed"),
        ("drop", "connection_lost", "ready", "failed"),
    ],
)
def test_what_may_pass_is_tried_again_and_what_cannot_is_parked(
    twilio: TwilioServer, answer: Any, code: str, status: str, result: str
) -> None:
    twilio.answers = [answer]
    message = a_text()
    assert send(message) == [status]
    assert attempts(message) == [(result, code)]


def test_a_twilio_that_is_away_or_slow_is_asked_again(
    twilio: TwilioServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx2.Timeout(0.3))
    twilio.answers = ["hang"]
    slow, away = a_text(), a_text(text="Lampen: order 1002")
    assert send(slow) == ["ready"]
    settings.TWILIO_API_BASE = "http://127.0.0.1:9"
    assert send(away) == ["ready"]
    assert (attempts(slow), attempts(away)) == ([("failed", "timeout")], [("failed", "not_reached")])


@pytest.mark.parametrize(("answer", "code"), [(302, "302"), (307, "307"), (200, "unreadable"), (502, "502")])
def test_what_is_not_twilios_answer_sends_nothing_and_is_not_followed(
    twilio: TwilioServer, settings: Any, answer: int, code: str
) -> None:
    message = a_text()
    with WebhookReceiver(answers=[answer], answer_body=b"<html>") as stranger:
        settings.TWILIO_API_BASE = stranger.url.partition("/hook")[0]
        assert send(message) == ["ready"]
        assert len(stranger.received) == 1
    assert attempts(message) == [("failed", code)]


def test_proxies_of_the_environment_are_not_used(twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(a_text()) == ["sent"]


def test_what_was_written_before_twilio_was_taken_away_waits(twilio: TwilioServer, settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID = ""
    message = a_text()
    assert (send(message), attempts(message), twilio.calls) == (["ready"], [("failed", "not_configured")], [])


def test_a_wrong_token_is_no_reason_to_park_anything(twilio: TwilioServer, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "old"
    message = a_text()
    assert send(message) == ["ready"]
    settings.TWILIO_AUTH_TOKEN = twilio.token
    assert again(message) == "sent"


def test_who_has_answered_stop_to_twilio_is_known_from_then_on(twilio: TwilioServer) -> None:
    twilio.answers = [21610]
    first, second = a_text(), a_text()
    assert send(first, second) == ["skipped", "skipped"]
    assert (attempts(first), attempts(second)) == ([("refused", "21610")], [("refused", "suppressed")])
    assert list(Suppression.objects.values_list("address", "reason")) == [(NUMBER, "stopped")]
    assert posts(twilio) == 1


class TestOnce:
    @pytest.mark.parametrize("lost", ["drop", "500_after"])
    def test_what_was_taken_although_its_answer_was_lost_is_not_sent_again(
        self, twilio: TwilioServer, lost: str
    ) -> None:
        twilio.answers = [lost]
        message = a_text()
        assert (send(message), again(message)) == (["ready"], "sent")
        assert (len(twilio.messages), posts(twilio)) == (1, 1)
        assert message.deliveries.get(status="sent").provider_id == twilio.messages[0]["sid"]

    def test_so_is_what_a_worker_had_sent_that_was_killed(self, twilio: TwilioServer) -> None:
        message = a_text()
        attempt = deliveries._claim(message.pk)
        assert attempt is not None
        sms.send(attempt.message)  # and now the worker is killed
        assert again(message) == "sent"
        assert len(twilio.messages) == 1
        assert attempts(message) == [("lost", ""), ("sent", "")]

    def test_what_a_killed_worker_had_not_sent_is_sent(self, twilio: TwilioServer) -> None:
        message = a_text()
        assert deliveries._claim(message.pk) is not None
        assert again(message) == "sent"
        assert len(twilio.messages) == 1

    def test_an_sms_of_the_same_words_is_not_taken_for_it(self, twilio: TwilioServer) -> None:
        # Two parcels of one order, by a carrier that shows nothing.
        first, second, elsewhere = a_text(), a_text(), a_text(address="+4915187654321")
        send(first)
        twilio.answers = [503]
        assert (send(second), again(second)) == (["ready"], "sent")
        send(elsewhere, phone="+4915187654321")
        sids = set(Delivery.objects.filter(status="sent").values_list("provider_id", flat=True))
        assert (len(sids), len(twilio.messages)) == (3, 3)

    def test_nor_is_one_from_before_it_was_tried(self, twilio: TwilioServer) -> None:
        message = a_text()
        send(message)
        Delivery.objects.all().delete()  # of another shop that shares the account
        twilio.messages[0]["date_created"] = "Fri, 27 Nov 2020 10:00:00 +0000"
        twilio.answers = [503]
        second = a_text()
        assert (send(second), again(second)) == (["ready"], "sent")
        assert len(twilio.messages) == 2

    def test_it_is_found_behind_the_words_that_a_trial_account_adds(self, twilio: TwilioServer) -> None:
        twilio.answers = ["drop"]
        message = a_text()
        send(message)
        twilio.messages[0]["body"] = f"Sent from your Twilio trial account - {TEXT}"
        assert again(message) == "sent"
        assert len(twilio.messages) == 1

    def test_what_twilio_has_told_of_is_found_although_its_list_lags(self, twilio: TwilioServer) -> None:
        twilio.answers, twilio.lag = ["drop"], 1
        message = a_text()
        send(message)
        sid = twilio.messages[0]["sid"]
        told = {"provider": "twilio", "outcome": "delivered", "at": clock.now(), "received_at": clock.now()}
        message.tracking.create(event_id=f"{sid}:delivered", **told)
        assert again(message) == "sent"
        assert (len(twilio.messages), message.deliveries.get(status="sent").provider_id) == (1, sid)

    def test_a_list_that_cannot_be_read_lets_nothing_be_sent(self, twilio: TwilioServer, settings: Any) -> None:
        twilio.answers = ["drop"]
        message = a_text()
        send(message)
        settings.TWILIO_AUTH_TOKEN = "wrong"
        assert again(message) == "ready"
        settings.TWILIO_AUTH_TOKEN = twilio.token
        assert again(message) == "sent"
        assert len(twilio.messages) == 1

    def test_a_replayed_one_is_looked_for_too(self, twilio: TwilioServer, broker: list[UUID]) -> None:
        twilio.answers = ["drop"]
        message = a_text(attempts=deliveries.ATTEMPTS_BEFORE_PARKING - 1)
        assert send(message) == ["parked"]
        assert parked.replay([message.pk]) == 1
        assert again(message) == "sent"
        assert len(twilio.messages) == 1

    def test_two_workers_at_once_send_one(self, twilio: TwilioServer) -> None:
        message = a_text()
        with users():
            results = at_once(*[lambda: deliveries.deliver(message.pk)] * 4)
        assert results == [None] * 4
        assert (len(twilio.messages), attempts(message)) == (1, [("sent", "")])


def test_twilio_is_not_asked_inside_a_transaction(twilio: TwilioServer) -> None:
    with atomic(Message), pytest.raises(CalledInTransaction):
        sms.send(a_text())
    assert twilio.calls == []


def test_no_number_and_no_token_is_logged(twilio: TwilioServer, caplog: pytest.LogCaptureFixture) -> None:
    twilio.answers = ["drop", 21211]
    message = a_text()
    with caplog.at_level(logging.INFO):
        send(message)
        again(message)
    assert "15112345678" not in caplog.text
    assert twilio.token not in caplog.text


def test_who_has_no_account_any_more_gets_nothing(twilio: TwilioServer) -> None:
    message = a_text(UUID(int=new_id().int))
    Message.objects.update(customer_id=None)
    message.refresh_from_db()
    assert send(message) == ["skipped"]
    assert twilio.calls == []
