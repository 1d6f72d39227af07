"""Where the shop is: what its settings take, and what they refuse when it starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from ecommerce.settings import Environment


def started(**variables: Any) -> Environment:
    return Environment.model_validate({"debug": True} | variables)


def test_the_shops_own_number_is_kept_as_it_is_written_officially() -> None:
    shop = started(shop_country="FR", shop_vat_id="FR 40 303 265 045", shop_time_zone="Europe/Paris")

    assert (shop.shop_country, shop.shop_vat_id, shop.shop_time_zone) == ("FR", "FR40303265045", "Europe/Paris")


def test_currencies_without_tax_are_written_with_commas() -> None:
    assert started().currencies_without_tax == ["USD", "CAD"]
    assert started(currencies_without_tax="USD, AUD").currencies_without_tax == ["USD", "AUD"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shop_country", "Germany"),
        ("shop_country", "XX"),
        ("shop_region", "California"),
        ("shop_vat_id", "DE136695977"),
        ("shop_time_zone", "Berlin"),
        ("shop_time_zone", "../etc/passwd"),
        ("tax_rounding", "up"),
        ("shipping_taxed", "maybe"),
    ],
)
def test_what_will_not_do_is_told_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        started(**{name: value})
    assert [error["loc"] for error in refusal.value.errors()] == [(name,)]
