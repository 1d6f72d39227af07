"""In which language the shop's own words are said."""

import pytest

from modules.orders.logic.exemptions import note_of
from modules.orders.logic.languages import spoken
from modules.orders.models import TaxExemption

WORDS = {"en": "Invoice", "de": "Rechnung"}


@pytest.mark.parametrize(
    ("wanted", "shops", "said"),
    [
        ("de", "en", "de"),
        ("de-at", "en", "de"),
        ("de_AT", "en", "de"),
        ("DE", "en", "de"),
        ("fr", "de-at", "de"),
        ("fr", "de", "de"),
        ("", "de", "de"),
        ("en-gb", "de", "en"),
        ("fr", "fr-ch", "en"),
        ("fr", "en", "en"),
        # A language whose letters another one begins with.
        ("den", "en", "en"),
    ],
)
def test_the_readers_language_comes_first_then_the_shops_then_english(
    settings, wanted: str, shops: str, said: str
) -> None:
    settings.LANGUAGE_CODE = shops

    assert spoken(wanted, WORDS) == said


def test_the_note_on_an_exemption_is_said_in_it(settings) -> None:
    settings.LANGUAGE_CODE = "de-at"

    german = note_of(TaxExemption.INTRA_COMMUNITY_SUPPLY, "de")
    assert german
    assert german.startswith("Steuerfreie")
    assert [note_of(TaxExemption.INTRA_COMMUNITY_SUPPLY, language) for language in ("de-at", "fr")] == [german] * 2
