"""Whom mails about the shop go to, as operators say it."""

import pytest
from pydantic import ValidationError

from ecommerce.settings import Environment


def staff(emails: str) -> list[str]:
    return Environment.model_validate({"debug": True, "staff_emails": emails}).staff_emails


def test_addresses_are_written_with_commas_each_once() -> None:
    assert staff("") == []
    assert staff("ada@shop.example, bob@shop.example,ada@shop.example") == ["ada@shop.example", "bob@shop.example"]


@pytest.mark.parametrize("emails", ["ada", "ada@", "Ada <ada@shop.example>", "ada@shop.example; bob@shop.example"])
def test_what_is_no_address_is_refused_when_the_shop_starts(emails: str) -> None:
    with pytest.raises(ValidationError, match="is no mail address"):
        staff(emails)
