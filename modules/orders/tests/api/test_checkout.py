"""POST /checkout/ as api.md promises it, with the other modules standing in."""

from typing import Any

import pytest
from rest_framework.serializers import ListSerializer

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.rest.serializers import StrictSerializer
from ecommerce.kernel.testing import relay_until_quiet
from modules.cart.contracts import Requirement
from modules.catalog.contracts import OutOfStock
from modules.orders.api import serializers
from modules.orders.models import Order
from modules.orders.tests.world import SHIRT, World, snapshot
from modules.payments.contracts import PaymentStatus


def test_a_checkout_answers_201_with_order_and_payment(shop: World, check_out: Any) -> None:
    answer = check_out(shop.add_cart())

    assert answer.status_code == 201
    order = answer.json()["order"]
    assert (order["number"], order["status"], order["payment_status"]) == (order["number"], "pending", "unpaid")
    assert order["number"].isdigit()
    assert order["subtotal"] == {"amount": "39.98", "currency": "EUR"}
    assert order["shipping_total"] == {"amount": "4.90", "currency": "EUR"}
    assert order["tax_total"] == {"amount": "7.16", "currency": "EUR"}
    assert order["total"] == {"amount": "44.88", "currency": "EUR"}
    assert [entry["event"] for entry in order["timeline"]] == ["placed"]
    assert answer.json()["payment"]["amount"] == {"amount": "44.88", "currency": "EUR"}
    assert shop.names() == ["hold_stock", "start_payment"]


def test_the_answer_is_what_the_order_reads_as_afterwards(shop: World, check_out: Any, api: Any) -> None:
    placed = check_out(shop.add_cart()).json()["order"]
    token = placed.pop("access_token")

    assert api.get(f"/api/v1/orders/{placed['id']}/?token={token}").json() == placed


