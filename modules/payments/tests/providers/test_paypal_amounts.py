"""Amounts on their way to PayPal and back."""

import pytest

from ecommerce.kernel.money import Money
from modules.payments.contracts import AmountNotChargeable
from modules.payments.logic.providers.paypal_amounts import CURRENCIES, from_paypal, to_paypal
from modules.payments.tests.providers.paypal_world import PAYPAL, new_charge, paypal_shop


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        ("19.90", "EUR", "19.90"),
        ("0.01", "USD", "0.01"),
        ("1990", "JPY", "1990"),
        ("1990.00", "HUF", "1990"),
        ("15.00", "TWD", "15"),
    ],
)
def test_an_amount_goes_there_and_comes_back(amount, currency, value):
    money = Money.parse(amount, currency)
    assert to_paypal(money) == {"currency_code": currency, "value": value}
    assert from_paypal(to_paypal(money)) == money


@pytest.mark.parametrize(("amount", "currency"), [("19.900", "KWD"), ("19.90", "RON"), ("19.90", "HUF")])
def test_what_paypal_does_not_take_is_refused(amount, currency):
    with pytest.raises(AmountNotChargeable) as refused:
        to_paypal(Money.parse(amount, currency))
    assert refused.value.details == {"amount": amount, "currency": currency}


def test_every_currency_of_paypals_is_one_of_ours():
    assert all(to_paypal(Money(minor=100, currency=currency)) for currency in CURRENCIES)


def test_decimals_may_be_more_or_fewer_than_ours():
    assert from_paypal({"currency_code": "EUR", "value": "5"}) == Money(minor=500, currency="EUR")
    assert from_paypal({"currency_code": "TWD", "value": "15.00"}) == Money(minor=1500, currency="TWD")
    assert from_paypal({"currency_code": "USD", "value": "-3.50"}) == Money(minor=-350, currency="USD")


@pytest.mark.parametrize("amount", [{"currency_code": "JPY", "value": "0.5"}, {"currency_code": "XXQ", "value": "1"}])
def test_what_cannot_be_kept_exactly_is_an_error(amount):
    with pytest.raises(ValueError, match="PayPal names"):
        from_paypal(amount)


def test_a_currency_that_paypal_does_not_take_is_refused_before_it_is_asked():
    with paypal_shop() as paypal:
        with pytest.raises(AmountNotChargeable):
            PAYPAL.create(new_charge(currency="RON"))
        assert paypal.calls == []


def test_forints_are_paid_in_whole():
    with paypal_shop() as paypal:
        observed = PAYPAL.create(new_charge("1990.00", "HUF"))
        assert observed.amount == Money.parse("1990.00", "HUF")
        assert paypal.books.orders[observed.reference]["unit"]["amount"]["value"] == "1990"
