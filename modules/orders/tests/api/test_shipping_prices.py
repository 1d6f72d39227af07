"""What shipping costs in a quote: by weight, by subtotal after discounts, in zones."""

from dataclasses import replace
from typing import Any

from ecommerce.kernel.money import Money
from modules.orders.logic.tariffs import Tariff, Tier
from modules.orders.tests.api.test_quote import ask
from modules.orders.tests.shipping import eur, method, zone
from modules.orders.tests.world import World


def prices(answer: Any) -> dict[str, str]:
    return {one["code"]: one["price"]["amount"] for one in answer.json()["shipping_options"]}


def test_a_cart_weighs_what_its_lines_weigh_times_their_quantities(shop: World, api: Any) -> None:
    tariff = Tariff(priced_by="weight", price=eur(500), tiers=[Tier(at_least=1000, price=eur(900))])
    method("parcel", zone("France", "FR"), priced_by="weight", tariffs={"EUR": tariff})

    # A shirt weighs 200 grams.
    asked = [ask(api, shop.add_cart(quantity=quantity), shipping_address={"country": "FR"}) for quantity in (4, 5)]

    assert [prices(answer) for answer in asked] == [{"parcel": "5.00"}, {"parcel": "9.00"}]


def test_the_subtotal_counts_after_discounts(shop: World, api: Any) -> None:
    tariff = Tariff(priced_by="subtotal", price=eur(500), tiers=[Tier(at_least=3000, price=eur(300))])
    method("parcel", zone("France", "FR"), priced_by="subtotal", tariffs={"EUR": tariff})
    cart_id = shop.add_cart()
    off = Money(minor=1000, currency="EUR")
    whole = shop.carts[cart_id]
    less = replace(whole, lines=[replace(whole.lines[0], discount=off)], discount_total=off, total=whole.total - off)

    before = prices(ask(api, cart_id, shipping_address={"country": "FR"}))
    shop.carts[cart_id] = less
    after = prices(ask(api, cart_id, shipping_address={"country": "FR"}))

    assert (before, after) == ({"parcel": "3.00"}, {"parcel": "5.00"})


def test_a_region_that_is_not_shipped_to_is_refused(shop: World, api: Any) -> None:
    zone("Not shipped to", "US-HI")
    cart_id = shop.add_cart()

    refused = ask(api, cart_id, shipping_address={"country": "US", "region": "Hawaii"})

    assert (refused.status_code, refused.json()["code"]) == (400, "not_shippable")
    assert ask(api, cart_id, shipping_address={"country": "US", "region": "NY"}).status_code == 200
