"""Prices as staff write them."""

from datetime import timedelta

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import Money
from modules.catalog.logic.prices import NewPrice, set_many, set_prices
from modules.catalog.models import Price, PriceChange
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import VariantDraftFactory, make_product, make_variant, price
from modules.catalog.tests.logic.test_statements import statements

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def on_sale(regular: int, sale: int, starts=None, ends=None) -> NewPrice:
    return NewPrice(regular=eur(regular), sale=eur(sale), sale_starts_at=starts, sale_ends_at=ends)


def shown(variant) -> tuple[int, int | None, object]:
    kept = Price.objects.get(variant=variant, currency="EUR")
    return kept.amount_minor, kept.compare_at_minor, kept.changes_at


def history(variant) -> list[tuple[int, object]]:
    changes = PriceChange.objects.filter(variant=variant, currency="EUR").order_by("at")
    return list(changes.values_list("amount_minor", "at"))


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (None, None, (1500, 2000, None)),
        (NOON, None, (1500, 2000, None)),
        (NOON - DAY, NOON + DAY, (1500, 2000, NOON + DAY)),
        (None, NOON + DAY, (1500, 2000, NOON + DAY)),
        (NOON + DAY, None, (2000, None, NOON + DAY)),
        (NOON + DAY, NOON + 2 * DAY, (2000, None, NOON + DAY)),
        (NOON - DAY, NOON, (2000, None, None)),
        (None, NOON - DAY, (2000, None, None)),
    ],
)
def test_the_sale_price_is_in_force_from_its_start_until_just_before_its_end(clock, starts, ends, expected):
    variant = make_variant()

    set_prices(variant.id, [on_sale(2000, 1500, starts, ends)])

    assert shown(variant) == expected


def test_the_history_knows_each_amount_that_was_in_force_and_nothing_else(clock):
    variant = make_variant(variants=[VariantDraftFactory.build(prices=[price("20.00", "EUR")])])
    assert history(variant) == [(2000, NOON)]

    clock.move_to(NOON + DAY)
    set_prices(variant.id, [on_sale(2000, 1500, NOON + 2 * DAY)])
    set_prices(variant.id, [NewPrice(regular=eur(2000))])
    assert history(variant) == [(2000, NOON)]

    set_prices(variant.id, [on_sale(2500, 1500)])
    set_prices(variant.id, [on_sale(2600, 1500)])
    assert history(variant) == [(2000, NOON), (1500, NOON + DAY)]


def test_two_changes_at_one_instant_keep_their_order(clock):
    variant = make_variant(variants=[VariantDraftFactory.build(prices=[price("20.00", "EUR")])])

    set_prices(variant.id, [NewPrice(regular=eur(1000))])
    clock.move_to(NOON - DAY)
    set_prices(variant.id, [NewPrice(regular=eur(3000))])

    microsecond = timedelta(microseconds=1)
    assert history(variant) == [(2000, NOON), (1000, NOON + microsecond), (3000, NOON + 2 * microsecond)]


def test_a_price_without_history_was_in_force_since_its_product_was_created(clock):
    variant = make_variant(variants=[VariantDraftFactory.build(prices=[price("20.00", "EUR")])])
    PriceChange.objects.all().delete()
    clock.move_to(NOON + 90 * DAY)

    set_prices(variant.id, [on_sale(2000, 1500)])

    assert history(variant) == [(2000, NOON), (1500, NOON + 90 * DAY)]
    assert Price.objects.get(variant=variant).lowest_minor == 2000


def test_other_currencies_and_other_variants_are_left_as_they_are():
    variant, other = make_variant(), make_variant()

    set_many({variant.id: [NewPrice(regular=Money(minor=999, currency="USD"))]})

    kept = Price.objects.order_by("currency").values_list("currency", "amount_minor")
    assert list(kept.filter(variant=variant)) == [("EUR", 1990), ("JPY", 2500), ("USD", 999)]
    assert list(kept.filter(variant=other)) == [("EUR", 1990), ("JPY", 2500)]


def test_any_number_of_prices_is_set_by_one_statement():
    variants = [make_variant() for _ in range(5)]
    prices = {variant.id: [price("9.90", "EUR", before="12.90"), price("1000", "JPY")] for variant in variants}

    assert statements(lambda: set_many(prices)) == 1
    assert statements(lambda: set_many({})) == 0
    assert Price.objects.filter(amount_minor=990, compare_at_minor=1290, lowest_minor=1990).count() == 5
    assert Price.objects.filter(amount_minor=1000, compare_at_minor=None, lowest_minor=None).count() == 5


@pytest.mark.parametrize(
    ("wrong", "field", "detail"),
    [
        (on_sale(2000, 2000), "sale", "The sale price 20.00 EUR is not lower than the regular price 20.00 EUR."),
        (on_sale(2000, -1), "sale", "-0.01 EUR: a price is not negative."),
        (NewPrice(regular=eur(-1)), "regular", "-0.01 EUR: a price is not negative."),
        (on_sale(2000, 1000, NOON, NOON), "sale_ends_at", "The sale ends before it has started."),
        (on_sale(2000, 1000, NOON + DAY, NOON), "sale_ends_at", "The sale ends before it has started."),
        (
            NewPrice(regular=eur(2000), sale_ends_at=NOON),
            "sale",
            "A period is that of a sale price, and there is none.",
        ),
        (
            NewPrice(regular=eur(2000), sale=Money(minor=10, currency="USD")),
            "sale",
            "The sale price is in USD and the regular price in EUR.",
        ),
    ],
)
def test_a_price_with_a_fault_is_refused_and_nothing_is_kept(wrong, field, detail):
    variant, other = make_product(variants=VariantDraftFactory.build_batch(2)).variants.order_by("id")

    with pytest.raises(Invalid) as refusal, atomic(Price):
        set_many({other.id: [price("5.00", "EUR")], variant.id: [wrong]})

    assert refusal.value.detail == detail
    assert refusal.value.details == {"variant_id": str(variant.id), "currency": "EUR", "field": field}
    assert set(Price.objects.filter(currency="EUR").values_list("amount_minor", flat=True)) == {1990}
    assert PriceChange.objects.count() == 4


def test_two_prices_in_one_currency_are_refused():
    variant = make_variant()

    with pytest.raises(Invalid) as refusal:
        set_prices(variant.id, [price("5.00", "EUR"), price("6.00", "EUR")])

    assert refusal.value.detail == "There are two prices in EUR."
    assert shown(variant) == (1990, None, None)
