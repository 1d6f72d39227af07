"""Orders that staff place for a buyer who rings up."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import OutOfStock, Variant
from modules.orders.models import Order
from modules.orders.tests.api.after_sale import client_of, staff
from modules.orders.tests.conftest import checkout_body
from modules.orders.tests.world import World
from modules.payments.contracts import PaymentStatus

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = checkout_body(new_id())["shipping_address"]


def draft(
    *variants: Variant, client: APIClient | None = None, dry: bool = False, key: str | None = "key", **changes: Any
) -> Any:
    body = {
        "items": [{"variant_id": str(variant.id), "quantity": 2} for variant in variants],
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_3ds"},
    }
    path = "/api/v1/orders/drafts/" + ("?dry_run=true" if dry else "")
    headers = {"Idempotency-Key": key} if key else {}
    return (client or staff()).post(path, body | changes, headers=headers)


def test_a_buyer_who_rings_up_gets_a_link_to_pay_by(shop: World) -> None:
    shop.payment_status = PaymentStatus.REQUIRES_ACTION
    customer_id = shop.add_contact("ada@example.com")
    shirt = shop.put_on_sale()

    answer = draft(shirt, customer_id=str(customer_id), language="de", note="Rang at noon", payable_days=3)

    assert answer.status_code == 201, answer.content
    order, payment = answer.json()["order"], answer.json()["payment"]
    assert (order["status"], order["total"]["amount"]) == ("pending", "44.88")
    assert (payment["status"], payment["amount"]["amount"]) == ("requires_action", "44.88")
    assert shop.names()[-2:] == ["hold_stock", "start_payment"]
    row = Order.objects.get()
    assert (row.customer_id, row.language, row.note, row.number) == (customer_id, "de", "Rang at noon", order["number"])
    assert row.payable_until - row.created_at == timedelta(days=3)
    token = answer.json()["link"].partition("?token=")[2]
    assert APIClient().get(f"/api/v1/orders/{row.pk}/?token={token}").json()["allowed_actions"] == ["pay", "cancel"]
    assert client_of(id=customer_id).get("/api/v1/orders/").json()["results"][0]["id"] == str(row.pk)


def test_before_it_is_placed_staff_see_what_it_costs(shop: World) -> None:
    answer = draft(shop.put_on_sale(), dry=True)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["total"]["amount"], answer.json()["tax_total"]["amount"]) == ("44.88", "7.16")
    assert [option["code"] for option in answer.json()["shipping_options"]] == ["standard", "express"]
    assert not Order.objects.exists()
    assert "hold_stock" not in shop.names()


def test_the_key_of_a_dry_run_places_it_afterwards(shop: World) -> None:
    shirt, client = shop.put_on_sale(), staff()

    answers = [draft(shirt, client=client, dry=dry) for dry in (True, True, False, True, False)]

    assert [answer.status_code for answer in answers] == [200, 200, 201, 200, 201]
    assert answers[4].content == answers[2].content
    assert not any("Idempotent-Replayed" in answers[number] for number in (0, 1, 2, 3))
    assert Order.objects.count() == 1


def test_a_dry_run_needs_no_key(shop: World) -> None:
    shirt, client = shop.put_on_sale(), staff()

    dry, real = (draft(shirt, client=client, dry=dry, key=None) for dry in (True, False))

    assert (dry.status_code, real.status_code, real.json()["code"]) == (200, 400, "idempotency_key_required")
    assert not Order.objects.exists()


def test_repeating_a_key_places_it_once(shop: World) -> None:
    shirt, client = shop.put_on_sale(), staff()

    answers = [draft(shirt, client=client) for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("unknown", "unknown_variant", 400),
        ("unpriced", "currency_not_available", 409),
        ("short", "out_of_stock", 409),
        ("customer", "customer_not_found", 400),
        ("method", "not_shippable", 400),
        ("total", "total_changed", 409),
    ],
)
def test_what_stands_in_the_way_is_told_and_nothing_is_placed(shop: World, kind: str, code: str, status: int) -> None:
    shirt = shop.put_on_sale(minor=None if kind == "unpriced" else 1999, available=1 if kind == "short" else 10)
    if kind == "unknown":
        shop.variants.clear()
    bodies: dict[str, dict[str, Any]] = {
        "customer": {"customer_id": str(new_id())},
        "method": {"shipping_method": "pigeon"},
        "total": {"expected_total": {"amount": "1.00", "currency": "EUR"}},
    }
    changes = bodies.get(kind, {})

    refused = draft(shirt, **changes)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not Order.objects.exists()


def test_stock_that_goes_meanwhile_leaves_nothing(shop: World) -> None:
    shop.refuse["hold_stock"] = OutOfStock(lines=[])

    refused = draft(shop.put_on_sale())

    assert refused.json()["code"] == "out_of_stock"
    relay_until_quiet()
    assert Order.objects.get().status == "abandoned"


def test_only_staff_who_may_write_orders_place_them(shop: World) -> None:
    shirt = shop.put_on_sale()

    assert draft(shirt, client=client_of(id=new_id())).status_code == 403
    assert draft(shirt, client=staff("orders.read")).status_code == 403
    assert draft(shirt, client=APIClient()).status_code == 401
    assert not Order.objects.exists()


def test_while_users_is_away_nothing_is_placed(shop: World) -> None:
    shop.refuse["get_contacts"] = Unavailable(dependency="users")

    answer = draft(shop.put_on_sale(), customer_id=str(new_id()))

    assert (answer.status_code, answer.json()["dependency"]) == (503, "users")
    assert not Order.objects.exists()


def test_a_currency_that_there_is_not_is_refused(shop: World) -> None:
    refused = draft(shop.put_on_sale(), currency="XYZ")

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "currency")
    assert not Order.objects.exists()
