"""The shop's languages as the text search knows them: which word is a form of which, and which say nothing."""

from django.conf import settings

# Words as they are, in small letters and without accents (migration 0007).
PLAIN = "catalog_plain"
# By the language's code, the stemmer that PostgreSQL brings; the configurations of 0007 are named after the code.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def own_configuration() -> str:
    """Of the products' own texts: those in the shop's first language."""
    return configuration(settings.LANGUAGE_CODE)


def configurations() -> dict[str, str]:
    """By code, those of the languages that the shop speaks."""
    return {code: configuration(code) for code, _ in settings.LANGUAGES}


def configuration(code: str) -> str:
    """The text search configuration of a language; of one without a stemmer, words as they are."""
    language = code.split("-")[0].lower()
    return f"catalog_{language}" if language in STEMMERS else PLAIN
