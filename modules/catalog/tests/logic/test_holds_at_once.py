"""Holding, selling and letting go while everybody else does the same."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import HoldClosed, HoldCommitted, OutOfStock, StockLine
from modules.catalog.logic.holds import commit_hold, hold_stock, release_hold
from modules.catalog.logic.stock import adjust_stock, count_stock, return_stock
from modules.catalog.models import StockHold, StockMovement
from modules.catalog.tests.factories import figures, journal, make_variant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def test_of_64_buyers_for_5_units_exactly_5_get_one():
    variant = make_variant(on_hand=5)

    outcomes = at_once(partial(hold, new_id(), {variant.id: 1}) for _ in range(64))

    assert Counter(outcomes) == {"done": 5, OutOfStock: 59}
    assert figures(variant.id) == (5, 5)


def test_no_buyer_goes_without_while_there_is_enough():
    variant = make_variant(on_hand=96)

    outcomes = at_once(partial(hold, new_id(), {variant.id: 3}) for _ in range(32))

    assert Counter(outcomes) == {"done": 32}
    assert figures(variant.id) == (96, 96)


def test_holds_that_overlap_in_opposite_order_never_wait_in_a_circle():
    variants = [make_variant(on_hand=1000).id for _ in range(4)]
    there, back = dict.fromkeys(variants, 1), dict.fromkeys(reversed(variants), 1)

    outcomes = at_once(partial(hold, new_id(), lines) for _ in range(16) for lines in (there, back))

    assert Counter(outcomes) == {"done": 32}
    assert [figures(variant_id) for variant_id in variants] == [(1000, 32)] * 4


def test_one_order_that_holds_16_times_at_once_holds_once():
    variant, order_id = make_variant(on_hand=20), new_id()

    outcomes = at_once(partial(hold, order_id, {variant.id: 2}) for _ in range(16))

    assert Counter(outcomes) == {"done": 16}
    assert figures(variant.id) == (20, 2)
    assert StockHold.objects.count() == 1


@pytest.mark.parametrize("round_number", range(4))
def test_hold_release_and_commit_at_once_end_in_one_of_the_two_ends(round_number):
    variant, order_id = make_variant(on_hand=10), new_id()
    hold(order_id, {variant.id: 4})

    outcomes = at_once(
        act
        for _ in range(6)
        for act in (
            partial(hold, order_id, {variant.id: 4}),
            partial(release_hold, order_id=order_id),
            partial(commit_hold, order_id=order_id),
        )
    )

    status = StockHold.objects.get().status
    assert figures(variant.id) == {"committed": (6, 0), "released": (10, 0)}[status]
    assert set(outcomes) <= {"done", {"committed": HoldCommitted, "released": HoldClosed}[status]}


def test_a_return_that_comes_16_times_at_once_is_one_return():
    variant, reference = make_variant(on_hand=10), new_id()
    lines = [StockLine(variant_id=variant.id, quantity=2)]

    outcomes = at_once(partial(return_stock, reference=reference, lines=lines) for _ in range(16))

    assert Counter(outcomes) == {"done": 16}
    assert journal(variant.id) == [("received", 10), ("returned", 2)]


def test_staff_and_buyers_change_one_level_at_once_and_the_journal_knows_it_all():
    variant = make_variant(on_hand=100)
    receive = partial(adjust_stock, variant_id=variant.id, delta=1, reason="received", actor_id=None)

    outcomes = at_once(act for _ in range(10) for act in (receive, partial(sell, variant.id)))

    assert Counter(outcomes) == {"done": 20}
    assert figures(variant.id) == (100, 0)
    assert StockMovement.objects.count() == 21


def test_the_first_stock_of_a_variant_may_come_from_many_at_once():
    variant = make_variant(on_hand=0)

    outcomes = at_once(
        partial(adjust_stock, variant_id=variant.id, delta=2, reason="received", actor_id=None) for _ in range(8)
    )

    assert Counter(outcomes) == {"done": 8}
    assert figures(variant.id) == (16, 0)


def test_a_stock_take_that_comes_8_times_at_once_is_one_correction():
    variant = make_variant(on_hand=10)

    at_once(partial(count_stock, variant_id=variant.id, on_hand=7, reason="count", actor_id=None) for _ in range(8))

    assert journal(variant.id) == [("received", 10), ("corrected", -3)]


def at_once(acts: Iterable[Callable[[], Any]]) -> list[Any]:
    """What came of each, started together: "done", or the class of its refusal."""
    acts = list(acts)
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        try:
            act()
        except ServiceError as refusal:
            return type(refusal)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def hold(order_id: UUID, lines: dict[UUID, int]) -> None:
    wanted = [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines.items()]
    hold_stock(order_id=order_id, lines=wanted, until=UNTIL)


def sell(variant_id: UUID) -> None:
    order_id = new_id()
    hold(order_id, {variant_id: 1})
    commit_hold(order_id=order_id)
