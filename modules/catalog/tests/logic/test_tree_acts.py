"""Any sequence of acts on categories leaves one tree, siblings in order, and right counts."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import ServiceError
from modules.catalog.logic.categories import CategoryNode, find_id, get_tree
from modules.catalog.logic.database import fetch
from modules.catalog.logic.invariants import INVARIANTS
from modules.catalog.logic.shelves import change_category, delete_category, make_category
from modules.catalog.models import Category
from modules.catalog.tests.factories import make_product


@dataclass
class Model:
    """What the tree ought to be; an act is done where it allows it, and refused where not."""

    parents: dict[str, str | None] = field(default_factory=dict)
    published: Counter[str] = field(default_factory=Counter)

    def make(self, slug: str, parent: str | None) -> None:
        allowed = slug not in self.parents and self._takes(slug, parent)
        assert done(partial(make_category, name=slug, slug=slug, parent_id=id_of(parent))) == allowed
        if allowed:
            self.parents[slug] = parent

    def make_below_the_deepest(self, slug: str, _: str | None) -> None:
        self.make(slug, max(self.parents, key=lambda one: (len(self._above(one)), one), default=None))

    def move(self, slug: str, parent: str | None) -> None:
        allowed = slug in self.parents and self._may_stand(slug, parent)
        assert done(partial(change_category, slug_now=slug, parent_id=id_of(parent))) == allowed
        if allowed:
            self.parents[slug] = parent

    def put_before(self, slug: str, sibling: str | None) -> None:
        self._put_beside(slug, sibling, "before", -1)

    def put_after(self, slug: str, sibling: str | None) -> None:
        self._put_beside(slug, sibling, "after", 1)

    def delete(self, slug: str, _: str | None) -> None:
        is_empty = slug not in self.parents.values() and not self.published[slug]
        allowed = slug in self.parents and is_empty
        assert done(partial(delete_category, slug=slug)) == allowed
        if allowed:
            del self.parents[slug]

    def publish(self, slug: str, _: str | None) -> None:
        if category_id := id_of(slug):
            make_product(category_id=category_id, on_hand=0)
            self.published[slug] += 1

    def check(self) -> None:
        """The tree is what it ought to be, and nothing is broken."""
        shown = {slug: (parent, count) for slug, parent, count in walk(get_tree(), None)}
        assert shown == {
            slug: (parent, sum(n for one, n in self.published.items() if slug in self._above(one)))
            for slug, parent in self.parents.items()
        }
        assert {invariant.name: rows for invariant in INVARIANTS if (rows := fetch(invariant.sql))} == {}

    def _put_beside(self, slug: str, sibling: str | None, where: str, step: int) -> None:
        if sibling is None:
            return
        parent = self.parents[sibling]
        allowed = slug in self.parents and slug != sibling and self._may_stand(slug, parent)
        before = [one for one in siblings_of(sibling) if one != slug]
        beside: dict[str, Any] = {where: id_of(sibling)}
        assert done(partial(change_category, slug_now=slug, **beside)) == allowed
        if allowed:
            self.parents[slug] = parent
            after = siblings_of(slug)
            assert after.index(slug) - after.index(sibling) == step
            assert [one for one in after if one != slug] == before

    def _may_stand(self, slug: str, parent: str | None) -> bool:
        return parent == self.parents[slug] or self._takes(slug, parent)

    def _takes(self, slug: str, parent: str | None) -> bool:
        above = self._above(parent)
        return slug not in above and len(above) + self._height(slug) <= 10

    def _above(self, slug: str | None) -> list[str]:
        return [] if slug is None else [slug, *self._above(self.parents[slug])]

    def _height(self, slug: str) -> int:
        return 1 + max((self._height(one) for one, parent in self.parents.items() if parent == slug), default=0)


NAMES = [f"k{number}" for number in range(14)]
ACTS = [
    Model.make,
    Model.make_below_the_deepest,
    Model.move,
    Model.put_before,
    Model.put_after,
    Model.delete,
    Model.publish,
]


@pytest.mark.django_db
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES), st.sampled_from([*NAMES, None])), max_size=40
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_acts_leaves_one_tree_in_order_with_right_counts(
    db: None, acts: list[tuple[Callable[[Model, str, str | None], None], str, str | None]]
) -> None:
    model = Model()
    with suppress(Undo), atomic(Category):
        for act, slug, other in acts:
            act(model, slug, other if other in model.parents else None)
            model.check()
        undo()


class Undo(Exception):
    """Takes an example's rows away again."""


def undo() -> None:
    raise Undo


def done(act: Callable[[], object]) -> bool:
    try:
        act()
    except ServiceError:
        return False
    return True


def id_of(slug: str | None) -> UUID | None:
    return None if slug is None else find_id(slug)


def walk(nodes: list[CategoryNode], parent: str | None) -> list[tuple[str, str | None, int]]:
    return [one for node in nodes for one in [(node.slug, parent, node.product_count), *walk(node.children, node.slug)]]


def siblings_of(slug: str) -> list[str]:
    """The slugs among which this one stands, in their order."""
    parent_id = Category.objects.get(slug=slug).parent_id
    below = Category.objects.filter(parent_id=parent_id).order_by("position", "name", "id")
    return list(below.values_list("slug", flat=True))
