"""Businesses at checkout: VAT identification numbers, and supplies that are exempt."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import statements
from modules.cart.contracts import ExplainedLine, Origin, PricePart
from modules.orders.logic.tax_rates import RateDraft, write_rate
from modules.orders.models import Order
from modules.orders.tests.api.test_quote import ask
from modules.orders.tests.shipping import method, zone
from modules.orders.tests.world import SHIRT, World

PARIS = {"full_name": "Ada", "line1": "1 rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"}
TO_PARIS = {"country": "FR", "postal_code": "75001"}
FRENCH = "FR 40 303 265 045"
NOTE = "Exempt intra-Community supply of goods: Article 138(1) of Directive 2006/112/EC."


@pytest.fixture
def shop_in_the_eu(shop: World, settings: Any) -> World:
    """Germany's demonstration shop, registered for VAT, that ships to France and has a counter."""
    settings.SHOP_COUNTRY, settings.SHOP_VAT_ID = "DE", "DE136695976"
    method("france", zone("France", "FR"), price=990, title="To France")
    method("counter", kind="pick_up", price=0, position=9)
    write_rate(RateDraft(country="FR", tax_class="standard", title="TVA 20 %", rate=Decimal("0.2")), rate_id=None)
    return shop


def test_a_business_in_another_state_is_charged_net_prices_without_tax(shop_in_the_eu: World, api: Any) -> None:
    cart_id = shop_in_the_eu.add_cart()

    quote = ask(api, cart_id, shipping_address=TO_PARIS, shipping_method="france", vat_id=FRENCH).json()

    assert quote["items"][0]["unit_price"] == {"amount": "16.80", "currency": "EUR"}
    assert (quote["items"][0]["tax"]["amount"], quote["items"][0]["total"]["amount"]) == ("0.00", "33.60")
    assert (quote["subtotal"]["amount"], quote["shipping_total"]["amount"]) == ("33.60", "8.32")
    assert (quote["tax_total"]["amount"], quote["total"]["amount"]) == ("0.00", "41.92")
    assert {one["code"]: one["price"]["amount"] for one in quote["shipping_options"]} == {
        "france": "8.32",
        "counter": "0.00",
    }
    assert quote["taxes"] == [
        {
            "title": "Intra-Community supply",
            "rate": "0",
            "base": {"amount": "41.92", "currency": "EUR"},
            "amount": {"amount": "0.00", "currency": "EUR"},
        }
    ]
    assert (quote["tax_exemption"], quote["tax_note"]) == ("intra_community_supply", NOTE)


def test_a_consumer_there_is_charged_the_tax_of_there(shop_in_the_eu: World, api: Any) -> None:
    quote = ask(api, shop_in_the_eu.add_cart(), shipping_address=TO_PARIS, shipping_method="france").json()

    assert [(one["title"], one["amount"]["amount"]) for one in quote["taxes"]] == [("TVA 20 %", "8.31")]
    assert quote["total"]["amount"] == "49.88"
    assert (quote["tax_exemption"], quote["tax_note"]) == (None, None)


def test_what_a_business_picks_up_is_taxed_where_the_shop_is(shop_in_the_eu: World, api: Any) -> None:
    cart_id = shop_in_the_eu.add_cart()

    quote = ask(api, cart_id, shipping_address=TO_PARIS, shipping_method="counter", vat_id=FRENCH).json()

    assert [(one["title"], one["amount"]["amount"]) for one in quote["taxes"]] == [("MwSt. 19 %", "6.38")]
    assert (quote["total"]["amount"], quote["tax_exemption"]) == ("39.98", None)


def test_an_exempt_quote_tells_of_the_tax_that_comes_off(shop_in_the_eu: World, api: Any) -> None:
    cart_id = shop_in_the_eu.add_cart()
    price = PricePart(origin=Origin.PRICE, title="", amount=Decimal("39.98"))
    told = ExplainedLine(variant_id=SHIRT, parts=[price], total=Money(minor=3998, currency="EUR"))
    shop_in_the_eu.carts[cart_id] = replace(shop_in_the_eu.carts[cart_id], explanation=[told])
    body = {"cart_id": str(cart_id), "shipping_address": TO_PARIS, "shipping_method": "france", "vat_id": FRENCH}

    quote = api.post("/api/v1/checkout/quote/?explain=true", body).json()

    shirt, shipping = quote["explanation"]
    assert [(part["origin"], part["amount"]) for part in shirt["parts"]] == [
        ("price", "39.98"),
        ("tax", "-6.38336134"),
        ("rounding", "0.00336134"),
    ]
    assert (shirt["total"]["amount"], shipping["total"]["amount"]) == ("33.60", "8.32")


