"""New rows in one statement each, or two in one: where many come at once, each statement counts."""

from typing import Any

from django.db import connections, models, router


def insert_pair(first: models.Model, second: models.Model) -> bool:
    """Insert both rows, or neither where a row like the first is there already: then False."""
    alias = router.db_for_write(type(first))
    first_columns, first_values = _columns(first, alias)
    second_columns, second_values = _columns(second, alias)
    sql = f"""
        WITH first AS (
            INSERT INTO {first._meta.db_table} ({", ".join(first_columns)})
            VALUES ({", ".join(["%s"] * len(first_columns))})
            ON CONFLICT DO NOTHING RETURNING 1)
        INSERT INTO {second._meta.db_table} ({", ".join(second_columns)})
        SELECT {", ".join(f"%s::{kind}" for kind in second_columns.values())} FROM first
    """  # noqa: S608  (names of our own models' tables and columns)
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, [*first_values, *second_values])
        return bool(cursor.rowcount)


def insert_new(row: models.Model) -> bool:
    """Insert the row in one statement, unless one like it is there already: then False."""
    alias = router.db_for_write(type(row))
    columns, values = _columns(row, alias)
    sql = f"""
        INSERT INTO {row._meta.db_table} ({", ".join(columns)}) VALUES ({", ".join(["%s"] * len(columns))})
        ON CONFLICT DO NOTHING
    """  # noqa: S608  (names of our own models' tables and columns)
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.rowcount)


def _columns(row: models.Model, alias: str) -> tuple[dict[str, str], list[Any]]:
    """The row's columns, each with its type, and their values."""
    connection = connections[alias]
    fields = row._meta.concrete_fields
    # A cast to varchar(60) would cut silently what a plain insert refuses.
    types = {str(field.column): str(field.db_type(connection)).split("(")[0] for field in fields}
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    return types, values
