"""The query parameters of catalog's reads; what they mean is judged here, before anything is asked."""

import re
from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import QueryDict
from rest_framework.request import Request

from ecommerce.kernel.money import EXPONENTS, MAX_MINOR
from ecommerce.kernel.rest.pages import PAGING
from ecommerce.kernel.rest.serializers import CharField, ChoiceField, StrictSerializer, ValidationError
from modules.catalog.logic.wishes import SORTS, Wish

ATTRIBUTE = "attr."
MOST_ATTRIBUTES, MOST_VALUES, LONGEST_VALUE = 10, 50, 100
# A comma parts two values; one that belongs to a value is written with a backslash before it.
VALUE = re.compile(r"((?:[^,\\]|\\.)*)(?:,|$)", re.DOTALL)
AMOUNT = re.compile(r"[0-9]{1,19}(\.([0-9]+))?", re.ASCII)


class CurrencyParameter(StrictSerializer):
    """What prices are shown in."""

    currency = ChoiceField(sorted(EXPONENTS), required=False, help_text="ISO 4217; the shop's own when left out.")

    @classmethod
    def read(cls, request: Request, *, besides: Container[str] = ()) -> dict[str, Any]:
        """The parameters of this request; refuses (400) what is unknown or will not do."""
        return {"currency": settings.DEFAULT_CURRENCY, **cls.parse_query(request, besides=besides)}


class ProductFilter(CurrencyParameter):
    """What of the assortment is shown, and in which order; `attr.<code>=a,b` is read apart."""

    q = CharField(
        max_length=200, required=False, allow_blank=True, help_text="Words to search for; the last may be a beginning."
    )
    category = CharField(max_length=120, required=False, help_text="A slug; what is below it belongs to it.")
    price_min = CharField(max_length=25, required=False, help_text="In the currency's major units: 19.90.")
    price_max = CharField(max_length=25, required=False, help_text="In the currency's major units: 19.90.")
    in_stock = ChoiceField(["true", "false"], required=False)
    sort = ChoiceField(list(SORTS), required=False, help_text="relevance with q, else newest, when left out.")
    facets = ChoiceField(["true", "false"], required=False, help_text="Whether to add what it can be narrowed by.")
    count = ChoiceField(
        ["true", "false"], required=False, help_text='Whether to add how many there are: "10,000+" at most.'
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        currency = values.get("currency", settings.DEFAULT_CURRENCY)
        for name in ("price_min", "price_max"):
            if name in values:
                values[name] = _minor(name, values[name], currency)
        if "in_stock" in values:
            values["in_stock"] = values["in_stock"] == "true"
        return values


def no_parameters(request: Request) -> None:
    """Refuse (400) every query parameter."""
    StrictSerializer.parse_query(request)


class SuggestionFilter(StrictSerializer):
    """What was typed so far."""

    q = CharField(max_length=200, allow_blank=True)


@dataclass(frozen=True)
class ListRequest:
    """What the buyer wants to see, and what to tell besides."""

    wish: Wish
    facets: bool
    count: bool


def list_request(request: Request) -> ListRequest:
    """What is asked of the list; refuses (400) what is unknown or will not do."""
    asked = ProductFilter.read(request, besides=_ReadElsewhere())
    extras = {name: asked.pop(name, "false") == "true" for name in ("facets", "count")}
    return ListRequest(Wish(**asked, attributes=_attributes(request.query_params)), **extras)


class _ReadElsewhere(Container[str]):
    """The parameters that are no fields of the filter: of the page, and of attributes by their codes."""

    def __contains__(self, name: object) -> bool:
        return name in PAGING or str(name).startswith(ATTRIBUTE)


def _attributes(query: QueryDict) -> dict[str, list[str]]:
    """What `attr.<code>=a,b` asks for: by code, the values of which any will do; repeating one adds to its values."""
    asked = {
        name.removeprefix(ATTRIBUTE): list(
            dict.fromkeys(value for text in query.getlist(name) for value in _parts(text))
        )
        for name in sorted(query)
        if name.startswith(ATTRIBUTE)
    }
    if len(asked) > MOST_ATTRIBUTES:
        raise ValidationError({"attr": f"At most {MOST_ATTRIBUTES} attributes at once."})
    for code, values in asked.items():
        _judge(ATTRIBUTE + code, values)
    return asked


def _parts(text: str) -> list[str]:
    return [part for part in (re.sub(r"\\(.)", r"\1", found, flags=re.DOTALL) for found in VALUE.findall(text)) if part]


def _judge(name: str, values: list[str]) -> None:
    if not values:
        raise ValidationError({name: "Give at least one value."})
    if len(values) > MOST_VALUES:
        raise ValidationError({name: f"At most {MOST_VALUES} values."})
    if any("\0" in value or len(value) > LONGEST_VALUE for value in values):
        raise ValidationError({name: f"Values have at most {LONGEST_VALUE} characters."})


def _minor(name: str, text: str, currency: str) -> int:
    """Minor units of an amount; unlike in a body, decimals may be left out, since people write these by hand."""
    match = AMOUNT.fullmatch(text)
    if not match or len(match[2] or "") > EXPONENTS[currency]:
        raise ValidationError({name: f"Give an amount in {currency}, such as 10 or 19.90 where it has decimals."})
    minor = int(Decimal(text).scaleb(EXPONENTS[currency]))
    if minor > MAX_MINOR:
        raise ValidationError({name: "The amount is too large."})
    return minor
