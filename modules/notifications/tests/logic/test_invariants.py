import pytest
from django.db import IntegrityError, connection

from ecommerce.kernel import clock, registry
from modules.notifications.logic.invariants import INVARIANTS, complain_of_parked
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db


def broken():
    with connection.cursor() as cursor:
        found = {}
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            if rows := cursor.fetchall():
                found[invariant.name] = [row[0] for row in rows]
        return found


def delivered(message, times=1):
    for _ in range(times):
        message.deliveries.create(status="sent", started_at=clock.now(), finished_at=clock.now())
    return message


def test_a_sound_table_breaks_no_invariant():
    delivered(MessageFactory.create(status="sent", sent_at=clock.now()))
    MessageFactory.create()
    assert broken() == {}


def test_each_invariant_finds_what_breaks_it():
    undelivered = MessageFactory.create(status="sent", sent_at=clock.now())
    twice = delivered(MessageFactory.create(status="sent", sent_at=clock.now()), times=2)
    unnoticed = delivered(MessageFactory.create())
    assert broken() == {
        "what is sent has a delivery": [undelivered.pk],
        "nothing is sent twice": [twice.pk],
        "what is delivered counts as sent": [unnoticed.pk],
    }


def test_the_doctor_hears_of_parked_messages():
    assert complain_of_parked() is None
    MessageFactory.create(status="parked")
    complaint = "1 parked; see `manage.py notifications list`, then `manage.py notifications replay`"
    assert complain_of_parked() == complaint


def test_the_operators_commands_know_of_them():
    assert [one.name for one in registry.invariants if one.module == "notifications"] == [
        one.name for one in INVARIANTS
    ]
    assert "messages" in [one.name for one in registry.diagnoses]


@pytest.mark.parametrize(
    "changes",
    [{"status": "sent"}, {"status": "unheard of"}, {"address": ""}, {"text": ""}, {"next_attempt_at": None}],
)
def test_the_database_refuses_a_message_that_cannot_be(changes):
    with pytest.raises(IntegrityError):
        MessageFactory.create(**changes)


def test_the_database_refuses_a_second_message_for_the_same_recipient():
    first = MessageFactory.create()
    with pytest.raises(IntegrityError):
        MessageFactory.create(reference_id=first.reference_id)


def test_the_database_refuses_two_attempts_at_once():
    message = MessageFactory.create()
    message.deliveries.create(started_at=clock.now())
    with pytest.raises(IntegrityError):
        message.deliveries.create(started_at=clock.now())


def test_personal_fields_are_fields():
    for model in (Message, Delivery):
        assert {field.name for field in model._meta.get_fields()} >= model.PERSONAL
