"""What a way to ship costs."""

import pytest

from ecommerce.kernel.money import Money
from modules.orders.logic.tariffs import PricedBy, Tariff, Tier


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def tariff(priced_by: str, free_from: int | None = None) -> Tariff:
    tiers = [Tier(at_least=10_000, price=eur(1490)), Tier(at_least=2_000, price=eur(690))]
    free = None if free_from is None else eur(free_from)
    return Tariff(priced_by=priced_by, price=eur(490), tiers=tiers, free_from=free)


@pytest.mark.parametrize(
    ("weight_g", "price"), [(0, 490), (1_999, 490), (2_000, 690), (9_999, 690), (10_000, 1490), (10**9, 1490)]
)
def test_by_weight_the_highest_tier_that_is_reached_counts(weight_g: int, price: int) -> None:
    assert tariff(PricedBy.WEIGHT).price_of(subtotal=eur(50_000), weight_g=weight_g) == eur(price)


@pytest.mark.parametrize(("subtotal", "price"), [(0, 490), (1_999, 490), (2_000, 690), (10_000, 1490)])
def test_by_subtotal_likewise(subtotal: int, price: int) -> None:
    assert tariff(PricedBy.SUBTOTAL).price_of(subtotal=eur(subtotal), weight_g=50_000) == eur(price)


def test_a_flat_price_is_the_same_for_everything() -> None:
    assert tariff(PricedBy.FLAT).price_of(subtotal=eur(50_000), weight_g=50_000) == eur(490)


@pytest.mark.parametrize(("subtotal", "price"), [(4_999, 690), (5_000, 0)])
def test_from_an_amount_on_it_is_free_whatever_it_weighs(subtotal: int, price: int) -> None:
    assert tariff(PricedBy.WEIGHT, 5_000).price_of(subtotal=eur(subtotal), weight_g=3_000) == eur(price)