def test_the_same_key_again_gets_the_same_bytes(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    first, second = check_out(cart_id), check_out(cart_id)

    assert second.status_code == 201
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    check_out(cart_id)

    answer = check_out(cart_id, note="gift")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_the_same_cart_and_body_under_another_key_is_the_same_order(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    first, second = check_out(cart_id, key="a"), check_out(cart_id, key="b")

    assert second.status_code == 201
    assert second.json()["order"]["id"] == first.json()["order"]["id"]
    assert second.json()["payment"] == first.json()["payment"]


def test_the_same_cart_version_with_another_body_is_refused(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    check_out(cart_id, key="a")

    answer = check_out(cart_id, key="b", note="gift")

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_already_ordered")
    assert Order.objects.count() == 1


def test_a_newer_cart_version_replaces_the_pending_order_payment_first(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    first = check_out(cart_id, key="a").json()["order"]
    shop.carts[cart_id] = snapshot(cart_id, quantity=3, version=2)
    shop.asked.clear()

    answer = check_out(cart_id, key="b")

    assert answer.status_code == 201
    assert answer.json()["order"]["lines"][0]["quantity"] == 3
    assert Order.objects.get(pk=first["id"]).status == "cancelled"
    assert shop.names()[0] == "cancel_payment"


def test_without_a_key_nothing_is_ordered(shop: World, api: Any) -> None:
    answer = api.post("/api/v1/checkout/", {})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert Order.objects.count() == 0


def test_an_empty_cart_is_refused(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.carts[cart_id].lines.clear()

    answer = check_out(cart_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")
    assert Order.objects.count() == 0


def test_a_total_that_no_longer_holds_is_refused_with_both(shop: World, check_out: Any) -> None:
    answer = check_out(shop.add_cart(), expected_total={"amount": "1.00", "currency": "EUR"})

    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert answer.json()["total"] == {"amount": "44.88", "currency": "EUR"}
    assert shop.names() == []


def test_an_address_the_shop_does_not_ship_to_is_refused(shop: World, check_out: Any) -> None:
    address = {"full_name": "A", "line1": "1 rue", "city": "Paris", "postal_code": "75001", "country": "FR"}

    answer = check_out(shop.add_cart(), shipping_address=address)

    assert (answer.status_code, answer.json()["code"]) == (400, "not_shippable")
    assert Order.objects.count() == 0


def test_a_postal_code_of_another_country_is_refused(shop: World, check_out: Any) -> None:
    address = {"full_name": "A", "line1": "1", "city": "Berlin", "postal_code": "ABC", "country": "DE"}

    answer = check_out(shop.add_cart(), shipping_address=address)

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "shipping_address.postal_code", "code": "invalid", "detail": "This is not valid in that country."}
    ]


def test_out_of_stock_names_the_lines_and_leaves_nothing_behind(shop: World, check_out: Any) -> None:
    short = [{"variant_id": str(SHIRT), "sku": "SHIRT-M", "requested": 2, "available": 1}]
    shop.refuse["hold_stock"] = OutOfStock(lines=short)

    answer = check_out(shop.add_cart())

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"] == short
    assert Order.objects.get().status == "abandoned"
    assert "start_payment" not in shop.names()


def test_a_cart_whose_order_was_abandoned_can_be_ordered_again(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse["hold_stock"] = OutOfStock(lines=[])
    check_out(cart_id, key="a")
    shop.refuse.clear()

    assert check_out(cart_id, key="b").status_code == 201


def test_the_last_unit_that_the_carts_own_order_holds_does_not_keep_it_from_being_found(
    shop: World, check_out: Any
) -> None:
    cart_id = shop.add_cart()
    first = check_out(cart_id, key="a").json()
    short = Requirement(code="out_of_stock", detail="", variant_id=SHIRT, requested=2, available=0)
    shop.carts[cart_id].requirements.append(short)

    answer = check_out(cart_id, key="b")

    assert (answer.status_code, answer.json()["order"]["id"]) == (201, first["order"]["id"])


def test_what_a_cart_is_short_of_is_refused_before_anything_is_written(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    short = Requirement(code="out_of_stock", detail="", variant_id=SHIRT, requested=2, available=1)
    shop.carts[cart_id].requirements.append(short)

    answer = check_out(cart_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"] == [{"variant_id": str(SHIRT), "sku": "SHIRT-M", "requested": 2, "available": 1}]
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (["coupon_exhausted"], "coupon_exhausted"),
        (["coupon_exhausted", "coupon_expired"], "cart_not_orderable"),
        (["coupon_invalid"], "cart_not_orderable"),
    ],
)
def test_a_coupon_that_does_not_serve_is_refused_before_anything_is_written(
    shop: World, check_out: Any, found: list[str], code: str
) -> None:
    cart_id = shop.add_cart()
    shop.carts[cart_id].requirements.extend(
        Requirement(code=one, detail="It is over.", coupon="TENTH") for one in found
    )

    answer = check_out(cart_id)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    told = answer.json().get("codes") or [one["coupon"] for one in answer.json()["requirements"]]
    assert told == ["TENTH"] * len(found)
    assert Order.objects.count() == 0


def test_a_cart_that_was_closed_by_its_order_finds_that_order_for_its_buyer(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    first = check_out(cart_id, key="a").json()
    del shop.carts[cart_id]

    assert check_out(cart_id, key="b").json()["order"]["id"] == first["order"]["id"]
    assert check_out(cart_id, key="c", note="gift").json()["code"] == "cart_already_ordered"


def test_a_cart_that_nobody_knows_is_404(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.carts.clear()

    assert check_out(cart_id).status_code == 404


def test_a_module_that_is_away_is_503_and_the_same_key_finds_the_order_later(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse["start_payment"] = Unavailable(dependency="payments")

    answer = check_out(cart_id)

    assert (answer.status_code, answer.json()["dependency"]) == (503, "payments")
    assert "Retry-After" in answer
    order = Order.objects.get()
    assert order.status == "opening"

    shop.refuse.clear()
    _make_due()
    relay_until_quiet()
    again = check_out(cart_id)

    assert again.status_code == 201
    assert again.json()["order"]["id"] == str(order.pk)
    assert shop.names().count("hold_stock") == 1


def test_a_declined_payment_is_still_an_order(shop: World, check_out: Any) -> None:
    shop.payment_status = PaymentStatus.FAILED

    answer = check_out(shop.add_cart())

    assert answer.status_code == 201
    assert (answer.json()["order"]["status"], answer.json()["order"]["payment_status"]) == ("pending", "failed")


def test_a_total_of_nothing_needs_no_payment_and_is_confirmed_at_once(shop: World, check_out: Any) -> None:
    from modules.orders.models import ShippingPrice

    ShippingPrice.objects.update(price_minor=0)

    answer = check_out(shop.add_cart(minor=0))

    assert answer.status_code == 201
    assert answer.json()["payment"] is None
    assert answer.json()["order"]["status"] == "confirmed"
    assert shop.names() == ["hold_stock", "commit_hold", "close_cart"]


@pytest.mark.parametrize("field", ["cart_id", "email", "shipping_address", "shipping_method", "payment"])
def test_a_body_that_lacks_a_field_is_told_which(shop: World, api: Any, field: str) -> None:
    from modules.orders.tests.conftest import checkout_body

    body = checkout_body(shop.add_cart())
    del body[field]

    answer = api.post("/api/v1/checkout/", body, headers={"Idempotency-Key": "k"})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def _make_due() -> None:
    from ecommerce.kernel import clock
    from ecommerce.kernel.models import Saga, Step

    Step.objects.using("default").filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.using("default").exclude(next_run_at=None).update(next_run_at=clock.now())


def test_the_answer_has_the_fields_of_its_schema(shop: World, check_out: Any) -> None:
    answer = check_out(shop.add_cart()).json()

    assert differences(serializers.PlacedOrderSerializer(), answer) == []


def differences(serializer: Any, answer: Any, path: str = "") -> list[str]:
    """Where an answer's fields are not those that its serializer declares, at any depth."""
    if isinstance(serializer, ListSerializer):
        return [one for item in answer for one in differences(serializer.child, item, path + "[]")]
    if not isinstance(serializer, StrictSerializer) or answer is None:
        return []
    optional = {name for name, field in serializer.fields.items() if not field.required}
    found = [f"{path}.{name}" for name in (set(serializer.fields) ^ set(answer)) - optional]
    for name, field in serializer.fields.items():
        found += differences(field, answer.get(name), f"{path}.{name}")
    return found
