import pytest

from ecommerce.kernel.money import Money
from modules.payments.contracts import AmountNotChargeable
from modules.payments.logic.providers.stripe_amounts import from_stripe, to_stripe

PAIRS = [
    ("EUR", 1990, 1990),
    ("USD", 1, 1),
    ("JPY", 500, 500),
    ("KRW", 500, 500),
    # ISO 4217 gives the ariary decimals, Stripe none.
    ("MGA", 500, 5),
    ("KWD", 5120, 5120),
    # No decimals for ISO 4217, two for Stripe.
    ("ISK", 5, 500),
    ("UGX", 5, 500),
    ("HUF", 1000, 1000),
]


@pytest.mark.parametrize(("currency", "ours", "theirs"), PAIRS)
def test_amounts_go_there_and_back(currency: str, ours: int, theirs: int) -> None:
    money = Money(minor=ours, currency=currency)

    assert to_stripe(money) == theirs
    assert from_stripe(theirs, currency.lower()) == money


@pytest.mark.parametrize(("currency", "minor"), [("KWD", 5124), ("MGA", 550)])
def test_what_stripe_would_round_is_refused(currency: str, minor: int) -> None:
    with pytest.raises(AmountNotChargeable) as caught:
        to_stripe(Money(minor=minor, currency=currency))

    assert caught.value.details["currency"] == currency


def test_what_goes_out_is_below_zero() -> None:
    assert from_stripe(-500, "isk") == Money(minor=-5, currency="ISK")
