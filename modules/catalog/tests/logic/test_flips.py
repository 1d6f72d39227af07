"""Sales that begin and end by themselves."""

from datetime import timedelta

import pytest

from ecommerce.celery import app
from modules.catalog.logic import flips
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.flips import flip_due
from modules.catalog.logic.prices import set_prices
from modules.catalog.models import Price, PriceChange, ProductPrice
from modules.catalog.tasks import flip_prices
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import VariantDraftFactory, make_product, make_variant, price
from modules.catalog.tests.logic.test_prices import DAY, history, on_sale, shown
from modules.catalog.tests.logic.test_statements import statements

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def variant(clock):
    """20.00 EUR, and 15.00 from tomorrow noon until the noon after."""
    made = make_variant(variants=[VariantDraftFactory.build(prices=[price("20.00", "EUR")])])
    set_prices(made.id, [on_sale(2000, 1500, NOON + DAY, NOON + 2 * DAY)])
    return made


def listed(variant):
    kept = ProductPrice.objects.get(product=variant.product_id)
    return kept.from_minor, kept.compare_at_minor, kept.lowest_minor


def test_a_sale_begins_and_ends_with_the_lists_and_the_history(clock, variant):
    clock.move_to(NOON + DAY - SECOND)
    assert flip_due() == 0
    assert shown(variant) == (2000, None, NOON + DAY)

    clock.move_to(NOON + DAY)
    assert (flip_due(), flip_due()) == (1, 0)
    assert shown(variant) == (1500, 2000, NOON + 2 * DAY)
    assert listed(variant) == (1500, 2000, 2000)

    clock.move_to(NOON + 2 * DAY)
    assert (flip_due(), flip_due()) == (1, 0)
    assert shown(variant) == (2000, None, None)
    assert listed(variant) == (2000, None, None)
    assert history(variant) == [(2000, NOON), (1500, NOON + DAY), (2000, NOON + 2 * DAY)]


def test_a_flip_that_comes_late_is_in_force_from_when_it_came(clock, variant):
    clock.move_to(NOON + DAY + 90 * SECOND)
    flip_due()

    assert history(variant) == [(2000, NOON), (1500, NOON + DAY + 90 * SECOND)]


def test_a_sale_that_was_over_before_anybody_flipped_was_never_in_force(clock, variant):
    clock.move_to(NOON + 5 * DAY)

    assert (flip_due(), flip_due()) == (1, 0)

    assert shown(variant) == (2000, None, None)
    assert history(variant) == [(2000, NOON)]


def test_a_sale_whose_end_was_missed_was_in_force_until_the_flip(clock, variant):
    clock.move_to(NOON + DAY)
    flip_due()
    clock.move_to(NOON + 5 * DAY)
    flip_due()

    assert history(variant) == [(2000, NOON), (1500, NOON + DAY), (2000, NOON + 5 * DAY)]


def test_the_cheapest_variant_in_force_is_the_products_price_after_a_flip(clock):
    drafts = [VariantDraftFactory.build(prices=[price(amount, "EUR")]) for amount in ("20.00", "18.00")]
    product = make_product(variants=drafts)
    dear = product.variants.get(sku=drafts[0].sku)
    set_prices(dear.id, [on_sale(2000, 1500, NOON + DAY)])

    clock.move_to(NOON + DAY)
    flip_due()

    assert listed(dear) == (1500, 2000, 2000)


def test_a_product_that_is_no_longer_shown_flips_too_and_is_not_listed(clock, variant):
    variant.product.status = "archived"
    variant.product.save()
    ProductPrice.objects.all().delete()

    clock.move_to(NOON + DAY)
    flip_due()

    assert shown(variant) == (1500, 2000, NOON + 2 * DAY)
    assert not ProductPrice.objects.exists()


def test_many_flips_go_in_batches_that_ask_the_same_few_statements(clock, monkeypatch):
    monkeypatch.setattr(flips, "BATCH", 4)
    for _ in range(10):
        set_prices(make_variant().id, [on_sale(2000, 1500, NOON + DAY)])
    clock.move_to(NOON + DAY)

    found = []
    # Three batches of six statements each: lock, read, write, and three for the lists; the fourth finds nothing to do.
    assert statements(lambda: found.append(flip_due())) == 3 * 6 + 2

    assert found == [10]
    assert Price.objects.filter(currency="EUR", amount_minor=1500, lowest_minor=1990).count() == 10
    assert PriceChange.objects.filter(amount_minor=1500).count() == 10


def test_what_is_due_is_found_by_its_index(clock, variant):
    # Tables of one page are read whole, and begun with any of them, whatever indexes there are.
    execute("SET LOCAL enable_seqscan = off")
    execute("SET LOCAL join_collapse_limit = 1")
    plan = "\n".join(line for (line,) in fetch("EXPLAIN " + flips._LOCK, {"at": NOON, "limit": 500}))

    assert "price_to_flip" in plan
    assert "Seq Scan on catalog_price" not in plan


def test_beat_looks_for_due_prices_every_few_seconds():
    entry = app.conf.beat_schedule["flip-prices"]

    assert (entry["task"], entry["schedule"]) == (flip_prices.name, 2.0)


def test_the_task_flips(clock, variant):
    clock.move_to(NOON + DAY)

    flip_prices()

    assert shown(variant) == (1500, 2000, NOON + 2 * DAY)
