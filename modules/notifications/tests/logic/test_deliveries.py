import smtplib
from datetime import timedelta

import pytest
from anymail.exceptions import AnymailInvalidAddress, AnymailRecipientsRefused, AnymailRequestsAPIError
from requests import Response

from ecommerce.kernel import chance, clock
from ecommerce.kernel.db import CalledInTransaction, atomic
from modules.notifications.logic import deliveries
from modules.notifications.logic.channels import mail
from modules.notifications.logic.channels.letterbox import NotSent
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


def answered(status):
    response = Response()
    response.status_code, response.reason, response._content = status, "because", b"{}"
    return AnymailRequestsAPIError(response=response)


def test_a_message_is_sent_with_both_texts_and_an_id_of_its_own(provider):
    message = MessageFactory.create()
    deliveries.deliver(message.pk)
    (sent,) = provider.taken
    assert (sent.to, sent.subject, sent.body) == (
        ["ada@example.com"],
        "Your order 1001 is confirmed",
        "Thank you for order 1001.\n",
    )
    assert [tuple(alternative) for alternative in sent.alternatives] == [
        ("<p>Thank you for order 1001.</p>\n", "text/html")
    ]
    assert sent.extra_headers["Message-ID"] == f"<{message.pk}@localhost>"
    assert sent.metadata == {"message_id": str(message.pk)}
    message.refresh_from_db()
    assert (message.status, message.attempts, message.claim_token, message.next_attempt_at) == ("sent", 1, None, None)
    assert message.sent_at is not None
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.code) == ("sent", "")
    assert delivery.finished_at is not None


def test_delivering_again_sends_nothing(provider):
    message = MessageFactory.create()
    deliveries.deliver(message.pk)
    deliveries.deliver(message.pk)
    assert len(provider.taken) == 1
    assert Delivery.objects.count() == 1


def test_an_unknown_or_unfinished_message_is_not_sent(provider):
    draft = MessageFactory.create(status="draft", text="", address="")
    deliveries.deliver(draft.pk)
    deliveries.deliver(draft.reference_id)
    assert provider.taken == []
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (answered(503), "503"),
        (answered(429), "429"),
        (answered(401), "401"),
        (AnymailRequestsAPIError("no answer"), "AnymailRequestsAPIError"),
        (smtplib.SMTPServerDisconnected("gone"), "SMTPServerDisconnected"),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"later")}), "450"),
        (smtplib.SMTPAuthenticationError(535, b"who are you"), "535"),
        (ConnectionRefusedError("nobody"), "ConnectionRefusedError"),
    ],
)
def test_what_may_pass_is_tried_again_later(provider, failure, code):
    provider.failure = failure
    message = MessageFactory.create()
    before = clock.now()
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, message.claim_token, message.handed_until) == ("ready", 1, None, None)
    assert message.next_attempt_at is not None
    assert timedelta(seconds=5) <= message.next_attempt_at - before <= timedelta(seconds=12)
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.code) == ("failed", code)


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (answered(400), "400"),
        (answered(413), "413"),
        (AnymailRecipientsRefused(), "AnymailRecipientsRefused"),
        (AnymailInvalidAddress("no address"), "AnymailInvalidAddress"),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")}), "550"),
        (smtplib.SMTPDataError(554, b"spam"), "554"),
    ],
)
def test_what_cannot_pass_is_parked_at_once(provider, failure, code):
    provider.failure = failure
    message = MessageFactory.create()
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, message.next_attempt_at) == ("parked", 1, None)
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.code) == ("refused", code)


def test_a_message_that_is_not_due_yet_waits(provider):
    message = MessageFactory.create(next_attempt_at=clock.now() + timedelta(seconds=5))
    deliveries.deliver(message.pk)
    assert provider.taken == []


def test_a_message_is_parked_after_the_last_attempt(provider):
    provider.failure = answered(503)
    message = MessageFactory.create(attempts=deliveries.ATTEMPTS_BEFORE_PARKING - 1)
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("parked", 13)


def test_pauses_grow_to_an_hour(monkeypatch):
    now = clock.now()
    monkeypatch.setattr(chance, "jitter", lambda seconds: seconds)
    monkeypatch.setattr(clock, "now", lambda: now)
    messages = [MessageFactory.build(attempts=attempts) for attempts in range(1, 13)]
    pauses = [(deliveries._next_attempt(message) - now).total_seconds() for message in messages]
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]


def test_a_message_another_worker_is_sending_is_left_to_it(provider):
    message = MessageFactory.create(claimed_until=clock.now() + timedelta(seconds=5))
    deliveries.deliver(message.pk)
    assert provider.taken == []


def test_a_message_whose_worker_was_killed_is_sent_after_its_lease(provider):
    message = MessageFactory.create()
    assert deliveries._claim(message.pk) is not None  # and now the worker is killed
    deliveries.deliver(message.pk)
    assert provider.taken == []
    Message.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    deliveries.deliver(message.pk)
    assert len(provider.taken) == 1
    assert list(message.deliveries.order_by("pk").values_list("status", flat=True)) == ["lost", "sent"]
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("sent", 2)


def test_a_worker_that_lost_its_lease_does_not_undo_what_the_other_has_done(provider):
    message = MessageFactory.create()
    slow = deliveries._claim(message.pk)
    assert slow is not None
    Message.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    deliveries.deliver(message.pk)
    deliveries._failed(slow, NotSent(code="503", permanent=True, detail=""))
    message.refresh_from_db()
    assert message.status == "sent"


def test_no_provider_is_asked_inside_a_transaction(provider):
    message = MessageFactory.create()
    with atomic(Message), pytest.raises(CalledInTransaction):
        mail.send(message)
    assert provider.taken == []


def test_in_development_a_mail_is_a_file_that_can_be_searched_and_that_nobody_else_reads(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = mail.FILES, str(tmp_path / "var" / "mail")
    message = MessageFactory.create(subject="Bestellung 1001 bestätigt", text="Gesamtbetrag: 19,90\xa0€\n")
    deliveries.deliver(message.pk)
    directory = tmp_path / "var" / "mail"
    assert directory.stat().st_mode & 0o777 == 0o700
    (file,) = directory.iterdir()
    written = file.read_text()
    assert file.suffix == ".log"
    assert "Gesamtbetrag: 19,90\xa0€\n" in written
    assert "Content-Transfer-Encoding: 8bit" in written
    assert f"Message-ID: <{message.pk}@localhost>" in written


def test_two_mails_in_the_same_second_are_two_files(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = mail.FILES, str(tmp_path)
    for message in MessageFactory.create_batch(5):
        deliveries.deliver(message.pk)
    text = "".join(file.read_text() for file in tmp_path.iterdir())
    assert text.count("Message-ID") == 5
