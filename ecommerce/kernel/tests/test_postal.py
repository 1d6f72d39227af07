import pytest

from ecommerce.kernel.postal import is_region, problems_of, problems_of_region, region_of


@pytest.mark.parametrize(
    ("country", "code", "problems"),
    [
        ("DE", "10119", {}),
        ("DE", "1011", {"postal_code": "invalid"}),
        ("DE", " ", {"postal_code": "required"}),
        ("GB", "sw1a 1aa", {}),
        ("IE", "", {}),
        ("IE", "nonsense", {"postal_code": "invalid"}),
        ("HK", "anything", {}),
    ],
)
def test_a_postal_code_is_asked_and_judged_by_its_country(country: str, code: str, problems: dict[str, str]) -> None:
    assert problems_of({"country": country, "postal_code": code}) == problems


@pytest.mark.parametrize(
    ("country", "region", "problems"),
    [
        ("US", "NY", {}),
        ("US", "new york", {}),
        ("US", "Bavaria", {"region": "invalid"}),
        ("US", "", {"region": "required"}),
        ("JP", "Tokyo", {}),
        ("DE", "", {}),
        ("DE", "whatever people write", {}),
        ("IE", "", {}),
    ],
)
def test_a_region_is_asked_where_addresses_are_written_with_one(
    country: str, region: str, problems: dict[str, str]
) -> None:
    assert problems_of_region({"country": country, "region": region}) == problems


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({"country": "US", "region": "CA"}, "CA"),
        ({"country": "US", "region": " california "}, "CA"),
        ({"country": "US", "region": "US-CA"}, "CA"),
        ({"country": "US", "region": "NY", "postal_code": "90210"}, "NY"),
        ({"country": "US", "region": "nowhere", "postal_code": "90210"}, "CA"),
        ({"country": "US", "postal_code": "10001-1234"}, "NY"),
        ({"country": "US"}, ""),
        ({"country": "CA", "region": "Québec"}, "QC"),
        ({"country": "JP", "region": "東京都"}, "13"),
        ({"country": "JP", "postal_code": "100-0001"}, "13"),
        ({"country": "DE", "region": "de-by"}, "BY"),
        ({"country": "DE", "region": "Bayern"}, ""),
    ],
)
def test_a_region_is_known_by_its_name_its_code_or_the_postal_code(address: dict[str, str], code: str) -> None:
    assert region_of(address) == code


def test_a_region_must_be_one_of_its_country_where_these_are_listed() -> None:
    assert [is_region("US", "CA"), is_region("US", "BY"), is_region("DE", "BY"), is_region("DE", "Bayern")] == [
        True,
        False,
        True,
        False,
    ]
