"""Many prices at once."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel import clock as kernel_clock
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import EXPONENTS, MAX_MINOR, Money
from modules.catalog.logic import repricing
from modules.catalog.logic.prices import set_prices
from modules.catalog.logic.repricing import Repricing, preview_repricing, reprice, round_price
from modules.catalog.models import Price, PriceChange, Product, ProductPrice, Variant
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product, price
from modules.catalog.tests.logic.test_holds_at_once import at_once
from modules.catalog.tests.logic.test_prices import DAY, history, on_sale
from modules.catalog.tests.logic.test_statements import statements

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("exact", "currency", "ending", "expected"),
    [
        (Fraction("1234.4"), "EUR", None, 1234),
        (Fraction("1234.5"), "EUR", None, 1235),
        (Fraction(2030), "EUR", "0.99", 1999),
        (Fraction(2049), "EUR", "0.99", 2099),
        (Fraction("2048.9"), "EUR", "0.99", 1999),
        (Fraction(10), "EUR", "0.99", 99),
        (Fraction(0), "EUR", "0.99", 0),
        (Fraction(2030), "EUR", "0.5", 2050),
        (Fraction(2030), "EUR", "0", 2000),
        (Fraction(2030), "KWD", "0.99", 1990),
        (Fraction("2030.5"), "JPY", "0", 2031),
    ],
)
def test_prices_are_rounded_to_the_nearest_with_that_ending(exact, currency, ending, expected):
    assert round_price(exact, currency, ending and Decimal(ending)) == expected


@given(st.fractions(0, 10**12), CURRENCIES)
def test_without_an_ending_a_price_is_at_most_half_a_minor_unit_off(exact, currency):
    assert -Fraction(1, 2) < round_price(exact, currency, None) - exact <= Fraction(1, 2)


@given(st.fractions(0, 10**12), CURRENCIES, st.integers(0, 999))
def test_a_price_has_its_ending_and_is_at_most_half_a_unit_off(exact, currency, thousandths):
    unit = 10 ** EXPONENTS[currency]
    last = thousandths % unit

    rounded = round_price(exact, currency, Decimal(last) / unit)

    if not exact:
        assert rounded == 0
    else:
        assert rounded % unit == last
        assert 0 <= last <= rounded
        assert -Fraction(unit, 2) < rounded - exact <= Fraction(unit, 2) or (rounded == last and exact < last)


@given(st.lists(st.fractions(0, 10**9), min_size=2, max_size=2), CURRENCIES, st.sampled_from([None, 0, 99, 990]))
def test_what_was_dearer_does_not_become_cheaper_than_the_other(pair, currency, last):
    unit = 10 ** EXPONENTS[currency]
    ending = None if last is None else Decimal(last % unit) / unit
    low, high = sorted(pair)

    assert round_price(low, currency, ending) <= round_price(high, currency, ending)


@pytest.fixture
def shop(db, invariants_hold):
    """Three products below one shelf: two variants, one with a sale, and a draft; and one elsewhere."""
    root = CategoryFactory.create(slug="root")
    leaf = CategoryFactory.create(slug="leaf", parent=root)
    pair = [variant("A", "20.00"), variant("B", "10.05", "7.00")]
    return {
        "root": root.id,
        "leaf": leaf.id,
        "pair": make_product(category_id=root.id, variants=pair).id,
        "sale": make_product(category_id=leaf.id, variants=[variant("C", "30.00", None, before="40.00")]).id,
        "draft": make_product(category_id=leaf.id, status="draft", variants=[variant("D", "5.00")]).id,
        "elsewhere": make_product(variants=[variant("E", "50.00")]).id,
    }


def variant(sku, amount, dollars=None, before=None):
    prices = [price(amount, "EUR", before), *([price(dollars, "USD")] if dollars else [])]
    return VariantDraftFactory.build(sku=sku, prices=prices)


def wish(**values: Any) -> Repricing:
    return replace(Repricing(currency="EUR", percent=Decimal(10)), **values)


def regular(currency="EUR"):
    kept = Price.objects.filter(currency=currency).values_list("variant__sku", "regular_minor")
    return dict(kept.order_by("variant__sku"))


def previewed(asked):
    return {row.sku: (row.old.minor, row.new.minor, row.problem) for row in preview_repricing(asked)}


def test_a_preview_tells_old_and_new_of_a_branch_and_changes_nothing(shop):
    before = everything()

    assert previewed(wish(category_id=shop["root"])) == {
        "A": (2000, 2200, None),
        "B": (1005, 1106, None),
        "C": (4000, 4400, None),
        "D": (500, 550, None),
    }
    assert everything() == before


def test_a_branch_is_repriced_with_its_history_and_its_lists(shop):
    outcome = reprice(wish(category_id=shop["leaf"], percent=Decimal("-5.5"), ending=Decimal("0.95")))

    assert (outcome.changed, outcome.skipped) == (2, [])
    assert regular() == {"A": 2000, "B": 1005, "C": 3795, "D": 495, "E": 5000}
    listed = ProductPrice.objects.get(product_id=shop["sale"])
    assert (listed.from_minor, listed.compare_at_minor) == (3000, 3795)
    assert [amount for amount, _ in history(Variant.objects.get(sku="C"))] == [3000]
    assert [amount for amount, _ in history(Variant.objects.get(sku="D"))] == [500, 495]


def test_named_products_are_repriced_in_one_currency_and_are_a_new_version(shop):
    outcome = reprice(wish(product_ids=[shop["pair"], shop["pair"]], currency="USD"))

    assert outcome.changed == 1
    assert regular("USD") == {"B": 770}
    assert regular() == {"A": 2000, "B": 1005, "C": 4000, "D": 500, "E": 5000}
    versions = dict(Product.objects.values_list("id", "version"))
    assert versions[shop["pair"]] == max(versions.values()) == 2
    assert sum(versions.values()) == len(versions) + 1


def test_a_sale_that_would_not_be_lower_keeps_its_price_as_it_is(shop):
    asked = wish(category_id=shop["root"], percent=Decimal(-25))

    assert previewed(asked)["C"] == (4000, 3000, "sale_not_lower")
    outcome = reprice(asked)

    assert [row.sku for row in outcome.skipped] == ["C"]
    assert outcome.changed == 3
    assert regular() == {"A": 1500, "B": 754, "C": 4000, "D": 375, "E": 5000}


def test_a_sale_that_is_over_stands_in_nobodys_way(shop):
    sold = Variant.objects.get(sku="A")
    set_prices(sold.id, [on_sale(2000, 1900, None, kernel_clock.now() - DAY)])

    assert reprice(wish(product_ids=[shop["pair"]], percent=Decimal(-50))).skipped == []

    kept = Price.objects.get(variant=sold)
    assert (kept.regular_minor, kept.sale_minor, kept.sale_ends_at) == (1000, None, None)


def test_a_sale_to_come_keeps_its_period(shop):
    sold, starts = Variant.objects.get(sku="A"), kernel_clock.now() + DAY
    set_prices(sold.id, [on_sale(2000, 900, starts, starts + DAY)])

    reprice(wish(product_ids=[shop["pair"]]))

    kept = Price.objects.get(variant=sold)
    assert (kept.amount_minor, kept.sale_minor) == (2200, 900)
    assert (kept.sale_starts_at, kept.sale_ends_at, kept.changes_at) == (starts, starts + DAY, starts)


def test_archived_goods_keep_their_prices(shop):
    Variant.objects.filter(sku="D").update(archived_at=NOON)

    assert reprice(wish(product_ids=[shop["draft"]])).changed == 0
    assert regular()["D"] == 500


def test_what_would_be_too_high_is_left_as_it_is(shop):
    set_prices(Variant.objects.get(sku="D").id, [on_sale(MAX_MINOR - 1, 1)])

    [row] = preview_repricing(wish(product_ids=[shop["draft"]]))

    assert (row.old, row.new, row.problem) == (Money(minor=MAX_MINOR - 1, currency="EUR"), row.old, "too_high")


def test_the_number_of_statements_follows_the_batches_and_not_the_products(shop, monkeypatch):
    # Lock, read, write, version, and three for the lists; and two that look for the branch's products.
    assert statements(lambda: reprice(wish(category_id=shop["root"]))) == 9

    monkeypatch.setattr(repricing, "BATCH", 1)
    reprice(wish(category_id=shop["root"]))
    assert regular() == {"A": 2420, "B": 1217, "C": 4840, "D": 605, "E": 5000}


def test_a_percentage_that_changes_nothing_writes_nothing(shop):
    before = everything()

    assert reprice(wish(category_id=shop["root"], percent=Decimal("0.0001"))).changed == 0
    assert everything() == before


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"currency": "XXX"}, "XXX is no currency."),
        ({"percent": Decimal(0)}, "Prices change by more than -100 and at most 1000 percent, and not by 0."),
        ({"percent": Decimal(-100)}, "Prices change by more than -100 and at most 1000 percent, and not by 0."),
        ({"percent": Decimal(1001)}, "Prices change by more than -100 and at most 1000 percent, and not by 0."),
        ({"percent": Decimal("NaN")}, "Prices change by more than -100 and at most 1000 percent, and not by 0."),
        ({"product_ids": []}, "Name products or a category, one of them."),
        ({"category_id": "leaf"}, "Name products or a category, one of them."),
        ({"ending": Decimal(1)}, "An ending is 0 or more, less than 1, and has the 2 decimals of EUR at most."),
        (
            {"ending": Decimal("0.99"), "currency": "JPY"},
            "An ending is 0 or more, less than 1, and has the 0 decimals of JPY at most.",
        ),
    ],
)
def test_wishes_that_make_no_sense_are_refused_and_change_nothing(shop, wrong, detail):
    before = everything()
    asked = wish(**{"product_ids": [shop["pair"]]} | wrong)

    for act in (preview_repricing, reprice):
        with pytest.raises(Invalid) as refusal:
            act(asked)
        assert refusal.value.detail == detail
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_who_raises_the_same_prices_at_once_raises_them_one_after_the_other():
    products = [make_product(variants=[variant(f"V{n}", "10.00")], on_hand=0).id for n in range(6)]

    outcomes = at_once(partial(reprice, wish(product_ids=ids)) for _ in range(3) for ids in (products, products[::-1]))

    assert outcomes == ["done"] * 6
    assert set(regular().values()) == {1771}
    assert PriceChange.objects.count() == 6 * 7


def everything():
    return [list(model.objects.order_by("pk").values_list()) for model in (Price, PriceChange, ProductPrice, Product)]
