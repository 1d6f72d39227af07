"""Prices of shipping as staff type them."""

import pytest
from django.core.exceptions import ValidationError

from ecommerce.kernel.money import Money
from modules.orders.logic.price_lines import read_prices, written_prices
from modules.orders.logic.tariffs import Tariff, Tier


def money(minor: int, currency: str = "EUR") -> Money:
    return Money(minor=minor, currency=currency)


def test_a_line_for_each_currency_is_read_and_written_again() -> None:
    typed = "EUR 4.90, 2000 = 6.90, 10000 = 14.90, free from 50.00\nJPY 800"

    read = read_prices(typed, "weight")

    tiers = [Tier(at_least=2000, price=money(690)), Tier(at_least=10000, price=money(1490))]
    assert read == {
        "EUR": Tariff(priced_by="weight", price=money(490), tiers=tiers, free_from=money(5000)),
        "JPY": Tariff(priced_by="weight", price=money(800, "JPY")),
    }
    assert written_prices(read.items()) == typed


def test_tiers_by_subtotal_are_amounts_in_any_order_and_short_ones_are_understood() -> None:
    read = read_prices("\n eur 5 , 50 = 0,20.5=3 \n\n", "subtotal")

    assert read["EUR"].tiers == [Tier(at_least=2050, price=money(300)), Tier(at_least=5000, price=money(0))]
    assert written_prices(read.items()) == "EUR 5.00, 20.50 = 3.00, 50.00 = 0.00"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("4.90", "4.90 is no currency (ISO 4217); write EUR 4.90."),
        ("EUR", "'' is no amount in EUR."),
        ("EUR 4.905", "'4.905' is no amount in EUR."),
        ("EUR -1", "'-1' is no amount in EUR."),
        ("JPY 8.5", "'8.5' is no amount in JPY."),
        ("EUR NaN", "'NaN' is no amount in EUR."),
        ("EUR 1e9999", "'1e9999' is no amount in EUR."),
        ("EUR 4.90, 2 kg = 6.90", "'2 kg = 6.90' is neither a tier (2000 = 6.90) nor free from (free from 50.00)."),
        ("EUR 4.90, 2.5 = 6.90", "'2.5' is no weight in grams."),
        ("EUR 4.90, 0 = 6.90", "a tier begins above 0; the first price is what is asked below it."),
        ("EUR 4.90, 9 = 6.90, 9 = 7.90", "9 is there twice."),
    ],
)
def test_what_is_wrong_with_a_line_is_told(line: str, complaint: str) -> None:
    with pytest.raises(ValidationError) as told:
        read_prices(f"USD 1\n{line}", "weight")
    assert told.value.messages == [f"Line 2: {complaint}"]


def test_a_currency_is_there_once() -> None:
    with pytest.raises(ValidationError) as told:
        read_prices("EUR 1\nEUR 2", "flat")
    assert told.value.messages == ["Line 2: EUR is there already."]
