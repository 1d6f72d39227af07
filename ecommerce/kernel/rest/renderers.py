"""Answers as JSON: times in UTC ending in Z, money as an object, ids as strings."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

from ecommerce.kernel.money import Money


def encode(data: Any) -> bytes:
    """`data` as JSON bytes. Money must be in its form for answers already: `api_money`, MoneyField or MoneyStruct."""
    if settings.STRICT:
        _refuse_money(data)
    return _encoder.encode(data)


class MoneyStruct(msgspec.Struct, frozen=True):
    """Money as it is answered, for hot reads that answer structs."""

    amount: str
    currency: str


def utc(instant: datetime) -> datetime:
    """The same instant in UTC, which JSON shows with a Z."""
    return instant.astimezone(UTC)


class JSONRenderer(BaseRenderer):
    """DRF's way to `encode`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else encode(data)


def _refuse_money(data: Any) -> None:
    # msgspec would write the contract's form of it, in minor units, and ask nobody.
    if isinstance(data, Money):
        raise TypeError("answer api_money(money), a MoneyField or a MoneyStruct")
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ():
        _refuse_money(item)


def _plain(value: object) -> Any:
    # Lazy translations and DRF's ErrorDetail: strings that msgspec does not take for one.
    if isinstance(value, Promise | str):
        return str(value)[:]
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
