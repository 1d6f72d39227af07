"""A customer asks for everything that is held on him: gathered from every module by events, and nothing of others."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import relay_until_quiet
from tests.accounts.shop import Customer
from tests.privacy.life import deliver

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="an export needs every module"),
]


def export_of(customer: Customer) -> dict[str, Any]:
    asked = customer.api.post("/api/v1/users/me/exports/")
    assert asked.status_code == 202
    path = f"/users/me/exports/{asked.json()['id']}/"
    assert customer.get(path)["document"] is None
    relay_until_quiet()
    ready: dict[str, Any] = customer.get(path)
    assert ready["status"] == "ready"
    return ready


def test_everything_that_is_held_on_a_customer_is_in_it_and_nothing_of_anybody_else(shop: None) -> None:
    ada = Customer("ada@example.com", "Ada Lovelace").register()
    eve = Customer("eve@example.net", "Eve Stranger").register()
    placed, others = ada.buy(note="Ring twice"), eve.buy(note="Back door")
    cart_id = ada.fill_cart(quantity=3)
    eve.fill_cart()
    deliver(UUID(placed["order"]["id"]))

    document = export_of(ada)["document"]

    assert set(document) == {"users", "catalog", "cart", "payments", "orders", "notifications"}
    assert document["users"]["account"]["email"] == "ada@example.com"
    assert len(document["users"]["sessions"]) == 1
    (order,) = document["orders"]["orders"]
    assert (order["id"], order["status"], order["note"]) == (placed["order"]["id"], "delivered", "Ring twice")
    assert order["total"] == placed["order"]["total"]
    assert [entry["event"] for entry in order["timeline"]] == [
        "placed",
        "payment_captured",
        "confirmed",
        "shipment_sent",
        "shipped",
        "shipment_delivered",
        "delivered",
    ]
    (payment,) = document["payments"]["payments"]
    assert (payment["id"], payment["captured"]) == (placed["payment"]["id"], placed["order"]["total"])
    ((cart, item),) = [(cart, item) for cart in document["cart"]["carts"] for item in cart["items"]]
    assert (cart["id"], item["quantity"]) == (cart_id, 3)
    messages = {message["topic"]: message for message in document["notifications"]["messages"]}
    assert set(messages) >= {"email_verification", "order_confirmed", "order_shipped", "order_delivered"}
    # She accepts no marketing: she is not asked for a review, and that is on record.
    assert (messages["review_request"]["status"], messages.pop("review_request")["address"]) == ("skipped", "")
    assert {message["address"] for message in messages.values()} == {"ada@example.com"}
    confirmation = messages["order_confirmed"]
    assert (confirmation["address"], confirmation["reference_id"]) == ("ada@example.com", placed["order"]["id"])
    reviewing = document["catalog"].pop("review_permits")
    assert [permit["product"] for permit in reviewing] == ["demo-t-shirt"]
    assert document["catalog"] == {"stock_movements": [], "reviews": [], "review_decisions": []}

    text = json.dumps(document)
    strangers = [eve.email, "Stranger", "Back door", str(eve.id), others["order"]["id"], others["payment"]["id"]]
    assert [trace for trace in strangers if trace in text] == []
    assert export_of(eve)["document"]["orders"]["orders"][0]["id"] == others["order"]["id"]
    assert list(Step.objects.using("default").exclude(status="done").values_list("name", flat=True)) == []


def test_somebody_elses_export_is_not_there(shop: None) -> None:
    ada = Customer("ada@example.com", "Ada Lovelace").register()
    eve = Customer("eve@example.net", "Eve Stranger").register()
    export_id = export_of(ada)["id"]

    answer = eve.api.get(f"/api/v1/users/me/exports/{export_id}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "export_not_found")


def test_who_never_bought_anything_has_an_account_and_empty_lists(shop: None) -> None:
    ada = Customer("ada@example.com", "Ada Lovelace").register()
    relay_until_quiet()  # an export shows what is there when it is gathered: the letter has to be written by then
    document = export_of(ada)["document"]

    assert document.pop("users")["account"]["first_name"] == "Ada"
    notifications = document.pop("notifications")
    assert [message["topic"] for message in notifications["messages"]] == ["email_verification"]
    assert (notifications["turned_off"], notifications["turned_on"]) == ([], [])
    assert document == {
        "catalog": {"stock_movements": [], "reviews": [], "review_permits": [], "review_decisions": []},
        "cart": {"carts": [], "redemptions": []},
        "payments": {"payments": []},
        "orders": {"orders": []},
    }