def test_an_order_keeps_the_number_and_why_it_bears_no_tax(shop_in_the_eu: World, check_out: Any, api: Any) -> None:
    answer = check_out(
        shop_in_the_eu.add_cart(),
        shipping_address=PARIS,
        shipping_method="france",
        vat_id=FRENCH,
        expected_total={"amount": "41.92", "currency": "EUR"},
    )

    assert answer.status_code == 201, answer.content
    order = answer.json()["order"]
    assert order["vat_id"] == "FR40303265045"
    assert (order["tax_exemption"], order["tax_note"]) == ("intra_community_supply", NOTE)
    assert [(one["title"], one["rate"], one["base"]["amount"]) for one in order["taxes"]] == [
        ("Intra-Community supply", "0", "41.92")
    ]
    assert (order["subtotal"]["amount"], order["tax_total"]["amount"], order["total"]["amount"]) == (
        "33.60",
        "0.00",
        "41.92",
    )
    row = Order.objects.get()
    assert (row.prices_include_tax, row.shipping_tax_minor, row.is_pick_up) == (False, 0, False)
    assert (row.lines.get().unit_price_minor, str(row.lines.get().tax_rate)) == (1680, "0.0000")
    (split,) = [asked["split"] for name, asked in shop_in_the_eu.asked if name == "start_payment"]
    assert [split[part]["minor"] for part in ("sales", "tax", "shipping")] == [3360, 0, 832]


def test_a_domestic_number_is_kept_and_changes_nothing(shop_in_the_eu: World, check_out: Any) -> None:
    order = check_out(shop_in_the_eu.add_cart(), vat_id="DE136695976").json()["order"]

    assert (order["vat_id"], order["tax_exemption"], order["total"]["amount"]) == ("DE136695976", None, "44.88")
    assert [(one["title"], one["amount"]["amount"]) for one in order["taxes"]] == [("MwSt. 19 %", "7.16")]


def test_a_shop_that_is_not_registered_charges_everybody(shop_in_the_eu: World, api: Any, settings: Any) -> None:
    settings.SHOP_VAT_ID = ""

    cart_id = shop_in_the_eu.add_cart()
    quote = ask(api, cart_id, shipping_address=TO_PARIS, shipping_method="france", vat_id=FRENCH).json()

    assert (quote["tax_exemption"], quote["total"]["amount"]) == (None, "49.88")


@pytest.mark.parametrize("number", ["DE136695977", "US123", "FR", "40303265045"])
def test_what_is_no_number_is_refused_and_nothing_is_ordered(
    shop: World, check_out: Any, api: Any, number: str
) -> None:
    refusals = [check_out(shop.add_cart(), vat_id=number), ask(api, shop.add_cart(), vat_id=number)]

    for answer in refusals:
        assert answer.status_code == 400
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("vat_id", "invalid")]
    assert Order.objects.count() == 0


def test_an_empty_number_is_none(shop: World, check_out: Any) -> None:
    assert check_out(shop.add_cart(), vat_id="").json()["order"]["vat_id"] is None


def test_a_pick_up_is_known_on_the_order(shop_in_the_eu: World, check_out: Any) -> None:
    assert check_out(shop_in_the_eu.add_cart(), shipping_method="counter").status_code == 201
    assert Order.objects.get().is_pick_up


def test_a_quote_asks_as_many_statements_exempt_or_not(shop_in_the_eu: World, api: Any) -> None:
    def asked(**changes: Any) -> int:
        cart_id = shop_in_the_eu.add_cart()
        with statements() as sql:
            assert ask(api, cart_id, shipping_address=TO_PARIS, shipping_method="france", **changes).status_code == 200
        return len(sql)

    assert (asked(), asked(vat_id=FRENCH)) == (2, 2)


def test_a_states_rate_is_charged_by_the_region_or_the_postal_code(shop: World, api: Any) -> None:
    write_rate(
        RateDraft(country="US", region="CA", tax_class="standard", title="CA 7.25 %", rate=Decimal("0.0725")),
        rate_id=None,
    )

    def tax(**address: str) -> str:
        cart_id = shop.add_cart(currency="USD", minor=5000)
        place = {"country": "US", **address}
        amount: str = ask(api, cart_id, shipping_address=place).json()["tax_total"]["amount"]
        return amount

    assert [tax(), tax(region="NY"), tax(region="California"), tax(postal_code="90210")] == [
        "0.00",
        "0.00",
        "7.25",
        "7.25",
    ]
