"""What sells is found first: sales are counted once when they come in, and taken off once when they are old."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from ecommerce.kernel import clock as kernel_clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog.contracts import StockLine
from modules.catalog.logic import popularity
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.edits import editing
from modules.catalog.logic.holds import commit_hold, hold_stock
from modules.catalog.logic.listing import list_cards
from modules.catalog.logic.popularity import PATIENCE, WINDOW, count_sales
from modules.catalog.logic.wishes import Wish, search_for
from modules.catalog.models import Listing, Product, SalesCount, SearchDocument
from modules.catalog.tasks import count_sales as count_sales_task
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.logic.test_holds_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def sell(product, quantity=1):
    """So many of its first variant, to one buyer."""
    order_id = new_id()
    line = StockLine(variant_id=product.variants.earliest("position").id, quantity=quantity)
    hold_stock(order_id=order_id, lines=[line], until=kernel_clock.now() + DAY)
    commit_hold(order_id=order_id)


def popularity_of(product):
    """As it stands in all three places."""
    found = {
        Product.objects.get(id=product.id).popularity,
        Listing.objects.get(product=product).popularity,
        SearchDocument.objects.get(product=product).popularity,
    }
    assert len(found) == 1, found
    return found.pop()


def found_for(text):
    return [card.title for card in list_cards(wish=search_for(Wish(currency="EUR", q=text)), limit=10)]


def test_what_sold_more_is_found_first(clock):
    lamps = {title: make_product(title=title, on_hand=50) for title in ("Red lamp", "Green lamp", "Blue lamp")}
    sell(lamps["Green lamp"], 20)
    sell(lamps["Blue lamp"], 3)

    clock.move_to(NOON + PATIENCE)
    assert count_sales() == 2

    assert found_for("lamp") == ["Green lamp", "Blue lamp", "Red lamp"]
    assert [popularity_of(lamp) for lamp in lamps.values()] == [0, 20, 3]


def test_a_sale_counts_for_90_days(clock):
    lamp = make_product(on_hand=50)
    sell(lamp, 5)

    seen = {}
    for at in (PATIENCE - MOMENT, PATIENCE, WINDOW + PATIENCE - MOMENT, WINDOW + PATIENCE):
        clock.move_to(NOON + at)
        count_sales()
        seen[at] = popularity_of(lamp)

    assert list(seen.values()) == [0, 5, 5, 0]


def test_what_was_not_counted_in_time_is_neither_added_nor_taken_off(clock):
    lamp = make_product(on_hand=50)
    sell(lamp, 5)
    clock.move_to(NOON + 2 * WINDOW)

    assert count_sales() == 0
    assert popularity_of(lamp) == 0


def test_what_it_began_with_stays(clock):
    lamp = make_product(on_hand=50)
    Product.objects.update(popularity=1000)
    sell(lamp, 5)
    clock.move_to(NOON + PATIENCE)
    count_sales()
    assert popularity_of(lamp) == 1005

    clock.move_to(NOON + WINDOW + DAY)
    count_sales()
    assert popularity_of(lamp) == 1000


def test_it_is_what_adding_up_the_journal_says(clock, monkeypatch):
    monkeypatch.setattr(popularity, "BATCH", 4)
    chance = Random(19)
    products = [make_product(on_hand=1000) for _ in range(6)]
    sales = []
    at = NOON
    for _ in range(60):
        # Many at one instant, some long apart.
        at += chance.choice([timedelta(0), timedelta(0), timedelta(hours=7), 5 * DAY])
        clock.move_to(at)
        sold, quantity = chance.choice(products), chance.randint(1, 5)
        sell(sold, quantity)
        sales.append((at, sold.id, quantity))
        if chance.random() < 0.3:
            count_sales()
            until = at - PATIENCE
            expected = Counter({product.id: 0 for product in products})
            for when, product_id, units in sales:
                if until - WINDOW < when <= until:
                    expected[product_id] += units
            assert {product.id: popularity_of(product) for product in products} == dict(expected)


def test_a_product_that_is_not_shown_is_counted_all_the_same(clock):
    lamp = make_product(on_hand=50)
    sell(lamp, 5)
    with editing(id=lamp.id) as edit:
        edit.set(status="archived")
        edit.settle_status()
    clock.move_to(NOON + PATIENCE)

    assert count_sales() == 1
    assert Product.objects.get(id=lamp.id).popularity == 5
    assert not Listing.objects.exists()
    assert not SearchDocument.objects.exists()


def test_who_dies_half_way_has_counted_nothing_twice(clock, monkeypatch):
    monkeypatch.setattr(popularity, "BATCH", 2)
    products = [make_product(on_hand=50) for _ in range(6)]
    for number, product in enumerate(products):
        clock.move_to(NOON + number * timedelta(seconds=1))
        sell(product, number + 1)
    clock.move_to(NOON + DAY)

    change, calls = popularity._change, []

    def dies_at_the_third(*args):
        change(*args)
        calls.append(args)
        if len(calls) == 3:
            raise ZeroDivisionError

    monkeypatch.setattr(popularity, "_change", dies_at_the_third)
    with pytest.raises(ZeroDivisionError):
        count_sales()
    assert [popularity_of(product) for product in products] == [1, 2, 3, 4, 0, 0]

    monkeypatch.setattr(popularity, "_change", change)
    count_sales()
    assert [popularity_of(product) for product in products] == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_count_each_sale_once(monkeypatch):
    monkeypatch.setattr(popularity, "PATIENCE", timedelta(0))
    monkeypatch.setattr(popularity, "BATCH", 3)
    products = [make_product(on_hand=50) for _ in range(8)]
    for product in products:
        sell(product, 2)
    sales = [lambda product=product: sell(product, 3) for product in products]

    assert at_once([count_sales, *sales[:4], count_sales, count_sales, *sales[4:], count_sales]) == ["done"] * 12
    # What was sold before the first count began, and counted at the latest now, is there once; what was sold beside it
    # may have been passed over, as nothing waited: that is what PATIENCE is for.
    count_sales()
    assert all(popularity_of(product) in (2, 5) for product in products)


@pytest.mark.parametrize("number", [1, 20])
def test_a_batch_takes_the_same_statements_however_much_was_sold(clock, number):
    products = [make_product(on_hand=50) for _ in range(number)]
    for product in products:
        sell(product)
    clock.move_to(NOON + PATIENCE)

    with statements() as asked:
        count_sales()
    assert len(asked) == 18


def test_nothing_is_read_by_walking_through_the_journal(clock):
    execute("SET LOCAL enable_seqscan = off")
    period: dict[str, Any] = {"after": NOON - DAY, "until": NOON, "window": WINDOW, "batch": 100}
    for sql in (popularity._REACH, popularity._CHANGES):
        plan = "\n".join(line for (line,) in fetch(f"EXPLAIN {sql}", period))
        assert plan.count("movement_sold_when") == 2, plan


def test_the_task_is_the_count(clock):
    lamp = make_product(on_hand=50)
    sell(lamp)
    clock.move_to(NOON + PATIENCE)
    count_sales_task()
    assert popularity_of(lamp) == 1
    assert SalesCount.objects.get().counted_until == NOON
