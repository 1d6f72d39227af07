"""The language that a reader wants, among those the shop speaks."""

from typing import TypeVar

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

# For the document: of every read whose words are translated.
ACCEPT_LANGUAGE = OpenApiParameter(
    "Accept-Language",
    str,
    OpenApiParameter.HEADER,
    description="The language of names and descriptions; those without words in it come in the shop's own.",
)

Answer = TypeVar("Answer", bound=HttpResponseBase)


def language_of(request: Request) -> str:
    """The shop's language that Accept-Language prefers, by its quality values; else the shop's own.

    Unlike Django's own choice it looks at no cookie: what the answer depends on stands in Vary.
    """
    spoken = {code.lower(): code for code, _ in settings.LANGUAGES}
    for asked, quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        # A quality of 0 is a language that the reader does not want.
        if quality and (found := _lookup(asked, spoken)):
            return found
    return str(settings.LANGUAGE_CODE)


def in_language(answer: Answer, language: str) -> Answer:
    """The answer, marked for readers and caches as given in that language because it was asked for."""
    answer.headers["Content-Language"] = language
    patch_vary_headers(answer, ["Accept-Language"])
    return answer


def other_languages() -> list[str]:
    """What words are translated into: every language of the shop but its own."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def _lookup(asked: str, spoken: dict[str, str]) -> str | None:
    """RFC 4647's lookup: de-at, then de; and a bare pt is content with pt-br. Anything (`*`) is the shop's own."""
    if asked == "*":
        return str(settings.LANGUAGE_CODE)
    tag = asked
    while tag:
        if tag in spoken:
            return spoken[tag]
        tag = tag.rpartition("-")[0]
    return next((code for tag, code in spoken.items() if tag.startswith(f"{asked}-")), None)
