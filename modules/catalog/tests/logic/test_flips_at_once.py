"""Sales begin and end while staff write prices, and while other workers flip."""

from datetime import timedelta
from functools import partial

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic import flips
from modules.catalog.logic.flips import flip_due
from modules.catalog.logic.listings import refresh_product_prices
from modules.catalog.logic.prices import set_prices
from modules.catalog.models import Price, PriceChange, Product
from modules.catalog.tests.factories import VariantDraftFactory, make_product, price
from modules.catalog.tests.logic.test_holds_at_once import at_once
from modules.catalog.tests.logic.test_prices import on_sale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def products(monkeypatch):
    """Twelve products of two variants at 20.00 EUR, whose sale at 15.00 has just become due."""
    monkeypatch.setattr(flips, "BATCH", 5)
    made = [make_product(variants=[variant_draft(), variant_draft()], on_hand=0) for _ in range(12)]
    soon = clock.now() + timedelta(milliseconds=300)
    for product in made:
        write(product, sale=1500, starts=soon)
    while clock.now() < soon:
        pass
    return made


def test_each_price_is_flipped_once_by_four_workers_at_once(products):
    outcomes = at_once([flip_due] * 4)

    assert outcomes == ["done"] * 4
    assert list(Price.objects.values_list("amount_minor", flat=True)) == [1500] * 24
    assert PriceChange.objects.filter(amount_minor=1500).count() == 24
    assert PriceChange.objects.count() == 48


def test_what_staff_write_while_workers_flip_is_in_force_in_the_end(products):
    writes = [partial(write, product, sale=1400) for product in products[:6]] * 2

    outcomes = at_once([flip_due, *writes[:6], flip_due, *writes[6:]])
    flip_due()

    assert set(outcomes) == {"done"}
    for product in products:
        amounts = Price.objects.filter(variant__product=product).values_list("amount_minor", flat=True)
        assert set(amounts) == ({1400} if product in products[:6] else {1500})
    assert not Price.objects.filter(changes_at__lte=clock.now()).exists()
    assert not Price.objects.exclude(lowest_minor=2000).exists()


def test_who_holds_a_product_is_not_waited_for(products):
    with atomic(Product):
        Product.objects.select_for_update().get(id=products[0].id)
        assert at_once([flip_due]) == ["done"]
        assert Price.objects.filter(amount_minor=1500).count() == 22

    assert flip_due() == 2


def variant_draft():
    return VariantDraftFactory.build(prices=[price("20.00", "EUR")])


def write(product, *, sale, starts=None):
    """As staff do: under the product's lock, with its lists."""
    with atomic(Product):
        Product.objects.select_for_update().get(id=product.id)
        for variant_id in product.variants.values_list("id", flat=True):
            set_prices(variant_id, [on_sale(2000, sale, starts)])
        refresh_product_prices([product.id])
