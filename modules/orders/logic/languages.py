"""In which language a buyer reads what the shop itself says: its standing words are there in a few only."""

from collections.abc import Container

from django.conf import settings

ENGLISH = "en"


def spoken(wanted: str, words: Container[str]) -> str:
    """Of the languages that there are words in, English among them: the wanted one (de-at is German), else the shop's
    own, else English."""
    known = (one for one in map(_without_country, (wanted, settings.LANGUAGE_CODE)) if one in words)
    return next(known, ENGLISH)


def _without_country(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
