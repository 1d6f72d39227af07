import pytest

from ecommerce.kernel.postal import problems_of, problems_of_region


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
