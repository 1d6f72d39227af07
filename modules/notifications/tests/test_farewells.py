"""The last mail about an account: from its erasure until nobody here knows whom it went to."""

from typing import Any
from uuid import UUID

import pytest
from anymail.exceptions import AnymailRecipientsRefused

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.models import Message
from modules.users.contracts import Farewell, FarewellOver
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)

ADA = new_id()


class Users:
    """Users, who knows an address until it is told to forget it."""

    def __init__(self) -> None:
        self.known: dict[str, Farewell] = {str(ADA): Farewell(email="ada@example.com", language="de")}

    def get_farewell(self, user_id: Any) -> Farewell:
        if str(user_id) not in self.known:
            raise FarewellOver
        return self.known[str(user_id)]

    def forget_farewell(self, user_id: Any) -> None:
        self.known.pop(str(user_id), None)


@pytest.fixture
def users():
    users = Users()
    with stand_in("users", get_farewell=users.get_farewell, forget_farewell=users.forget_farewell):
        yield users


def erased() -> Message:
    with atomic(Message):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=ADA))
    driver.run_due("default")
    return Message.objects.get(topic="account_erased")


def send(message: Message) -> str:
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    return message.status


def everything(message: Message) -> str:
    rows = [*Message.objects.filter(pk=message.pk).values(), *message.deliveries.values(), *message.tracking.values()]
    return str(rows)


def test_who_erased_his_account_is_told_and_forgotten(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()
    assert (message.status, message.language, broker) == ("ready", "de", [message.pk])
    assert "ada@example.com" not in everything(message)

    assert send(message) == "sent"
    (mail,) = provider.taken
    assert (mail.to, mail.subject) == (["ada@example.com"], "Ihr Konto ist gelöscht")
    assert (message.address, message.subject, message.text, message.html) == ("", "", "", "")
    assert message.forgotten_at is not None
    assert users.known == {}
    assert "ada@example.com" not in everything(message)


def test_told_twice_it_is_one_mail(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()
    send(message)
    assert erased().pk == message.pk
    send(message)
    assert len(provider.taken) == 1


def test_closed_before_it_was_sent_it_is_not_sent_any_more(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()
    users.known.clear()
    erased()
    assert (send(message), provider.taken) == ("skipped", [])


def test_nobody_to_tell_is_nothing_to_send(broker: list[UUID], users: Users) -> None:
    users.known.clear()
    assert (erased().status, broker) == ("skipped", [])


def test_an_address_that_is_forgotten_meanwhile_gets_nothing(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()
    users.known.clear()
    assert (send(message), provider.taken) == ("skipped", [])


def test_a_refusal_that_quotes_the_address_is_not_kept(broker: list[UUID], provider: Any, users: Users) -> None:
    provider.failure = AnymailRecipientsRefused("ada@example.com is unknown")
    message = erased()
    assert send(message) == "parked"
    assert "ada@example.com" not in everything(message)


def test_users_that_does_not_answer_is_asked_again(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()

    def away(**_: Any) -> None:
        raise Unavailable

    with stand_in("users", get_farewell=away):
        assert send(message) == "ready"
    assert provider.taken == []


def test_sent_it_counts_as_sent_even_if_users_cannot_be_told(broker: list[UUID], provider: Any, users: Users) -> None:
    message = erased()

    def away(**_: Any) -> None:
        raise Unavailable

    with stand_in("users", get_farewell=users.get_farewell, forget_farewell=away):
        assert send(message) == "sent"
    assert message.forgotten_at is not None
