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
IN_FORCE = "the price in force is what the regular price, the sale and its period say"
HISTORY = "the last change in a price's history is the price in force"
REDUCTION = "a product's reduction is that of a variant at its price"
LISTED = "a product is listed as it is, while it is published"
COUNT = "a category counts the published products that stand on it"
STARS = "a product's stars are those of its approved reviews"
AVERAGE = "a listing shows its product's average"
ROOT = "every category hangs from a root"

# The database refuses a circle as long as its trigger is there.
CIRCLE = """
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE catalog_category DISABLE TRIGGER category_moved_in_a_tree;
    UPDATE catalog_category category SET parent_id = leaf.id
    FROM catalog_category leaf WHERE leaf.parent_id = category.id
"""


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        ("UPDATE catalog_stocklevel SET on_hand = on_hand + 1", {ON_HAND}),
        ("UPDATE catalog_stocklevel SET held = held + 1", {HELD}),
        ("UPDATE catalog_stockhold SET status = 'released' WHERE status = 'held'", {HELD}),
        ("UPDATE catalog_stockhold SET status = 'released' WHERE status = 'committed'", {SOLD}),
        ("UPDATE catalog_stockmovement SET reference = gen_random_uuid() WHERE kind = 'sold'", {SOLD, OF_A_HOLD}),
        ("UPDATE catalog_productprice SET from_minor = 1 WHERE currency = 'EUR'", {PRICE, REDUCTION}),
        ("DELETE FROM catalog_productprice", {PRICE}),
        ("DELETE FROM catalog_price", {PRICE, REDUCTION}),
        ("UPDATE catalog_price SET sale_minor = 1", {IN_FORCE}),
        ("UPDATE catalog_price SET sale_minor = 1, sale_starts_at = now() + interval '1 day'", {IN_FORCE}),
        ("UPDATE catalog_price SET sale_minor = 1, changes_at = now() - interval '6 minutes'", {IN_FORCE}),
        ("UPDATE catalog_price SET sale_minor = 1, changes_at = now() - interval '4 minutes'", set()),
        ("UPDATE catalog_pricechange SET amount_minor = 1", {HISTORY}),
        ("UPDATE catalog_productprice SET compare_at_minor = 9000, lowest_minor = 8000", {REDUCTION}),
        ("DELETE FROM catalog_listing", {LISTED}),
        ("UPDATE catalog_listing SET in_stock = NOT in_stock", {LISTED}),
        ("UPDATE catalog_product SET rating_sum = 5, rating_count = 1", {STARS, AVERAGE}),
        ("UPDATE catalog_listing SET rating = 3", {AVERAGE}),
        ("UPDATE catalog_category SET product_count = 5 WHERE slug = 'root'", {COUNT}),
        (CIRCLE, {ROOT}),
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
