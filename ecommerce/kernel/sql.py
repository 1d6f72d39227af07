"""A module's own SQL: for what runs for every buyer, and for changes that the ORM would make a row at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections

from ecommerce.kernel.db import alias_of

Parameters = Sequence[Any] | Mapping[str, Any]


def fetch(module: str, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """The rows that one statement answers in the module's database."""
    with connections[alias_of(module)].cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(module: str, sql: str, parameters: Parameters = ()) -> int:
    """Run one statement in the module's database; the number of rows it touched."""
    with connections[alias_of(module)].cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def copy(module: str, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows into a table of the module's database by COPY."""
    with (
        connections[alias_of(module)].cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copying,
    ):
        for row in rows:
            copying.write_row(row)
