"""What the database itself refuses, whoever writes and by whatever way."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.holds import commit_hold, hold_stock
from modules.catalog.logic.stock import return_stock
from modules.catalog.models import StockLevel, StockMovement
from modules.catalog.tests.factories import make_variant, put

pytestmark = pytest.mark.django_db

TABLES = ("level", "movement", "hold", "holdline")
LEVEL, HOLD = "(SELECT min(id::text)::uuid FROM catalog_stocklevel)", "(SELECT id FROM catalog_stockhold LIMIT 1)"
MOVED = "INSERT INTO catalog_stockmovement (id, level_id, kind, delta, reference, reason, created_at)"
MOVED_AGAIN = """
    INSERT INTO catalog_stockmovement (id, level_id, kind, delta, reference, reason, created_at)
    SELECT gen_random_uuid(), level_id, kind, delta, reference, '', now()
    FROM catalog_stockmovement WHERE kind = 'sold'
"""


@pytest.fixture
def order_id() -> Any:
    """An order that bought 2 of 10, returned 1, and the same customer's next one, which holds 3."""
    variant, order_id = make_variant(on_hand=10), new_id()
    put(variant.id, "Aachen", 4)
    for one, quantity in ((order_id, 2), (new_id(), 3)):
        lines = [StockLine(variant_id=variant.id, quantity=quantity)]
        hold_stock(order_id=one, lines=lines, until=datetime(2026, 12, 1, tzinfo=UTC))
    commit_hold(order_id=order_id)
    return_stock(reference=order_id, lines=[StockLine(variant_id=variant.id, quantity=1)])
    return order_id


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        (
            # The other two imply it: it is seen where one of them is not there.
            (
                "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE catalog_stocklevel DROP CONSTRAINT stock_held_is_on_hand;"
                " UPDATE catalog_stocklevel SET on_hand = -1"
            ),
            "stock_on_hand_not_negative",
        ),
        ("UPDATE catalog_stocklevel SET held = held - 100", "stock_held_not_negative"),
        ("UPDATE catalog_stocklevel SET held = on_hand + 1", "stock_held_is_on_hand"),
        ("UPDATE catalog_stocklevel SET on_hand = held - 1 WHERE held > 0", "stock_held_is_on_hand"),
        (
            (
                "INSERT INTO catalog_stocklevel (id, variant_id, location_id, on_hand, held)"
                " SELECT gen_random_uuid(), variant_id, location_id, 0, 0 FROM catalog_stocklevel"
            ),
            "stock_one_level_per_location",
        ),
        (
            "UPDATE catalog_stocklevel SET location_id = (SELECT id FROM catalog_location WHERE is_default)",
            "stock_one_level_per_location",
        ),
        ("UPDATE catalog_location SET is_default = true", "location_one_default"),
        ("UPDATE catalog_location SET name = 'Aachen'", "catalog_location_name"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'received', 0, NULL, '', now()", "movement_moves"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'received', -1, NULL, '', now()", "movement_right_way"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'returned', -1, NULL, '', now()", "movement_right_way"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'sold', 1, NULL, '', now()", "movement_right_way"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'damaged', 1, NULL, '', now()", "movement_right_way"),
        (f"{MOVED} SELECT gen_random_uuid(), {LEVEL}, 'stolen', -1, NULL, '', now()", "movement_kind_known"),
        (MOVED_AGAIN, "movement_once_per_reference"),
        ("UPDATE catalog_stockhold SET status = 'lapsed'", "hold_status_known"),
        (
            (
                "INSERT INTO catalog_stockhold (id, order_id, status, created_at)"
                " SELECT gen_random_uuid(), order_id, 'held', now() FROM catalog_stockhold"
            ),
            "catalog_stockhold_order_id",
        ),
        (
            (
                "INSERT INTO catalog_stockholdline (id, hold_id, level_id, quantity)"
                " SELECT gen_random_uuid(), hold_id, level_id, 1 FROM catalog_stockholdline"
            ),
            "hold_line_one_per_level",
        ),
        ("UPDATE catalog_stockholdline SET quantity = 0", "hold_line_positive"),
    ],
)
def test_a_constraint_refuses_what_cannot_be(order_id, sql, constraint):
    before = everything()

    with pytest.raises(IntegrityError) as refusal, atomic(StockLevel):
        execute(sql)

    assert str(getattr(refusal.value.__cause__, "diag").constraint_name).startswith(constraint)  # noqa: B009  (untyped there)
    assert everything() == before


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE catalog_stockmovement SET delta = delta + 1 WHERE kind = 'received'",
        "UPDATE catalog_stockmovement SET kind = 'corrected'",
        "UPDATE catalog_stockmovement SET reference = gen_random_uuid()",
        "UPDATE catalog_stockmovement SET created_at = created_at + interval '1 day'",
        "UPDATE catalog_stockmovement SET actor_id = gen_random_uuid()",
        "UPDATE catalog_stockmovement SET reason = 'something else'",
        "UPDATE catalog_stockmovement SET reason = '', delta = delta + 1 WHERE kind = 'received'",
        "DELETE FROM catalog_stockmovement",
        "DELETE FROM catalog_stockmovement WHERE kind = 'sold'",
        "DELETE FROM catalog_stockmovement WHERE kind = 'returned'",
    ],
)
def test_the_journal_is_append_only(order_id, sql):
    before = everything()

    with pytest.raises(DatabaseError, match="the stock journal is append-only"), atomic(StockMovement):
        execute(sql)

    assert everything() == before


def test_the_words_of_the_journal_may_be_blanked_and_nothing_else_changes(order_id):
    before = movements()

    execute("UPDATE catalog_stockmovement SET reason = ''")

    assert movements() == [(*row[:-1], "") for row in before]


def test_the_journal_of_what_was_never_sold_may_go_with_it():
    make_variant(on_hand=10)

    execute("DELETE FROM catalog_stockmovement")
    execute("DELETE FROM catalog_stocklevel")

    assert everything() == {table: [] for table in TABLES}


def everything() -> dict[str, list[Any]]:
    return {table: fetch(f"SELECT * FROM catalog_stock{table} ORDER BY id") for table in TABLES}  # noqa: S608  (these tables)


def movements() -> list[Any]:
    return fetch(
        "SELECT id, level_id, kind, delta, reference, actor_id, created_at, reason"
        " FROM catalog_stockmovement ORDER BY id"
    )
