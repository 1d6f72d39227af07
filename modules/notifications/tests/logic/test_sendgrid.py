"""Mail by Anymail's SendGrid backend, to a server that behaves like SendGrid."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ecommerce.kernel import clock
from modules.notifications.logic import deliveries
from modules.notifications.logic.channels import mail
from modules.notifications.models import Delivery, Message, Suppression, Tracking
from modules.notifications.tests.api.callers import client
from modules.notifications.tests.factories import MessageFactory
from tests.fakes.sendgrid import DROP_AFTER, DROP_BEFORE, HANG, HANG_AFTER, SendGridServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sendgrid(settings: Any) -> Iterator[SendGridServer]:
    """The shop sends by it."""
    with SendGridServer() as server:
        settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
        settings.ANYMAIL = {
            "SENDGRID_API_KEY": server.key,
            "SENDGRID_API_URL": f"{server.base_url}/v3/",
            "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": server.webhook_key,
            "REQUESTS_TIMEOUT": (0.5, 0.5),
        }
        yield server
        assert server.misfits == []


def test_a_mail_goes_out_with_both_texts_and_what_it_is_known_by_again(sendgrid: SendGridServer) -> None:
    message = MessageFactory.create()

    deliveries.deliver(message.pk)

    (taken,) = sendgrid.mails
    assert (taken.to, taken.subject) == ("ada@example.com", "Your order 1001 is confirmed")
    assert taken.contents == {"text/plain": message.text, "text/html": message.html}
    assert taken.headers["Message-ID"] == mail.message_id(message)
    assert taken.custom_args["message_id"] == str(message.pk)
    assert Delivery.objects.get().status == "sent"


def test_what_it_tells_of_a_mail_is_kept_with_the_message(sendgrid: SendGridServer) -> None:
    message = MessageFactory.create()
    deliveries.deliver(message.pk)
    for kind, fields in (("delivered", {}), ("bounce", {"type": "bounce", "status": "5.1.1"})):
        body, headers = sendgrid.told_of(sendgrid.mails[0], kind, **fields)
        url = "/api/v1/notifications/tracking/sendgrid/"
        answer = client().post(url, body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
    assert set(Tracking.objects.values_list("message_id", "outcome")) == {
        (message.pk, "delivered"),
        (message.pk, "bounced"),
    }
    assert Suppression.objects.get().address == "ada@example.com"


def test_mails_after_one_another_share_a_connection(sendgrid: SendGridServer) -> None:
    for message in MessageFactory.create_batch(3):
        deliveries.deliver(message.pk)
    assert (len(sendgrid.mails), sendgrid.connections) == (3, 1)


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    sendgrid: SendGridServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_IDLE_SECONDS", -1)
    for message in MessageFactory.create_batch(2):
        deliveries.deliver(message.pk)
    assert (len(sendgrid.mails), sendgrid.connections) == (2, 2)


@pytest.mark.parametrize("failure", [401, 429, 500, 503, DROP_BEFORE, HANG])
def test_what_may_pass_is_tried_again_and_arrives_once(sendgrid: SendGridServer, failure: int | str) -> None:
    message = MessageFactory.create()
    sendgrid.fail_next(failure)
    deliveries.deliver(message.pk)
    assert Message.objects.get().status == "ready"

    Message.objects.update(next_attempt_at=clock.now())
    deliveries.deliver(message.pk)

    assert [taken.custom_args["message_id"] for taken in sendgrid.mails] == [str(message.pk)]
    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "sent"]


@pytest.mark.parametrize("failure", [DROP_AFTER, HANG_AFTER])
def test_what_was_taken_without_an_answer_arrives_twice_and_can_be_told_to_be_one(
    sendgrid: SendGridServer, failure: str
) -> None:
    """SendGrid knows no idempotency keys: the residual risk, as documented."""
    message = MessageFactory.create()
    sendgrid.fail_next(failure)
    deliveries.deliver(message.pk)
    Message.objects.update(next_attempt_at=clock.now())
    deliveries.deliver(message.pk)
    assert [taken.headers["Message-ID"] for taken in sendgrid.mails] == 2 * [mail.message_id(message)]
    assert Message.objects.get().status == "sent"


@pytest.mark.parametrize("address", ["nobody", "ada@localhost", "ada lovelace@example.com"])
def test_what_it_refuses_is_parked_at_once(sendgrid: SendGridServer, address: str) -> None:
    message = MessageFactory.create(address=address)
    deliveries.deliver(message.pk)
    assert (Message.objects.get().status, Delivery.objects.get().status) == ("parked", "refused")
    assert sendgrid.mails == []


def test_an_outage_costs_few_attempts_and_is_over_for_all_at_once(sendgrid: SendGridServer, clock: Any) -> None:
    messages = MessageFactory.create_batch(50)
    sendgrid.is_down = True
    for _ in range(20):  # ten minutes in which workers are asked for every message again and again
        clock.shift(timedelta(seconds=30))
        for message in messages:
            deliveries.deliver(message.pk)
    assert sendgrid.calls <= 5 + 20
    assert sum(Message.objects.values_list("attempts", flat=True)) == sendgrid.calls
    assert not Message.objects.exclude(status="ready").exists()

    sendgrid.is_down = False
    clock.shift(timedelta(hours=1))
    for message in messages:
        deliveries.deliver(message.pk)
    assert sorted(taken.custom_args["message_id"] for taken in sendgrid.mails) == sorted(
        str(one.pk) for one in messages
    )
