"""The demonstration shop's past: any number of orders over two years, as taken over from the shop before this one.

They are marked as imported. What was paid for them was paid there: payments has no payment of theirs, the ledger no
posting, catalog no hold and no goods by their numbers; the checks between the modules leave them out. They go in by
COPY, some thousand in a transaction, so that a run that is stopped goes on where it was.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ecommerce.kernel.db import atomic
from ecommerce.kernel.registry import Extra, Progress
from ecommerce.kernel.sql import copy, execute, fetch
from modules.orders.logic.demo_orders import add_order
from modules.orders.logic.demo_rows import TABLES, Rows
from modules.orders.models import Order

BATCH = 2000
ORDERS = "orders"


def seed_past_orders(number: int, seed: int, progress: Progress) -> dict[str, int]:
    """Make so many orders, the same for the same number and seed; those that are there are left alone."""
    made: Counter[str] = Counter()
    for done, rows in _invented(number, seed):
        with atomic(Order):
            for table, columns in TABLES.items():
                copy(ORDERS, table, columns, rows[table])
        made.update({table.removeprefix("orders_"): len(rows[table]) for table in TABLES})
        progress("past orders", done, number)
    if made["order"]:
        execute(ORDERS, f"ANALYZE {', '.join(TABLES)}")
    return {what: rows for what, rows in made.items() if rows}


EXTRA = Extra(
    module=ORDERS,
    option="orders",
    run=seed_past_orders,
    help="so many past orders over two years, imported: payments, ledger and catalog know nothing of them",
)


def _invented(number: int, seed: int) -> Iterator[tuple[int, Rows]]:
    """Batches of rows with how many orders are done with each; the next is made while the database writes this one."""
    ahead: Future[Rows] | None = None
    with ThreadPoolExecutor(1) as maker:
        for start in range(0, number, BATCH):
            missing = _missing(range(start, min(start + BATCH, number)))
            coming = maker.submit(_rows, missing, number, seed)
            if ahead:
                yield start, ahead.result()
            ahead = coming
        if ahead:
            yield number, ahead.result()


def _missing(numbers: range) -> list[int]:
    found = fetch(ORDERS, "SELECT number FROM orders_order WHERE number = ANY(%s)", [[f"P{n + 1}" for n in numbers]])
    there = {name for (name,) in found}
    return [number for number in numbers if f"P{number + 1}" not in there]


def _rows(numbers: list[int], of: int, seed: int) -> Rows:
    rows: Rows = {table: [] for table in TABLES}
    for number in numbers:
        add_order(rows, seed, number, of)
    return rows
