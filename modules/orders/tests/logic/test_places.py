"""Where orders go."""

import pytest

from modules.orders.logic.places import Place, place_of, read_place


def test_a_place_is_called_by_its_postal_code_its_region_and_its_country_the_most_exact_first() -> None:
    place = place_of({"country": "US", "region": "California", "postal_code": "90-210"})

    assert place == Place(country="US", region="CA", postal_code="90210")
    assert place.codes == ["US 90210", "US 90210*", "US 9021*", "US 902*", "US 90*", "US 9*", "US-CA", "US"]
    assert place_of({"country": "DE"}).codes == ["DE"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("de", "DE"), (" us-ca ", "US-CA"), ("GB BT1 5*", "GB BT15*"), ("DE 27498", "DE 27498"), ("jp-13", "JP-13")],
)
def test_a_place_is_read_as_staff_write_it(text: str, code: str) -> None:
    assert read_place(text) == code


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Germany", "Germany: write US, US-CA, DE 27498 or GB BT*."),
        ("XX", "XX is no country (ISO 3166-1 alpha-2)."),
        ("US-BY", "US has no region BY (ISO 3166-2)."),
        ("DE *5", "DE *5: write US, US-CA, DE 27498 or GB BT*."),
    ],
)
def test_what_is_no_place_is_told(text: str, complaint: str) -> None:
    with pytest.raises(ValueError) as told:
        read_place(text)
    assert str(told.value) == complaint
