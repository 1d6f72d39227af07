"""A module's own SQL."""

from typing import Any

import pytest
from django.db import transaction

from ecommerce.kernel import sql
from ecommerce.kernel.db import in_database

pytestmark = pytest.mark.django_db


def test_rows_are_answered_with_parameters_by_place_and_by_name() -> None:
    assert sql.fetch("cart", "SELECT n, n > %s FROM generate_series(1, 2) AS n", [1]) == [(1, False), (2, True)]
    assert sql.fetch("cart", "SELECT %(word)s::text", {"word": "100 %"}) == [("100 %",)]


def test_a_statement_tells_how_many_rows_it_touched() -> None:
    sql.execute("cart", "CREATE TEMPORARY TABLE touched ON COMMIT DROP AS SELECT generate_series(1, 5) AS n")

    assert sql.execute("cart", "DELETE FROM touched WHERE n > %(least)s", {"least": 3}) == 2
    assert sql.fetch("cart", "SELECT count(*) FROM touched") == [(3,)]


def test_it_is_part_of_the_open_transaction() -> None:
    with in_database("default"):
        sql.execute("cart", "CREATE TABLE undone (n integer)")
        transaction.set_rollback(True, using="default")

    assert sql.fetch("cart", "SELECT to_regclass('undone')") == [(None,)]


def test_each_module_has_its_own_database(settings: Any) -> None:
    settings.MODULE_DATABASES = {"cart": "elsewhere"}

    assert sql.fetch("catalog", "SELECT 1") == [(1,)]
    with pytest.raises(Exception, match="elsewhere"):
        sql.fetch("cart", "SELECT 1")
