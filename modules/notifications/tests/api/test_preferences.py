"""What a customer wants to hear of, and the link by which he says so without signing in."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.logic import preferences, unsubscribing
from modules.notifications.models import Message, OptOut
from modules.notifications.tests.api.callers import client, customer
from modules.notifications.tests.factories import MessageFactory, a_contact

pytestmark = pytest.mark.django_db

MULTIPART = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
PREFERENCES = "/api/v1/notifications/preferences/"
REMINDERS = {"topic": "cart_abandoned", "channel": "mail"}
ORDERS = {"topic": "order_confirmed", "channel": "mail"}


@pytest.fixture
def ada() -> Iterator[Principal]:
    """She accepts marketing."""
    ada = customer()
    with stand_in("users", get_contacts=lambda ids: [a_contact(UUID(str(ids[0])))]):
        yield ada


def wish(ada: Principal, *wishes: dict[str, object]):
    return client(ada).patch(PREFERENCES, {"preferences": list(wishes)}, format="json")


def enabled(answer) -> dict[str, bool]:
    return {row["topic"]: row["enabled"] for row in answer.json()["results"]}


def reminder(owner_id: UUID, **fields: object) -> Message:
    return MessageFactory.create(topic="cart_abandoned", order_id=None, customer_id=owner_id, **fields)


def link(message: Message) -> str:
    return unsubscribing.link(message.pk).split("/", 3)[3].join(("/", ""))


def test_every_topic_is_named_and_only_marketing_is_a_matter_of_choice(ada):
    rows = client(ada).get(PREFERENCES).json()["results"]
    assert {row["topic"] for row in rows} == set(preferences.TOPICS)
    assert [row["topic"] for row in rows if row["can_change"]] == ["cart_abandoned", "review_request"]
    assert {**REMINDERS, "enabled": True, "can_change": True} in rows
    assert all(row["enabled"] for row in rows)


def test_what_is_turned_off_stays_off_until_it_is_turned_on_again(ada):
    for _ in range(2):
        assert enabled(wish(ada, {**REMINDERS, "enabled": False}))["cart_abandoned"] is False
    assert enabled(client(ada).get(PREFERENCES))["cart_abandoned"] is False
    for _ in range(2):
        assert enabled(wish(ada, {**REMINDERS, "enabled": True}))["cart_abandoned"] is True


def test_mail_about_orders_cannot_be_turned_off_and_the_other_wishes_are_not_done_either(ada):
    answer = wish(ada, {**REMINDERS, "enabled": False}, {**ORDERS, "enabled": False})
    assert (answer.status_code, answer.json()["code"], answer.json()["topic"]) == (
        409,
        "preference_fixed",
        "order_confirmed",
    )
    assert not OptOut.objects.exists()
    assert wish(ada, {**ORDERS, "enabled": True}).status_code == 200


def test_whose_account_accepts_no_marketing_gets_none_and_cannot_turn_it_on_here():
    ada = customer()
    with stand_in("users", get_contacts=lambda ids: [a_contact(UUID(str(ids[0])), accepts_marketing=False)]):
        assert enabled(client(ada).get(PREFERENCES))["cart_abandoned"] is False
        refused = wish(ada, {**REMINDERS, "enabled": True})
        assert (refused.status_code, refused.json()["code"]) == (409, "marketing_not_accepted")
        assert wish(ada, {**REMINDERS, "enabled": False}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"preferences": []},
        {"preferences": [{"topic": "cart_abandoned", "channel": "mail"}]},
        {"preferences": [{**REMINDERS, "enabled": "no"}]},
        {"preferences": [{**REMINDERS, "enabled": False, "can_change": True}]},
        {"preferences": [{"topic": "weather", "channel": "mail", "enabled": False}]},
        {"preferences": [{"topic": "cart_abandoned", "channel": "pigeon", "enabled": False}]},
    ],
)
def test_what_cannot_be_read_changes_nothing(ada, body):
    assert client(ada).patch(PREFERENCES, body, format="json").status_code == 400
    assert not OptOut.objects.exists()


def test_nobody_has_no_preferences():
    assert client().get(PREFERENCES).status_code == 401
    assert client().patch(PREFERENCES, {}, format="json").status_code == 401


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("application/json", "{}"),
        ("multipart/form-data; boundary=x", MULTIPART),
    ],
)
def test_a_mail_program_unsubscribes_by_one_post_without_a_login(content_type, body):
    ada = new_id()
    url = link(reminder(ada))
    for _ in range(2):
        answer = client().post(url, body, content_type=content_type)
        assert (answer.status_code, answer.json()) == (200, REMINDERS)
    assert OptOut.objects.filter(customer_id=ada, **REMINDERS).count() == 1


@pytest.mark.parametrize(
    ("language", "asks", "done"),
    [("en", "Shall we not write", "Done:"), ("de", "Sollen wir", "Erledigt:"), ("ru", "Больше не писать", "Готово:")],
)
def test_who_opens_the_link_is_asked_first_and_in_his_language(language, asks, done):
    ada = new_id()
    url, browser = link(reminder(ada, language=language)), {"Accept": "text/html,*/*;q=0.8"}
    page = client().get(url, headers=browser)
    assert (page.status_code, page["Content-Type"], asks in page.content.decode()) == (
        200,
        "text/html; charset=utf-8",
        True,
    )
    assert '<form method="post">' in page.content.decode()
    assert not OptOut.objects.exists()

    page = client().post(url, "", content_type="application/x-www-form-urlencoded", headers=browser)
    assert (page.status_code, done in page.content.decode()) == (200, True)
    assert OptOut.objects.filter(customer_id=ada).exists()


def test_a_link_that_is_not_ours_or_belongs_to_no_marketing_is_unknown():
    good = link(reminder(new_id()))
    about_order = link(MessageFactory.create(customer_id=new_id()))
    for url in (good[:-2] + "x/", good.replace(".", ""), about_order, link(Message(pk=new_id()))):
        for answer in (client().get(url), client().post(url)):
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert not OptOut.objects.exists()
