"""Catalog's SQL: for what runs for every buyer, and for changes that the ORM would make a row at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections

from ecommerce.kernel.db import alias_of

Parameters = Sequence[Any] | Mapping[str, Any]


def fetch(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """The rows that one statement answers."""
    with connections[alias_of("catalog")].cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(sql: str, parameters: Parameters = ()) -> int:
    """Run one statement; the number of rows it touched."""
    with connections[alias_of("catalog")].cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)
