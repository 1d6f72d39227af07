"""POST /checkout/quote/."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from ecommerce.kernel.money import Money
from modules.cart.contracts import ExplainedLine, Origin, PricePart
from modules.orders.api import serializers
from modules.orders.models import Order
from modules.orders.tests.world import SHIRT, World


def ask(api: Any, cart_id: Any, **changes: Any) -> Any:
    body = {"cart_id": str(cart_id), "shipping_address": {"country": "DE"}} | changes
    return api.post("/api/v1/checkout/quote/", body)


def test_a_quote_names_the_ways_to_ship_and_changes_nothing(shop: World, api: Any) -> None:
    answer = ask(api, shop.add_cart(), shipping_method="express")

    assert answer.status_code == 200
    quote = answer.json()
    assert [(one["code"], one["price"]["amount"]) for one in quote["shipping_options"]] == [
        ("standard", "4.90"),
        ("express", "12.90"),
    ]
    assert quote["shipping_total"] == {"amount": "12.90", "currency": "EUR"}
    assert quote["total"] == {"amount": "52.88", "currency": "EUR"}
    assert quote["taxes"][0] == {
        "title": "MwSt. 19 %",
        "rate": "0.19",
        "base": {"amount": "44.44", "currency": "EUR"},
        "amount": {"amount": "8.44", "currency": "EUR"},
    }
    assert set(quote) == set(serializers.QuoteSerializer().fields) - {"explanation"}
    assert Order.objects.count() == 0
    assert shop.names() == []


def test_a_quote_tells_where_each_cent_comes_from_when_it_is_asked(shop: World, api: Any) -> None:
    cart_id = shop.add_cart()
    price = PricePart(origin=Origin.PRICE, title="2 × 19.99 EUR", amount=Decimal("39.98"))
    total = Money(minor=3998, currency="EUR")
    shop.carts[cart_id] = replace(
        shop.carts[cart_id], explanation=[ExplainedLine(variant_id=SHIRT, parts=[price], total=total)]
    )
    body = {"cart_id": str(cart_id), "shipping_address": {"country": "DE"}, "shipping_method": "standard"}

    answer = api.post("/api/v1/checkout/quote/?explain=true", body)

    quote = answer.json()
    assert set(quote) == set(serializers.QuoteSerializer().fields)
    assert [one["variant_id"] for one in quote["explanation"]] == [str(SHIRT), None]
    assert quote["explanation"][0] == {
        "variant_id": str(SHIRT),
        "parts": [{"origin": "price", "title": "2 × 19.99 EUR", "promotion_id": None, "amount": "39.98"}],
        "included": [
            {"origin": "tax", "title": "MwSt. 19 %", "promotion_id": None, "amount": "6.38336134"},
            {"origin": "rounding", "title": "MwSt. 19 %", "promotion_id": None, "amount": "-0.00336134"},
        ],
        "total": {"amount": "39.98", "currency": "EUR"},
    }
    assert shop.asked[-1] == ("get_snapshot", {"cart_id": str(cart_id), "caller_id": None, "explain": True})
    assert api.post("/api/v1/checkout/quote/?explain=1", body).status_code == 400


def test_shipping_is_free_from_its_threshold_on(shop: World, api: Any) -> None:
    quote = ask(api, shop.add_cart(quantity=3), shipping_method="standard").json()

    assert quote["shipping_total"] == {"amount": "0.00", "currency": "EUR"}


def test_a_country_without_shipping_is_refused(shop: World, api: Any) -> None:
    answer = ask(api, shop.add_cart(), shipping_address={"country": "FR"})

    assert (answer.status_code, answer.json()["code"]) == (400, "not_shippable")


def test_a_method_that_is_not_offered_is_refused(shop: World, api: Any) -> None:
    answer = ask(api, shop.add_cart(), shipping_method="pigeon")

    assert (answer.status_code, answer.json()["code"]) == (400, "not_shippable")


def test_an_unknown_cart_is_404(shop: World, api: Any) -> None:
    assert ask(api, "01920000-0000-7000-8000-0000000000ff").status_code == 404
