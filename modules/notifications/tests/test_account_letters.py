"""The mails about an account: from the fact to what the provider is given."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecommerce.kernel import clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Forbidden, NotFound, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.models import Delivery, Message
from modules.users.contracts import AccountLink, Contact, LinkNotWanted, LinkPurpose
from modules.users.events import EmailVerificationRequested, PasswordChanged, PasswordResetRequested

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://shop.example/reset-password/?token=secret&x=1"
LINKED = [
    (EmailVerificationRequested, "email_verification", LinkPurpose.VERIFY_EMAIL),
    (PasswordResetRequested, "password_reset", LinkPurpose.RESET_PASSWORD),
]


def contact(user_id, **changes):
    ada = Contact(
        user_id=user_id,
        email="ada@example.com",
        email_verified=False,
        first_name="Ada",
        last_name="",
        language="en",
    )
    return replace(ada, **changes)


def link(user_id, purpose, email="ada@example.com"):
    return AccountLink(email=email, language="en", url=URL, expires_at=clock.now() + timedelta(hours=1))


def handle(event):
    with atomic(Message):
        for handler in HANDLERS[type(event)]:
            handler(event)


def write(event, user_id, **changes):
    with stand_in("users", get_contacts=lambda ids: [contact(user_id, **changes)]):
        handle(event)
        driver.run_due("default")
    return Message.objects.get(customer_id=user_id)


@pytest.mark.parametrize(("event", "topic", "purpose"), LINKED)
def test_a_request_becomes_a_mail_whose_link_is_fetched_when_it_is_sent_and_stored_nowhere(
    broker, provider, event, topic, purpose
):
    user_id, request_id = new_id(), new_id()
    message = write(event(user_id=user_id, request_id=request_id), user_id)
    assert (message.topic, message.reference_id, message.status) == (topic, request_id, "ready")
    assert (message.recipient, message.address, message.language) == ("owner", "ada@example.com", "en")
    assert "[link]" in message.text
    assert broker == [message.pk]

    with stand_in("users", get_account_link=link) as asked:
        deliveries.deliver(message.pk)
    assert asked == [("get_account_link", {"user_id": str(user_id), "purpose": purpose})]
    (mail,) = provider.taken
    assert URL in mail.body
    assert 'href="https://shop.example/reset-password/?token=secret&amp;x=1"' in mail.alternatives[0][0]
    message.refresh_from_db()
    assert message.status == "sent"
    assert "secret" not in message.text + message.html


def test_a_new_password_is_told_to_its_owner_without_a_link(broker, provider):
    user_id = new_id()
    message = write(PasswordChanged(user_id=user_id, change_id=new_id()), user_id)
    with stand_in("users", get_account_link=link) as asked:
        deliveries.deliver(message.pk)
    assert asked == []
    assert "was changed just now" in provider.taken[0].body
    assert provider.taken[0].to == ["ada@example.com"]


@pytest.mark.parametrize(
    ("language", "greeting"), [("en", "Hello Ada,"), ("de", "Guten Tag Ada,"), ("ru", "Здравствуйте, Ada!")]
)
def test_it_is_written_in_the_owners_language(broker, language, greeting):
    user_id = new_id()
    message = write(PasswordResetRequested(user_id=user_id, request_id=new_id()), user_id, language=language)
    assert (message.language, message.text.splitlines()[2]) == (language, greeting)


def test_a_name_cannot_smuggle_markup_into_the_mail(broker):
    user_id = new_id()
    message = write(
        PasswordResetRequested(user_id=user_id, request_id=new_id()), user_id, first_name="<a href=x>\nhttp://evil"
    )
    assert "<a href=x>" not in message.html
    assert message.text.splitlines()[2] == "Hello <a href=x> http://evil,"


def test_each_request_is_a_mail_of_its_own_and_the_same_one_twice_is_one(broker):
    user_id = new_id()
    first, second = (PasswordResetRequested(user_id=user_id, request_id=new_id()) for _ in range(2))
    with stand_in("users", get_contacts=lambda ids: [contact(user_id)]):
        for event in (first, second, first):
            handle(event)
        driver.run_due("default")
    assert Message.objects.filter(customer_id=user_id).count() == 2


def test_an_account_that_is_gone_gets_no_mail(broker):
    with stand_in("users", get_contacts=lambda ids: []):
        handle(PasswordResetRequested(user_id=new_id(), request_id=new_id()))
        driver.run_due("default")
    message = Message.objects.get()
    assert (message.status, message.address) == ("skipped", "")
    assert broker == []


def test_a_link_that_nobody_needs_any_more_is_not_sent(broker, provider):
    user_id = new_id()
    message = write(EmailVerificationRequested(user_id=user_id, request_id=new_id()), user_id)

    def verified_meanwhile(user_id, purpose):
        raise LinkNotWanted

    with stand_in("users", get_account_link=verified_meanwhile):
        deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.next_attempt_at) == ("skipped", None)
    assert (Delivery.objects.get().status, Delivery.objects.get().code) == ("refused", "not_wanted")
    assert provider.taken == []


def test_while_users_does_not_answer_the_mail_waits(broker, provider):
    user_id = new_id()
    message = write(PasswordResetRequested(user_id=user_id, request_id=new_id()), user_id)

    def away(user_id, purpose):
        raise Unavailable("users does not answer.")

    with stand_in("users", get_account_link=away):
        deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.next_attempt_at > clock.now()) == ("ready", True)
    assert (Delivery.objects.get().status, Delivery.objects.get().code) == ("failed", "unavailable")
    assert provider.taken == []


@pytest.mark.parametrize("refusal", [Forbidden, NotFound])
def test_a_refusal_that_nobody_expected_is_kept_and_the_mail_waits(broker, provider, refusal):
    """An older users that does not know the question, or no longer our key: mended by people, and seen by them."""
    message = write(PasswordResetRequested(user_id=(user_id := new_id()), request_id=new_id()), user_id)

    def refuse(**_):
        raise refusal

    with stand_in("users", get_account_link=refuse):
        deliveries.deliver(message.pk)

    message.refresh_from_db()
    assert (message.status, message.claim_token, message.next_attempt_at > clock.now()) == ("ready", None, True)
    assert (Delivery.objects.get().status, Delivery.objects.get().code) == ("failed", refusal.code)
    assert provider.taken == []


def test_a_link_goes_to_the_address_that_the_account_has_now(broker, provider):
    user_id = new_id()
    message = write(PasswordResetRequested(user_id=user_id, request_id=new_id()), user_id)
    with stand_in("users", get_account_link=lambda user_id, purpose: link(user_id, purpose, "ada@new.example")):
        deliveries.deliver(message.pk)
    assert provider.taken[0].to == ["ada@new.example"]
