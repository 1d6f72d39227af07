"""Fields that take a value in the API's one notation, and refuse what merely looks like it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NoReturn
from uuid import UUID

import msgspec
from rest_framework import serializers

from ecommerce.kernel.money import EXPONENTS, Money, api_money
from ecommerce.kernel.rest.countries import CODES
from ecommerce.kernel.rest.renderers import utc

MAX_INT = 2**31 - 1

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


class CharField(serializers.CharField):
    """A JSON string; no number or boolean passes for one."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class EmailField(CharField, serializers.EmailField):
    """An e-mail address, at most 254 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254} | kwargs)


class SlugField(CharField, serializers.SlugField):
    """Letters, digits, hyphens and underscores."""


class RegexField(CharField, serializers.RegexField):
    """A JSON string of that pattern."""


class ChoiceField(serializers.ChoiceField):
    """One of the given JSON strings."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class IntegerField(serializers.IntegerField):
    """A JSON integer; no "3", no true, no 3.0. Within a PostgreSQL integer unless the limits say otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -MAX_INT - 1, "max_value": MAX_INT} | kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class BooleanField(serializers.BooleanField):
    """true or false; no "yes", no 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class UUIDField(serializers.UUIDField):
    """A UUID in its usual form, with hyphens."""

    def to_internal_value(self, data: Any) -> UUID:
        if isinstance(data, UUID):
            return data
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            self.fail("invalid", value=data)
        return UUID(data)


class AwareDateTimeField(serializers.Field[datetime, str, str, Any]):
    """An instant in RFC 3339 with its zone; becomes, and is answered in, UTC."""

    default_error_messages = {"invalid": "Give an RFC 3339 date and time with its zone: 2026-01-31T12:00:00Z."}

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return utc(_instant.decode(msgspec.json.encode(data)))
        except (msgspec.ValidationError, OverflowError, ValueError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return utc(value).isoformat().replace("+00:00", "Z")


class MoneyField(serializers.Field[Money, dict[str, str], dict[str, str], Any]):
    """Money as `{"amount": "19.90", "currency": "EUR"}`; `min_value` counts minor units (0: not negative)."""

    default_error_messages = {
        "invalid": "Give money as an object with amount and currency, both strings.",
        "required": "This field is required.",
        "unknown_field": "There is no such field.",
        "invalid_currency": "Give an active ISO 4217 currency code.",
        "invalid_amount": "{reason}.",
        "min_value": "The amount is too small.",
        "max_value": "The amount is too large.",
    }

    def __init__(self, *, min_value: int | None = None, max_value: int | None = None, **kwargs: Any) -> None:
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        self._check_names(data)
        if not isinstance(data["currency"], str) or data["currency"] not in EXPONENTS:
            self._refuse("currency", "invalid_currency")
        money = self._money(data["amount"], data["currency"])
        if self.min_value is not None and money.minor < self.min_value:
            self._refuse("amount", "min_value")
        if self.max_value is not None and money.minor > self.max_value:
            self._refuse("amount", "max_value")
        return money

    def to_representation(self, value: Money) -> dict[str, str]:
        return api_money(value)

    def _check_names(self, data: Mapping[str, Any]) -> None:
        for name in ("amount", "currency"):
            if name not in data:
                self._refuse(name, "required")
        for name in data:
            if name not in ("amount", "currency"):
                self._refuse(name, "unknown_field")

    def _money(self, amount: Any, currency: str) -> Money:
        if not isinstance(amount, str):
            self._refuse("amount", "invalid_amount", reason="Give the amount as a decimal string")
        try:
            return Money.parse(amount, currency)
        except ValueError as error:
            self._refuse("amount", "invalid_amount", reason=str(error))

    def _refuse(self, name: str, code: str, **words: str) -> NoReturn:
        message = self.error_messages[code].format(**words)
        raise serializers.ValidationError({name: [serializers.ErrorDetail(message, code)]})


class CountryField(CharField):
    """A country by its ISO 3166-1 alpha-2 code, in capitals."""

    default_error_messages = {"unknown_country": "Give an ISO 3166-1 alpha-2 country code."}

    def to_internal_value(self, data: Any) -> str:
        if data not in CODES:
            self.fail("unknown_country")
        return str(data)


_instant = msgspec.json.Decoder(Annotated[datetime, msgspec.Meta(tz=True)])
