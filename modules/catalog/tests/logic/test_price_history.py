"""The lowest price of the 30 days before a reduction, as Directive 98/6/EC, article 6a, asks for it."""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ecommerce.kernel import clock as kernel_clock
from ecommerce.kernel.money import Money
from modules.catalog.logic.flips import flip_due
from modules.catalog.logic.prices import NewPrice, set_prices
from modules.catalog.logic.products import save_product
from modules.catalog.models import Price, PriceChange, Variant
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import CategoryFactory, ProductDraftFactory, VariantDraftFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WINDOW = timedelta(days=30)
skus = count()


# Each: what was written on which day (regular, sale), and then the prior price that is shown.
@pytest.mark.parametrize(
    ("writes", "lowest"),
    [
        pytest.param([(0, 20, None), (50, 20, 15)], 20, id="the price before"),
        pytest.param([(0, 20, None)], None, id="nothing is reduced"),
        pytest.param([(0, 20, None), (50, 20, 15), (55, 20, None)], None, id="nothing is reduced any more"),
        pytest.param([(0, 20, None), (50, 15, None)], None, id="a regular price that falls is no reduction"),
        pytest.param([(0, 20, None), (30, 25, None), (50, 25, 15)], 20, id="raised before the sale"),
        pytest.param([(0, 20, None), (20, 25, None), (50, 25, 15)], 25, id="raised just 30 days before the sale"),
        pytest.param([(0, 20, None), (20.02, 25, None), (50, 25, 15)], 20, id="raised half an hour later"),
        pytest.param([(0, 20, None), (21, 25, None), (50, 25, 15)], 20, id="in force when the 30 days began"),
        pytest.param([(0, 20, None), (30, 20, 10), (35, 20, None), (50, 20, 15)], 10, id="a sale in between"),
        pytest.param([(0, 20, None), (10, 20, 10), (15, 20, None), (50, 20, 15)], 20, id="a sale long ago"),
        pytest.param([(0, 20, None), (10, 20, 10), (20, 20, None), (50, 20, 15)], 20, id="it ended 30 days before"),
        pytest.param([(0, 20, None), (10, 20, 10), (21, 20, None), (50, 20, 15)], 10, id="it ended 29 days before"),
        pytest.param([(0, 20, None), (5, 20, 15)], 20, id="younger than 30 days"),
        pytest.param([(0, 18, None), (2, 20, None), (5, 20, 15)], 18, id="younger than 30 days, and raised"),
        pytest.param([(0, 20, 15)], 15, id="never sold at another price"),
        pytest.param([(0, 20, None), (50, 20, 15), (55, 20, 12), (60, 20, 9)], 20, id="deeper step by step"),
        pytest.param([(0, 20, None), (50, 20, 15), (100, 20, 12)], 20, id="deeper after more than 30 days"),
        pytest.param([(0, 20, None), (50, 20, 15), (55, 30, 15)], 20, id="another price before is named"),
        pytest.param([(0, 20, None), (50, 20, 12), (55, 20, 15)], 12, id="less deep: a new reduction"),
        pytest.param([(0, 20, None), (50, 20, 12), (55, 20, 15), (60, 20, 10)], 12, id="less deep, then deeper"),
        pytest.param(
            [(0, 20, None), (50, 20, 12), (55, 20, None), (56, 20, 10)], 12, id="deeper, but with a pause between"
        ),
    ],
)
def test_the_lowest_price_of_the_30_days_before(clock, writes, lowest):
    variant_id = make_priceless()
    for day, regular, sale in writes:
        clock.move_to(NOON + day * DAY)
        write(variant_id, regular, sale)

    assert Price.objects.get(variant_id=variant_id).lowest_minor == lowest


def test_what_was_written_on_a_draft_was_no_offer(clock):
    variant = VariantDraftFactory.build(prices=[])
    draft = ProductDraftFactory.build(status="draft", variants=[variant])
    save_product(draft=draft)
    write(variant.id, 10)
    clock.move_to(NOON + DAY)
    write(variant.id, 20)
    clock.move_to(NOON + 2 * DAY)
    save_product(draft=ProductDraftFactory.build(id=draft.id, slug=draft.slug, variants=[]))

    clock.move_to(NOON + 3 * DAY)
    write(variant.id, 20, 15)

    assert Price.objects.get(variant_id=variant.id).lowest_minor == 20


