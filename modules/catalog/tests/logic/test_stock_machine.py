"""Stock against a model of it in plain Python: whatever is done in whatever order, both say the same.

`STOCK_MACHINE_EXAMPLES=2000 make test ARGS="modules/catalog/tests/logic/test_stock_machine.py -n0"` looks longer.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic.database import fetch
from modules.catalog.logic.holds import commit_hold, hold_stock, release_hold
from modules.catalog.logic.invariants import INVARIANTS
from modules.catalog.logic.locations import open_location
from modules.catalog.logic.stock import adjust_stock, count_stock, return_stock
from modules.catalog.models import Variant
from modules.catalog.tests.factories import VariantDraftFactory, make_product

EXAMPLES = int(os.environ.get("STOCK_MACHINE_EXAMPLES", "8"))
STEPS = 40
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
# In the order that stock is taken from them.
PLACES = ["Main warehouse", "Aachen", "Zurich"]
# Two variants of one product, one of another.
NAMES = ["A1", "A2", "B1"]

places = st.sampled_from(PLACES)
names = st.sampled_from(NAMES)
orders = st.integers(0, 5)
baskets = st.lists(st.tuples(names, st.integers(1, 6)), min_size=1, max_size=4)


class Model:
    """The rules of stock, as a shopkeeper would tell them."""

    def __init__(self) -> None:
        self.on_hand: Counter[tuple[str, str]] = Counter()
        self.held: Counter[tuple[str, str]] = Counter()
        self.status: dict[int, str] = {}
        self.lines: dict[int, Counter[tuple[str, str]]] = {}
        self.returned: set[tuple[int, str]] = set()

    def left(self, name: str) -> int:
        return sum(self.on_hand[name, place] - self.held[name, place] for place in PLACES)

    def adjust(self, name: str, place: str, delta: int) -> str | None:
        return self.count(name, place, self.on_hand[name, place] + delta)

    def count(self, name: str, place: str, found: int) -> str | None:
        held = self.held[name, place]
        if found < 0 and not held:
            return "not_enough_stock"
        if found < held:
            return "stock_held"
        self.on_hand[name, place] = found
        return None

    def hold(self, order: int, basket: list[tuple[str, int]]) -> str | None:
        if order in self.status:
            return "hold_closed" if self.status[order] == "released" else None
        wanted: Counter[str] = Counter()
        for name, quantity in basket:
            wanted[name] += quantity
        if any(self.left(name) < quantity for name, quantity in wanted.items()):
            return "out_of_stock"
        self.status[order], self.lines[order] = "held", Counter()
        for name, quantity in wanted.items():
            for place in PLACES:
                taken = min(quantity, self.on_hand[name, place] - self.held[name, place])
                self.lines[order][name, place] += taken
                quantity -= taken
        self.held += self.lines[order]
        return None

    def commit(self, order: int) -> str | None:
        if self.status.get(order) in (None, "released"):
            return "hold_closed" if order in self.status else "unknown_hold"
        if self.status[order] == "held":
            self.status[order] = "committed"
            self.on_hand -= self.lines[order]
            self.held -= self.lines[order]
        return None

    def release(self, order: int) -> str | None:
        if self.status.get(order) == "committed":
            return "hold_committed"
        if self.status.get(order) == "held":
            self.held -= self.lines[order]
        self.status[order] = "released"
        return None

    def give_back(self, order: int, basket: list[tuple[str, int]]) -> str | None:
        # Once for each variant of a return.
        for name in {name for name, _ in basket if (order, name) not in self.returned}:
            self.on_hand[name, PLACES[0]] += sum(quantity for other, quantity in basket if other == name)
            self.returned.add((order, name))
        return None


class StockMachine(RuleBasedStateMachine):
    """Each step is done to both, and both must answer alike."""

    @initialize()
    def open_shop(self) -> None:
        self.model = Model()
        self.alias = alias_of("catalog")
        self.undone = transaction.atomic(using=self.alias)  # each example ends as if it had not been
        self.undone.__enter__()
        products = [make_product(on_hand=0, variants=drafts(names)) for names in (NAMES[:2], NAMES[2:])]
        self.products = {name: products[name[0] == "B"].id for name in NAMES}
        self.ids: dict[str, UUID] = dict(Variant.objects.values_list("sku", "id"))
        self.order_ids = [new_id() for _ in range(6)]
        self.return_ids = [new_id() for _ in range(6)]
        for place in PLACES[1:]:
            open_location(name=place)

    def teardown(self) -> None:
        if hasattr(self, "undone"):
            broken = [invariant.name for invariant in INVARIANTS if fetch(invariant.sql)]
            transaction.set_rollback(True, using=self.alias)
            self.undone.__exit__(None, None, None)
            assert broken == []

    @rule(name=names, place=places, delta=st.integers(-5, 9).filter(bool))
    def adjust(self, name: str, place: str, delta: int) -> None:
        self.both(self.model.adjust(name, place, delta), adjust_stock, **self.at(name, place), delta=delta)

    @rule(name=names, place=places, found=st.integers(0, 8))
    def count(self, name: str, place: str, found: int) -> None:
        self.both(self.model.count(name, place, found), count_stock, **self.at(name, place), on_hand=found)

    @rule(order=orders, basket=baskets)
    def hold(self, order: int, basket: list[tuple[str, int]]) -> None:
        expected = self.model.hold(order, basket)
        self.both(expected, hold_stock, order_id=self.order_ids[order], lines=self.lines(basket), until=UNTIL)

    @rule(order=orders)
    def commit(self, order: int) -> None:
        self.both(self.model.commit(order), commit_hold, order_id=self.order_ids[order])

    @rule(order=orders)
    def release(self, order: int) -> None:
        self.both(self.model.release(order), release_hold, order_id=self.order_ids[order])

    @rule(order=orders, basket=baskets)
    def give_back(self, order: int, basket: list[tuple[str, int]]) -> None:
        expected = self.model.give_back(order, basket)
        self.both(expected, return_stock, reference=self.return_ids[order], lines=self.lines(basket))

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "ids"):
            return
        levels = fetch(LEVELS)
        assert {(sku, place): on_hand for sku, place, on_hand, _, _ in levels if on_hand} == dict(+self.model.on_hand)
        assert {(sku, place): held for sku, place, _, held, _ in levels if held} == dict(+self.model.held)
        assert all(on_hand == moved for _, _, on_hand, _, moved in levels)
        offered = {self.products[name] for name in NAMES if self.model.left(name) > 0}
        assert {product_id for (product_id,) in fetch(OFFERED)} == offered

    def both(self, expected: str | None, act: Callable[..., Any], **values: Any) -> None:
        """Do it; a refusal is the model's, and changes nothing at all."""
        before = everything() if expected else None
        try:
            act(**values)
            answer = None
        except ServiceError as refusal:
            answer = refusal.code
        assert answer == expected
        assert before is None or everything() == before

    def at(self, name: str, place: str) -> dict[str, Any]:
        return {"variant_id": self.ids[name], "location": place, "reason": "received", "actor_id": None}

    def lines(self, basket: list[tuple[str, int]]) -> list[StockLine]:
        return [StockLine(variant_id=self.ids[name], quantity=quantity) for name, quantity in basket]


@pytest.mark.django_db
def test_stock_is_what_its_model_says_whatever_is_done_to_it():
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    # A run that fails is told step by step as it is: on a database, making it shorter takes many minutes.
    wanted = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=checks,
    )
    run_state_machine_as_test(StockMachine, settings=wanted)


def drafts(names: list[str]) -> list[Any]:
    return [VariantDraftFactory.build(sku=name) for name in names]


def everything() -> list[Any]:
    tables = ("stocklevel", "stockmovement", "stockhold", "stockholdline", "listing")
    return [fetch(f"SELECT * FROM catalog_{table} ORDER BY 1") for table in tables]  # noqa: S608  (these tables)


LEVELS = """
    SELECT variant.sku, location.name, level.on_hand, level.held,
           (SELECT coalesce(sum(delta), 0) FROM catalog_stockmovement WHERE level_id = level.id)
    FROM catalog_stocklevel level
    JOIN catalog_variant variant ON variant.id = level.variant_id
    JOIN catalog_location location ON location.id = level.location_id
"""
OFFERED = "SELECT product_id FROM catalog_listing WHERE in_stock"
