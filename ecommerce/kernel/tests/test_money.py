import copy
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.money import (
    EXPONENTS,
    MAX_MINOR,
    CurrencyMismatch,
    Money,
    in_major_units,
    round_half_up,
    round_together,
    share,
    total,
)

MINORS = st.integers(-MAX_MINOR, MAX_MINOR)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))
SMALL = st.integers(-(10**12), 10**12)


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


@given(MINORS, CURRENCIES)
def test_the_notation_is_read_back_exactly(minor, currency):
    money = Money(minor=minor, currency=currency)
    assert Money.parse(money.amount, currency) == money


@given(st.text(alphabet="0123456789.-+eE ,_", max_size=25), CURRENCIES)
def test_there_is_one_notation_for_each_amount(text, currency):
    try:
        money = Money.parse(text, currency)
    except ValueError:
        return
    assert money.amount == text


@given(st.text(max_size=10), st.text(max_size=4))
def test_reading_refuses_by_value_error_only(amount, currency):
    try:
        Money.parse(amount, currency)
    except ValueError:
        pass
    else:
        assert currency in EXPONENTS


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (1990, "EUR", "19.90"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1990, "JPY", "1990"),
        (1250, "KWD", "1.250"),
        (1, "MGA", "0.01"),
        (12345, "CLF", "1.2345"),
        (MAX_MINOR, "EUR", "92233720368547758.07"),
    ],
)
def test_amounts_have_exactly_the_decimals_of_iso_4217(minor, currency, amount):
    assert Money(minor=minor, currency=currency).amount == amount
    assert Money.parse(amount, currency).minor == minor


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "DEM", "XAU", "XXX", "XTS"])
def test_only_active_currencies_with_decimals_are_money(currency):
    with pytest.raises(ValueError):
        Money(minor=1, currency=currency)


@pytest.mark.parametrize("minor", [MAX_MINOR + 1, -MAX_MINOR - 1])
def test_amounts_stay_within_bigint(minor):
    with pytest.raises(ValueError):
        eur(minor)
    with pytest.raises(ValueError):
        eur(MAX_MINOR) + eur(1)


def test_currencies_do_not_mix():
    yen = Money.zero("JPY")
    for mix in (lambda: eur(1) + yen, lambda: eur(1) - yen, lambda: eur(1) < yen, lambda: eur(1) <= yen):
        with pytest.raises(CurrencyMismatch):
            mix()
    with pytest.raises(CurrencyMismatch):
        total([eur(1), yen], "EUR")
    assert eur(1) != Money(minor=1, currency="USD")


@given(SMALL, SMALL, st.integers(0, 999))
def test_money_adds_like_whole_numbers(a, b, quantity):
    assert eur(a) + eur(b) == eur(a + b)
    assert eur(a) - eur(b) == eur(a - b)
    assert eur(a) * quantity == eur(a * quantity)
    assert -eur(a) == eur(-a)
    assert bool(eur(a)) == (a != 0)
    assert (eur(a) < eur(b), eur(a) <= eur(b), eur(a) > eur(b), eur(a) >= eur(b)) == (a < b, a <= b, a > b, a >= b)
    assert total([eur(a), eur(b)], "EUR") == eur(a + b)


def test_the_sum_of_nothing_is_zero():
    assert total([], "JPY") == Money.zero("JPY")


def test_money_is_a_value():
    assert {eur(1), copy.deepcopy(eur(1))} == {eur(1)}
    with pytest.raises(AttributeError):
        eur(1).minor = 2  # type: ignore[misc]  # that is what is tested


@given(st.fractions(min_value=-(10**15), max_value=10**15))
def test_rounding_goes_to_the_nearest_and_halves_away_from_zero(value):
    rounded = round_half_up(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    assert round_half_up(-value) == -rounded
    if abs(rounded - value) == Fraction(1, 2):
        assert abs(rounded) > abs(value)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_decimals_and_fractions_round_alike(value):
    assert round_half_up(value) == round_half_up(Fraction(value))
    assert round_half_up(value) == int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize("value", [MAX_MINOR, MAX_MINOR * 10**20])
def test_rounding_has_no_largest_decimal(value):
    assert round_half_up(Decimal(f"{value}.5")) == value + 1


@given(MINORS, st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_shares_add_up_and_are_off_by_less_than_one(minor, weights):
    parts = share(eur(minor), weights)
    assert len(parts) == len(weights)
    assert sum(part.minor for part in parts) == minor
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
            assert weight or not part


@given(SMALL, st.lists(st.integers(0, 1000), min_size=1, max_size=10), st.integers(1, 1000))
def test_shares_depend_on_proportions_and_mirror_with_the_sign(minor, weights, factor):
    parts = share(eur(minor), weights)
    assert share(eur(minor), [weight * factor for weight in weights]) == parts
    assert share(eur(-minor), weights) == [-part for part in parts]


def test_ties_go_to_the_earlier_part_and_no_weight_to_the_first():
    assert [part.minor for part in share(eur(100), [1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in share(eur(-100), [1, 1, 1])] == [-34, -33, -33]
    assert [part.minor for part in share(eur(5), [0, 0])] == [5, 0]
    assert [part.minor for part in share(eur(0), [3, 4])] == [0, 0]


@pytest.mark.parametrize("weights", [[], [1, -1], [-1]])
def test_there_is_no_sharing_over_nothing_or_less(weights):
    with pytest.raises(ValueError):
        share(eur(1), weights)


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (Fraction(5, 2), "EUR", "0.025"),
        (100, "EUR", "1.00"),
        (Fraction(-1, 3), "EUR", "-0.00333333"),
        (Fraction(1, 3), "JPY", "0.333333"),
        (1990, "JPY", "1990"),
        (1250, "KWD", "1.250"),
        (MAX_MINOR, "EUR", "92233720368547758.07"),
        (0, "EUR", "0.00"),
    ],
)
def test_parts_of_a_minor_unit_are_told_to_a_millionth(minor, currency, amount):
    assert f"{in_major_units(minor, currency):f}" == amount


@given(parts=st.lists(st.fractions(min_value=0, max_value=10**9), max_size=50))
def test_parts_that_are_rounded_together_add_up_to_their_rounded_sum_and_each_is_next_to_its_own(
    parts: list[Fraction],
) -> None:
    rounded = round_together(parts)

    assert sum(rounded) == round_half_up(sum(parts, Fraction(0)))
    assert [part for part, one in zip(parts, rounded, strict=True) if abs(one - part) >= 1] == []
    assert [one for one in rounded if one < 0] == []


def test_what_is_left_over_goes_to_the_largest_remainders_and_of_equal_ones_to_the_earlier() -> None:
    assert round_together([Fraction(1, 2), Fraction(9, 10), Fraction(1, 2)]) == [1, 1, 0]
    assert round_together([]) == []
