"""What buyers are told of a reduced price."""

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.catalog.logic.flips import flip_due
from modules.catalog.logic.listings import refresh_product_prices
from modules.catalog.logic.prices import set_prices
from modules.catalog.logic.variants import find_variants
from modules.catalog.models import Price
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import VariantDraftFactory, make_product, make_variant, price
from modules.catalog.tests.logic.test_prices import DAY, on_sale

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/catalog/products/"
NAMES = ("compare_at", "lowest_price_30_days")


@pytest.fixture
def variant(clock):
    """22.00 EUR at first, 20.00 after ten days, 24.00 after twenty, and then a sale from the fortieth day on."""
    made = make_variant(slug="red", variants=[VariantDraftFactory.build(prices=[price("22.00", "EUR")])])
    for day, written in ((10, price("20.00", "EUR")), (20, on_sale(2400, 1500, NOON + 40 * DAY, NOON + 50 * DAY))):
        clock.move_to(NOON + day * DAY)
        write(made, written)
    return made


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (39, {"price": "24.00", "compare_at": None, "lowest_price_30_days": None}),
        (40, {"price": "15.00", "compare_at": "24.00", "lowest_price_30_days": "20.00"}),
        (50, {"price": "24.00", "compare_at": None, "lowest_price_30_days": None}),
    ],
)
def test_a_reduction_is_shown_with_the_lowest_price_of_the_30_days_before(clock, variant, day, expected):
    for passing in range(20, day + 1):
        clock.move_to(NOON + passing * DAY)
        flip_due()

    [card] = APIClient().get(PRODUCTS).json()["results"]
    product = APIClient().get(f"{PRODUCTS}red/").json()

    assert told(card, "price_from") == told(product, "price_from") == expected
    assert told(product["variants"][0], "price") == expected
    # Carts and checkout ask for the same.
    [found] = find_variants(currency="EUR", ids=[variant.id])
    assert found.price == Money.parse(expected["price"], "EUR")


def test_the_reduction_is_that_of_the_cheapest_variant(clock):
    drafts = [VariantDraftFactory.build(prices=[price(amount, "EUR")]) for amount in ("30.00", "20.00")]
    dear = make_product(variants=drafts).variants.get(sku=drafts[0].sku)
    clock.move_to(NOON + 3 * DAY)
    write(dear, on_sale(3000, 1000))

    [card] = APIClient().get(PRODUCTS).json()["results"]

    assert told(card, "price_from") == {"price": "10.00", "compare_at": "30.00", "lowest_price_30_days": "30.00"}


def told(document, name):
    amounts = {"price": document[name]} | {key: document[key] for key in NAMES}
    return {key: money and money["amount"] for key, money in amounts.items()}


def write(variant, price):
    with atomic(Price):
        set_prices(variant.id, [price])
        refresh_product_prices([variant.product_id])