def test_a_draft_that_is_reduced_from_the_start_was_never_sold_dearer(clock):
    variant = VariantDraftFactory.build(prices=[])
    draft = ProductDraftFactory.build(status="draft", variants=[variant])
    save_product(draft=draft)
    write(variant.id, 20)
    clock.move_to(NOON + DAY)
    write(variant.id, 20, 15)
    write(variant.id, 20, 12)

    save_product(draft=ProductDraftFactory.build(id=draft.id, slug=draft.slug, variants=[]))

    assert Price.objects.get(variant_id=variant.id).lowest_minor == 12


# After so many hours: a write of regular price, sale price or none, its start and end from then; or a sweep.
amounts = st.integers(2, 9)
hours = st.integers(1, 20 * 24)
acts = st.one_of(
    st.none(),
    st.tuples(amounts, st.none(), st.none(), st.none()),
    st.tuples(amounts, st.integers(1, 8), st.none() | st.integers(-400, 400), st.none() | st.integers(-400, 400)),
)
stories = st.lists(st.tuples(hours, acts), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories)
@example([(1, (9, None, None, None)), (1, (9, 5, 24, 48)), (600, None), (1, None), (1, (9, 3, None, 5)), (20, None)])
def test_it_is_what_a_walk_through_all_that_buyers_saw_finds(db, story):
    variant_id, seen = make_priceless(), Walk()
    with time_machine.travel(NOON, tick=False) as traveller:
        for wait, act in story:
            traveller.shift(timedelta(hours=wait))
            if act is None:
                flip_due()
            else:
                write_relative(variant_id, *act)
            seen.look(variant_id)

            kept = Price.objects.filter(variant_id=variant_id).first()
            assert (kept.lowest_minor if kept else None) == seen.lowest()
        assert last_changes(variant_id) == seen.changes()


class Walk:
    """What buyers saw from hour to hour, and the law read word by word."""

    def __init__(self) -> None:
        self.hours: list[datetime] = []
        self.prices: list[tuple[int, int | None]] = []

    def look(self, variant_id: Any) -> None:
        kept = Price.objects.filter(variant_id=variant_id).values_list("amount_minor", "compare_at_minor").first()
        if kept:
            self.hours.append(kernel_clock.now())
            self.prices.append(kept)

    def lowest(self) -> int | None:
        """Walk back to where the reduction began, then through each hour of the 30 days before it."""
        if not self.prices or self.prices[-1][1] is None:
            return None
        began = len(self.prices) - 1
        while began and self.prices[began - 1][1] is not None and self.prices[began - 1][0] >= self.prices[began][0]:
            began -= 1
        at, found = self.hours[began] - WINDOW, set[int]()
        while at < self.hours[began]:
            if (place := bisect_right(self.hours, at)) > 0:
                found.add(self.prices[place - 1][0])
            at += timedelta(hours=1)
        return min(found, default=self.prices[began][0])

    def changes(self) -> list[tuple[int, datetime]]:
        """Each amount when it was first seen."""
        looks = zip([None, *self.prices], self.prices, self.hours, strict=False)
        return [(now[0], at) for before, now, at in looks if before is None or before[0] != now[0]]


def make_priceless() -> Any:
    variant = VariantDraftFactory.build(sku=f"H-{next(skus)}", prices=[])
    shelf = CategoryFactory.create(slug=f"h-{next(skus)}")
    with time_machine.travel(NOON, tick=False):
        save_product(
            draft=ProductDraftFactory.build(slug=variant.sku.lower(), category_id=shelf.id, variants=[variant])
        )
    return Variant.objects.get(sku=variant.sku).id


def write(variant_id: Any, regular: int, sale: int | None = None, **period: datetime | None) -> None:
    price = NewPrice(
        regular=Money(minor=regular, currency="EUR"),
        sale=None if sale is None else Money(minor=sale, currency="EUR"),
        **period,
    )
    set_prices(variant_id, [price])


def write_relative(variant_id: Any, regular: int, sale: int | None, starts: int | None, ends: int | None) -> None:
    """A write that is refused would be none: such stories are mended to the nearest that is not."""
    now = kernel_clock.now()
    if sale is not None and starts is not None and ends is not None and starts >= ends:
        starts, ends = ends, starts + 1
    period = {
        "sale_starts_at": None if starts is None else now + timedelta(hours=starts),
        "sale_ends_at": None if ends is None else now + timedelta(hours=ends),
    }
    write(variant_id, regular, None if sale is None else min(sale, regular - 1), **period)


def last_changes(variant_id: Any) -> list[tuple[int, datetime]]:
    return list(PriceChange.objects.filter(variant_id=variant_id).order_by("at").values_list("amount_minor", "at"))
