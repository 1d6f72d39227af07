"""Facets and counts, held against plain counting in Python."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements
from modules.catalog.logic import counts, facets
from modules.catalog.models import Attribute, Category, Listing, ProductPrice
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product, price

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/catalog/products/"


def test_facets_say_what_there_is_by_name():
    shelf = CategoryFactory.create(slug="lamps", name="Lamps")
    Attribute.objects.create(
        code="tone",
        name="Tone",
        kind="colour",
        position=2,
        choices=[{"value": "red", "name": "Bright red"}, {"value": "blue"}],
    )
    Attribute.objects.create(code="weight", name="Weight", kind="number", unit="kg", position=1)
    Attribute.objects.create(code="secret", name="Secret", kind="text", is_filterable=False)
    for tone, amount in (("red", "5.00"), ("red", "7.00"), ("blue", "9.00")):
        make_product(
            category_id=shelf.id,
            options=["Shade Size"],
            attributes={"tone": tone, "weight": 2, "secret": "x"},
            variants=[VariantDraftFactory.build(prices=[price(amount, "EUR")], options={"Shade Size": "M"})],
        )

    assert get(PRODUCTS, facets="true")["facets"] == {
        "categories": [{"id": str(shelf.id), "slug": "lamps", "name": "Lamps", "count": 3}],
        "attributes": [
            {"code": "weight", "name": "Weight", "kind": "number", "unit": "kg", "values": [value("2", 3)]},
            {
                "code": "tone",
                "name": "Tone",
                "kind": "colour",
                "unit": "",
                "values": [value("red", 2, "Bright red"), value("blue", 1)],
            },
            {"code": "shade-size", "name": "Shade Size", "kind": "choice", "unit": "", "values": [value("M", 3)]},
        ],
        "price": {
            "min": {"amount": "5.00", "currency": "EUR"},
            "max": {"amount": "9.00", "currency": "EUR"},
        },
        "exact": True,
    }


def test_facets_of_nothing_are_empty():
    assert get(PRODUCTS, facets="true")["facets"] == {"categories": [], "attributes": [], "price": None, "exact": True}


def test_what_was_not_asked_for_is_not_there():
    make_product()

    assert get(PRODUCTS).keys() == {"results", "next", "previous"}
    assert get(PRODUCTS, facets="false", count="false").keys() == {"results", "next", "previous"}


def test_the_categories_are_those_beside_and_below():
    root, other = CategoryFactory.create(slug="root"), CategoryFactory.create(slug="other")
    child, sibling = (CategoryFactory.create(slug=slug, parent=root) for slug in ("child", "sibling"))
    leaf = CategoryFactory.create(slug="leaf", parent=child)
    for shelf in (root, other, child, sibling, leaf, leaf):
        make_product(category_id=shelf.id)

    assert shelves() == {"root": 5, "other": 1}
    assert shelves(category="root") == {"root": 5, "other": 1, "child": 3, "sibling": 1}
    assert shelves(category="child") == {"child": 3, "sibling": 1, "leaf": 2}
    assert shelves(category="leaf") == {"leaf": 2}


@pytest.mark.parametrize("narrowed", [{"in_stock": "true"}, {"price_max": "100"}, {"q": "lamp"}, {"attr.tone": "red"}])
def test_what_stands_below_two_of_the_categories_is_counted_once_for_each(narrowed):
    root = CategoryFactory.create(slug="root")
    leaf = CategoryFactory.create(slug="leaf", parent=CategoryFactory.create(slug="child", parent=root))
    make_product(title="Lamp", category_id=leaf.id, attributes={"tone": "red"}, on_hand=1)

    assert shelves(category="root", **narrowed) == {"root": 1, "child": 1}
    assert shelves(category="child", **narrowed) == {"child": 1, "leaf": 1}


@pytest.mark.parametrize("q", ["", "lamp"])
def test_facets_cost_three_statements_more_and_a_count_one(q):
    make_product(title="Lamp", attributes={"tone": "red"})
    query = {"q": q, "category": Category.objects.get().slug, "attr.tone": "red", "price_max": "100"}
    plain = cost(**query)

    assert plain <= 3
    assert cost(**query, facets="true") == plain + 3
    assert cost(**query, count="true") == plain + 1
    assert cost() == 1
    assert cost(facets="true") == 4


def test_facets_cursors_and_counts_do_not_mind_each_other():
    for _ in range(3):
        make_product()
    following = get(PRODUCTS, limit=1)["next"]

    page = get(following + "&facets=true&count=true")

    assert (page["count"], len(page["results"]), page["facets"]["exact"]) == ("3", 1, True)


def test_counts_are_bounded(monkeypatch):
    monkeypatch.setattr(counts, "MOST", 2)
    monkeypatch.setattr(facets, "MOST_HITS", 2)
    for _ in range(3):
        make_product(attributes={"tone": "red"})

    page = get(PRODUCTS, count="true", facets="true")

    assert (page["count"], page["facets"]["exact"]) == ("2+", False)
    [tone] = [attribute for attribute in page["facets"]["attributes"] if attribute["code"] == "tone"]
    assert tone["values"] == [value("red", 2)]


def test_what_has_no_price_in_the_currency_is_looked_through_too(monkeypatch):
    monkeypatch.setattr(facets, "MOST_HITS", 2)
    make_product()
    make_product(variants=[VariantDraftFactory.build(prices=[price("100", "JPY")])])
    assert get(PRODUCTS, facets="true")["facets"]["exact"]

    make_product(variants=[VariantDraftFactory.build(prices=[price("100", "JPY")])])
    assert not get(PRODUCTS, facets="true")["facets"]["exact"]


@pytest.mark.parametrize("query", [{"count": "yes"}, {"facets": "1"}])
def test_what_makes_no_sense_is_refused(query):
    assert APIClient().get(PRODUCTS, query).status_code == 400


TONES, SIZES = ("red", "blue", "teal"), ("s", "m")
GOODS = st.tuples(
    st.integers(0, 4),
    st.sampled_from([None, *TONES]),
    st.sets(st.sampled_from(SIZES)),
    st.integers(1, 5),
    st.booleans(),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "category": st.integers(0, 4),
        "tone": st.sets(st.sampled_from(TONES), min_size=1),
        "size": st.sets(st.sampled_from(SIZES), min_size=1),
        "price_min": st.integers(1, 5),
        "price_max": st.integers(1, 5),
        "in_stock": st.booleans(),
        "q": st.just("lamp"),
    },
)


@given(goods=st.lists(GOODS, max_size=8), wishes=st.lists(FILTERS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facets_and_counts_are_what_plain_counting_says(goods, wishes):
    """The tree: 0 above 1 and 2, 1 above 3; 4 stands alone."""
    empty_the_shop()
    tree = grow_tree()
    for shelf, tone, sizes, amount, there in goods:
        stand(tree, shelf, tone, sizes, amount, there=there)
    for wish in wishes:
        asked = get(PRODUCTS, facets="true", count="true", **query_of(wish, tree))
        assert brief(asked["facets"]) == brute_force(goods, wish)
        assert asked["count"] == str(len(left(goods, wish)))
        assert len(asked["results"]) == len(left(goods, wish))


BELOW = {0: {0, 1, 2, 3}, 1: {1, 3}, 2: {2}, 3: {3}, 4: {4}}
PARENT = {0: None, 1: 0, 2: 0, 3: 1, 4: None}


def brute_force(goods: list[Any], wish: dict[str, Any]) -> dict[str, Any]:
    at = wish.get("category")
    offered = [
        shelf for shelf in PARENT if PARENT[shelf] == (PARENT[at] if at is not None else None) or PARENT[shelf] == at
    ]
    beside = left(goods, wish, "category")
    prices = [good[3] for good in left(goods, wish, "price")]
    shelves = {shelf: sum(good[0] in BELOW[shelf] for good in beside) for shelf in offered}
    return {
        "categories": {f"c{shelf}": count for shelf, count in shelves.items() if count},
        "tone": dict(Counter(good[1] for good in left(goods, wish, "tone") if good[1])),
        "size": dict(Counter(size for good in left(goods, wish, "size") for size in good[2])),
        "price": (f"{min(prices)}.00", f"{max(prices)}.00") if prices else None,
    }


def left(goods: list[Any], wish: dict[str, Any], without: str = "") -> list[Any]:
    tests = {
        "category": lambda good: good[0] in BELOW[wish["category"]],
        "tone": lambda good: good[1] in wish["tone"],
        "size": lambda good: bool(good[2] & wish["size"]),
        "price_min": lambda good: good[3] >= wish["price_min"],
        "price_max": lambda good: good[3] <= wish["price_max"],
        "in_stock": lambda good: good[4] == wish["in_stock"],
        "q": lambda good: True,
    }
    wanted = [tests[name] for name in wish if not (without and name.startswith(without))]
    return [good for good in goods if all(test(good) for test in wanted)]


def brief(found: dict[str, Any]) -> dict[str, Any]:
    by_code = {one["code"]: {v["value"]: v["count"] for v in one["values"]} for one in found["attributes"]}
    span = found["price"] and (found["price"]["min"]["amount"], found["price"]["max"]["amount"])
    categories = {one["slug"]: one["count"] for one in found["categories"]}
    assert found["exact"]
    return {"categories": categories, "tone": by_code.get("tone", {}), "size": by_code.get("size", {}), "price": span}


def query_of(wish: dict[str, Any], tree: list[Category]) -> dict[str, Any]:
    query: dict[str, Any] = {name: str(wish[name]) for name in ("price_min", "price_max", "q") if name in wish}
    query |= {f"attr.{code}": ",".join(sorted(wish[code])) for code in ("tone", "size") if code in wish}
    query |= {"category": tree[wish["category"]].slug} if "category" in wish else {}
    return query | ({"in_stock": str(wish["in_stock"]).lower()} if "in_stock" in wish else {})


def grow_tree() -> list[Category]:
    tree: list[Category] = []
    for shelf, parent in PARENT.items():
        above = tree[parent] if parent is not None else None
        tree.append(
            Category.objects.get_or_create(slug=f"c{shelf}", defaults={"name": f"C{shelf}", "parent": above})[0]
        )
    for code in ("tone", "size"):
        Attribute.objects.get_or_create(code=code, defaults={"name": code, "kind": "text"})
    return tree


def empty_the_shop() -> None:
    """What is listed no more is in no list; the rows below may stay."""
    ProductPrice.objects.all().delete()
    Listing.objects.all().delete()


def stand(tree: list[Category], shelf: int, tone: str | None, sizes: set[str], amount: int, *, there: bool) -> None:
    make_product(
        title="Lamp",
        category_id=tree[shelf].id,
        attributes=({"size": sorted(sizes)} if sizes else {}) | ({"tone": tone} if tone else {}),
        variants=[VariantDraftFactory.build(prices=[price(f"{amount}.00", "EUR")], options={})],
        options=[],
        on_hand=int(there),
    )


def value(text: str, count: int, name: str | None = None) -> dict[str, Any]:
    return {"value": text, "name": name or text, "count": count}


def get(path: str, **query: Any) -> Any:
    answer = APIClient().get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def shelves(**query: Any) -> dict[str, int]:
    return {one["slug"]: one["count"] for one in get(PRODUCTS, facets="true", **query)["facets"]["categories"]}


def cost(**query: Any) -> int:
    with statements() as sql:
        get(PRODUCTS, **query)
    return len(sql)
