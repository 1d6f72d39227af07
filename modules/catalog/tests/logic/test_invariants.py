"""What is broken is found: each planted break by the invariant that is about it, and by no other."""

from datetime import UTC, datetime

import pytest

from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.holds import commit_hold, hold_stock
from modules.catalog.logic.invariants import INVARIANTS
from modules.catalog.tests.factories import CategoryFactory, make_variant

pytestmark = pytest.mark.django_db

ON_HAND = "what is on hand is the sum of the journal"
HELD = "what is held is the sum of the open holds"
SOLD = "a hold is sold in the journal when it is committed, and only then"
OF_A_HOLD = "each sale in the journal belongs to a hold"
PRICE = "a product's price is the lowest of its variants'"
LISTED = "a product is listed as it is, while it is published"
COUNT = "a category counts the published products that stand on it"
ROOT = "every category hangs from a root"


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        ("UPDATE catalog_stocklevel SET on_hand = on_hand + 1", {ON_HAND}),
        ("UPDATE catalog_stocklevel SET held = held + 1", {HELD}),
        ("UPDATE catalog_stockhold SET status = 'released' WHERE status = 'held'", {HELD}),
        ("UPDATE catalog_stockhold SET status = 'released' WHERE status = 'committed'", {SOLD}),
        ("UPDATE catalog_stockmovement SET reference = gen_random_uuid() WHERE kind = 'sold'", {SOLD, OF_A_HOLD}),
        ("UPDATE catalog_productprice SET from_minor = 1 WHERE currency = 'EUR'", {PRICE}),
        ("DELETE FROM catalog_productprice", {PRICE}),
        ("DELETE FROM catalog_price", {PRICE}),
        ("DELETE FROM catalog_listing", {LISTED}),
        ("UPDATE catalog_listing SET in_stock = NOT in_stock", {LISTED}),
        ("UPDATE catalog_category SET product_count = 5 WHERE slug = 'root'", {COUNT}),
        (
            "UPDATE catalog_category c SET parent_id = leaf.id FROM catalog_category leaf WHERE leaf.parent_id = c.id",
            {ROOT},
        ),
    ],
)
def test_what_is_broken_is_found(plant, found):
    leaf = CategoryFactory.create(slug="leaf", parent=CategoryFactory.create(slug="root"))
    lines = [StockLine(variant_id=make_variant(category_id=leaf.id).id, quantity=2)]
    sold, held = new_id(), new_id()
    for order_id in (sold, held):
        hold_stock(order_id=order_id, lines=lines, until=datetime(2026, 12, 1, tzinfo=UTC))
    commit_hold(order_id=sold)
    assert broken() == set()

    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE catalog_stockmovement DISABLE TRIGGER USER")
    execute(plant)

    assert broken() == found


def broken() -> set[str]:
    return {invariant.name for invariant in INVARIANTS if fetch(invariant.sql)}
