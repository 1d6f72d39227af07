"""The language of an answer."""

import pytest
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from modules.catalog.api.languages import in_language, language_of, other_languages


@pytest.fixture(autouse=True)
def spoken(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [(code, code) for code in ("en", "de", "pt-BR")], "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de-Latn-AT", "de"),
        ("pt-BR", "pt-BR"),
        ("pt", "pt-BR"),
        ("fr", "en"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("en;q=0.4, de;q=0.5", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0", "en"),
        ("*, de;q=0.5", "en"),
        ("fr, *;q=0.1, de;q=0.5", "de"),
        ("de;q=2", "en"),
        ("de;;;", "en"),
        ("fr," * 5000 + "de", "en"),
    ],
)
def test_the_most_wanted_language_of_the_shop_is_chosen(header, language):
    assert language_of(asking(header)) == language


def test_no_cookie_chooses_a_language():
    request = asking(None)
    request.COOKIES["django_language"] = "de"

    assert language_of(request) == "en"


def test_an_answer_says_its_language_and_what_it_depends_on():
    answer = HttpResponse(headers={"Vary": "Origin"})

    assert in_language(answer, "de") is answer
    assert (answer["Content-Language"], answer["Vary"]) == ("de", "Origin, Accept-Language")


def test_words_are_translated_into_every_language_but_the_shops_own():
    assert other_languages() == ["de", "pt-BR"]


def asking(header):
    headers = {} if header is None else {"Accept-Language": header}
    return Request(APIRequestFactory().get("/", headers=headers))
