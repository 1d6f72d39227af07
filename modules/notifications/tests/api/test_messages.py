"""What customers and staff may ask notifications over HTTP."""

import pytest
from django.db import connection

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.notifications.logic import records
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.api.callers import client, customer, staff
from modules.notifications.tests.factories import MessageFactory
from modules.users.contracts import Scope

pytestmark = pytest.mark.django_db

MESSAGES, DELIVERIES = "/api/v1/notifications/", "/api/v1/notifications/deliveries/"


def sent(**fields: object) -> Message:
    return MessageFactory.create(status="sent", sent_at=now(), **fields)


def attempt(message: Message, status: str = "failed", **fields: object) -> Delivery:
    return Delivery.objects.create(message=message, status=status, started_at=now(), finished_at=now(), **fields)


def test_the_caller_sees_what_was_sent_to_him_newest_first_and_nothing_else(clock):
    ada = customer()
    first = sent(customer_id=ada.id)
    clock.shift(1)
    second = sent(customer_id=ada.id, topic="order_shipped")
    sent(customer_id=new_id())
    sent()
    MessageFactory.create(customer_id=ada.id)

    answer = client(ada).get(MESSAGES).json()

    assert [row["id"] for row in answer["results"]] == [str(second.pk), str(first.pk)]
    assert answer["results"][1] == {
        "id": str(first.pk),
        "topic": "order_confirmed",
        "order_id": str(first.order_id),
        "channel": "mail",
        "language": "en",
        "subject": "Your order 1001 is confirmed",
        "text": "Thank you for order 1001.\n",
        "sent_at": "2026-11-28T12:00:00Z",
    }


def test_pages_are_one_query_each_and_lead_to_one_another(clock):
    ada, written = customer(), []
    for _ in range(5):
        written.append(str(sent(customer_id=ada.id).pk))
        clock.shift(1)
    seen, url = [], f"{MESSAGES}?limit=2"
    while url:
        with statements() as asked:
            page = client(ada).get(url).json()
        assert len(asked) == 1
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == written[::-1]


def test_who_asks_without_a_login_or_wrongly_is_refused():
    assert client().get(MESSAGES).status_code == 401
    assert client(customer()).get(f"{MESSAGES}?limit=0").json()["code"] == "invalid_limit"
    assert client(customer()).get(DELIVERIES).status_code == 403
    assert client(staff()).get(DELIVERIES).status_code == 403
    assert client(staff(Scope.NOTIFICATIONS_READ)).get(f"{DELIVERIES}?message_id=1").status_code == 400
    assert client(staff(Scope.NOTIFICATIONS_READ)).get(f"{DELIVERIES}?nonsense=1").status_code == 400


def test_staff_see_every_attempt(clock):
    message, other = sent(), MessageFactory.create()
    failed = attempt(message, code="503", detail="Busy")
    clock.shift(1)
    done = attempt(message, status="sent", provider_id="sg-1")
    attempt(other)

    reader = client(staff(Scope.NOTIFICATIONS_READ))
    with statements() as asked:
        everything = reader.get(DELIVERIES).json()["results"]
    of_one = reader.get(f"{DELIVERIES}?message_id={message.pk}").json()["results"]

    assert (len(everything), len(asked)) == (3, 1)
    assert [row["id"] for row in of_one] == [str(done.pk), str(failed.pk)]
    assert {name: of_one[1][name] for name in ("topic", "status", "code", "detail", "message_status", "address")} == {
        "topic": "order_confirmed",
        "status": "failed",
        "code": "503",
        "detail": "Busy",
        "message_status": "sent",
        "address": "ada@example.com",
    }


@pytest.mark.django_db(transaction=True)
def test_a_parked_message_gets_another_round_and_asking_twice_is_once(broker):
    message = MessageFactory.create(status="parked", next_attempt_at=None, attempts=13)
    url = f"{DELIVERIES}{attempt(message).pk}/replay/"
    writer = client(staff(Scope.NOTIFICATIONS_WRITE))
    for _ in range(2):
        answer = writer.post(url)
        assert (answer.status_code, answer.json()["message_status"]) == (202, "ready")
    message.refresh_from_db()
    assert (message.attempts, broker) == (0, [message.pk])


def test_what_is_sent_is_not_sent_again():
    url = f"{DELIVERIES}{attempt(sent(), status='sent').pk}/replay/"
    answer = client(staff(Scope.NOTIFICATIONS_WRITE)).post(url)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_replayable")
    assert client(staff(Scope.NOTIFICATIONS_READ)).post(url).status_code == 403
    missing = f"{DELIVERIES}{new_id()}/replay/"
    assert client(staff(Scope.NOTIFICATIONS_WRITE)).post(missing).status_code == 404


def test_a_customers_messages_are_found_by_their_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    assert "message_of_customer" in records.sent_to(new_id()).order_by("-id").explain()
