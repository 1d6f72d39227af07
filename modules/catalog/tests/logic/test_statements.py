"""How much is asked of the database, whatever the number of lines."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import OutOfStock, StockLine
from modules.catalog.logic.allocations import find_allocations
from modules.catalog.logic.holds import commit_hold, hold_stock, list_holds, release_hold
from modules.catalog.logic.stock import return_stock
from modules.catalog.logic.variants import find_variants
from modules.catalog.tests.factories import make_variant, put

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
NO_STATEMENTS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


def test_a_hold_of_eight_lines_takes_four_statements_and_its_sale_five():
    lines, order_id = eight_lines(), new_id()

    assert statements(lambda: hold_stock(order_id=order_id, lines=lines, until=UNTIL)) == 4
    assert statements(lambda: hold_stock(order_id=order_id, lines=lines, until=UNTIL)) == 2
    assert statements(lambda: commit_hold(order_id=order_id)) == 5
    assert statements(lambda: commit_hold(order_id=order_id)) == 1
    assert statements(lambda: return_stock(reference=order_id, lines=lines)) == 5


def test_the_sale_of_what_lies_in_one_place_locks_nothing_beside_it():
    variant, order_id = make_variant(on_hand=10), new_id()
    hold_stock(order_id=order_id, lines=[StockLine(variant_id=variant.id, quantity=2)], until=UNTIL)

    assert statements(lambda: commit_hold(order_id=order_id)) == 4


def test_letting_a_hold_go_takes_five_statements():
    order_id = new_id()
    hold_stock(order_id=order_id, lines=eight_lines(), until=UNTIL)

    assert statements(lambda: release_hold(order_id=order_id)) == 5
    assert statements(lambda: release_hold(order_id=new_id())) == 1


def test_from_where_many_holds_were_taken_is_one_statement():
    order_ids = [new_id() for _ in range(3)]
    for order_id in order_ids:
        hold_stock(order_id=order_id, lines=eight_lines(), until=UNTIL)

    assert statements(lambda: find_allocations(order_ids=order_ids)) == 1
    assert statements(lambda: find_allocations(order_ids=[])) == 0


def test_a_refused_hold_takes_two_statements():
    variant = make_variant(on_hand=1)
    lines = [StockLine(variant_id=variant.id, quantity=2)]

    def refused() -> None:
        with pytest.raises(OutOfStock):
            hold_stock(order_id=new_id(), lines=lines, until=UNTIL)

    assert statements(refused) == 2


def test_a_hold_that_empties_one_of_two_locations_changes_no_display_and_costs_no_more():
    variant = make_variant(on_hand=10)
    put(variant.id, "Aachen", 20)
    lines = [StockLine(variant_id=variant.id, quantity=12)]

    assert statements(lambda: hold_stock(order_id=new_id(), lines=lines, until=UNTIL)) == 4


@pytest.mark.parametrize("quantity", [3, 8])
def test_a_hold_that_leaves_only_a_few_or_none_costs_two_more(quantity):
    # 3 of 4 here and 4 there: neither location passes a mark, both together do.
    variant = make_variant(on_hand=4)
    put(variant.id, "Aachen", 4)
    lines = [StockLine(variant_id=variant.id, quantity=quantity)]

    assert statements(lambda: hold_stock(order_id=new_id(), lines=lines, until=UNTIL)) == 6


def test_any_number_of_variants_is_found_by_one_statement():
    ids = [line.variant_id for line in eight_lines()]

    assert statements(lambda: find_variants(currency="EUR", ids=ids, skus=["A", "B"])) == 1


def test_a_page_of_holds_is_listed_by_one_statement():
    for line in eight_lines():
        hold_stock(order_id=new_id(), lines=[line], until=UNTIL)

    assert statements(lambda: list_holds(after=None, limit=100)) == 1


def eight_lines() -> list[StockLine]:
    return [StockLine(variant_id=make_variant().id, quantity=2) for _ in range(8)]


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        act()
    return sum(not query["sql"].startswith(NO_STATEMENTS) for query in captured)
