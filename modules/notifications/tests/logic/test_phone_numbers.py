import pytest

from modules.notifications.logic.phone_numbers import country_of, read_mobile


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+4915112345678", "+4915112345678"),
        ("+49 (0)151 1234-5678", "+4915112345678"),
        (" +1 415 555 2671 ", "+14155552671"),
        ("+7 916 123-45-67", "+79161234567"),
        # Without its country's code: not guessed.
        ("0151 12345678", ""),
        ("4915112345678", ""),
        # A landline, a number that costs, one that nobody has.
        ("+49 30 901820", ""),
        ("+1 900 555 1234", ""),
        ("+1 800 555 1212", ""),
        ("+49151", ""),
        ("+999 123456789", ""),
        ("", ""),
        ("call me", ""),
        ("+", ""),
        ("\x00", ""),
    ],
)
def test_only_mobile_numbers_with_their_countrys_code_will_do(typed: str, number: str) -> None:
    assert read_mobile(typed) == number


@pytest.mark.parametrize(
    ("number", "country"),
    [("+4915112345678", "DE"), ("+77011234567", "KZ"), ("+14165550123", "CA"), ("+881612345678", ""), ("", "")],
)
def test_a_number_tells_its_country(number: str, country: str) -> None:
    assert country_of(number) == country
