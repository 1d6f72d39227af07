"""SMS come to who asks for them: off until then, and only with a number."""

from typing import Any

import pytest

from ecommerce.kernel.identity import Principal
from modules.notifications.models import OptIn
from modules.notifications.tests.api.callers import client, customer
from modules.notifications.tests.texts import NUMBER, users
from tests.fakes.twilio import TwilioServer

pytestmark = pytest.mark.django_db

PREFERENCES = "/api/v1/notifications/preferences/"
SHIPPED = {"topic": "order_shipped", "channel": "sms"}
DELIVERED = {"topic": "order_delivered", "channel": "sms"}
REMINDERS = {"topic": "cart_abandoned", "channel": "mail"}


def wish(ada: Principal, *wishes: dict[str, object], phone: str = NUMBER) -> Any:
    with users(phone):
        return client(ada).patch(PREFERENCES, {"preferences": list(wishes)}, format="json")


def shown(ada: Principal) -> dict[str, bool]:
    """What can be heard by SMS, and whether it is."""
    with users():
        rows = client(ada).get(PREFERENCES).json()["results"]
    assert all(row["can_change"] for row in rows if row["channel"] == "sms")
    return {row["topic"]: row["enabled"] for row in rows if row["channel"] == "sms"}


def test_only_where_a_parcel_is_can_be_heard_by_sms_and_it_is_off(twilio: TwilioServer) -> None:
    assert shown(customer()) == {"order_delivered": False, "order_shipped": False}


def test_what_is_turned_on_is_on_until_it_is_turned_off(twilio: TwilioServer) -> None:
    ada, other = customer(), customer()
    for _ in range(2):
        assert wish(ada, {**SHIPPED, "enabled": True}).status_code == 200
    assert shown(ada) == {"order_delivered": False, "order_shipped": True}
    assert (OptIn.objects.count(), shown(other)["order_shipped"]) == (1, False)
    for _ in range(2):
        assert wish(ada, {**SHIPPED, "enabled": False}, phone="").status_code == 200
    assert (OptIn.objects.count(), shown(ada)["order_shipped"]) == (0, False)


def test_of_two_wishes_for_the_same_the_last_counts(twilio: TwilioServer) -> None:
    ada = customer()
    assert wish(ada, {**SHIPPED, "enabled": False}, {**SHIPPED, "enabled": True}).status_code == 200
    assert shown(ada)["order_shipped"] is True


@pytest.mark.parametrize("phone", ["", "0151 12345678", "+49 30 901820", "+1 900 555 1234"])
def test_without_a_number_for_them_nothing_is_turned_on(twilio: TwilioServer, phone: str) -> None:
    wishes = ({**SHIPPED, "enabled": True}, {**DELIVERED, "enabled": False}, {**REMINDERS, "enabled": True})
    refused = wish(customer(), *wishes, phone=phone)
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_missing")
    assert not OptIn.objects.exists()


def test_there_are_no_sms_about_anything_else(twilio: TwilioServer) -> None:
    for topic in ("order_confirmed", "cart_abandoned"):
        refused = wish(customer(), {**SHIPPED, "enabled": True}, {"topic": topic, "channel": "sms", "enabled": True})
        assert (refused.status_code, refused.json()["code"]) == (409, "preference_not_offered")
        assert (refused.json()["topic"], refused.json()["channel"]) == (topic, "sms")
    assert not OptIn.objects.exists()


def test_mail_about_a_parcel_still_comes(twilio: TwilioServer) -> None:
    refused = wish(customer(), {**SHIPPED, "channel": "mail", "enabled": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "preference_fixed")


def test_a_shop_without_twilio_offers_none_and_lets_who_had_them_turn_them_off(
    twilio: TwilioServer, settings: Any
) -> None:
    ada = customer()
    wish(ada, {**SHIPPED, "enabled": True})
    settings.TWILIO_ACCOUNT_SID = ""
    assert shown(ada) == {}
    assert wish(ada, {**DELIVERED, "enabled": True}).json()["code"] == "preference_not_offered"
    assert wish(ada, {**SHIPPED, "enabled": False}).status_code == 200
    assert not OptIn.objects.exists()
