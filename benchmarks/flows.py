"""What buyers do, the same numbers as in every comparison: F1 list, F2 detail, F3 search, F4 cart, F5 purchase. Each
flow first proves that its answers are right, then runs as often as it can.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.client import Client, Wrong

STAFF = {"email": "staff@example.com", "password": "staff-demo-password"}
PER_LIST = 24
WORD = "shirt"
# Buyers spread over so many products, and each has enough for all of them.
BOUGHT = 100
ON_HAND = 1_000_000
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}


@dataclass(frozen=True)
class Goods:
    """What the flows ask for: categories with those below them, products, variants that are never sold out."""

    categories: dict[str, set[str]]
    products: list[str]
    variants: list[str]

    def category(self, turn: int) -> str:
        """A category for this turn."""
        slugs = list(self.categories)
        return slugs[turn % len(slugs)]

    def product(self, turn: int) -> str:
        """A product for this turn."""
        return self.products[turn % len(self.products)]

    def variant(self, turn: int) -> str:
        """A variant for this turn."""
        return self.variants[turn % len(self.variants)]


@dataclass(frozen=True)
class Flow:
    """One thing buyers do. `turn` is another number each time; `confirms`: its orders are confirmed afterwards."""

    name: str
    title: str
    run: Callable[[Client, Goods, int], Any]
    check: Callable[[Client, Goods], None]
    confirms: bool = False


def find_goods(client: Client) -> Goods:
    """Look around in the seeded shop, and have staff stock up what will be bought."""
    tree = json.loads(client.get("/catalog/categories/"))["results"]
    categories = {
        node["slug"]: {each["slug"] for each in _nodes([node])}
        for node in _nodes(tree)
        if node["product_count"] >= PER_LIST
    }
    _expect(bool(categories), f"a category of {PER_LIST} products: seed more of them")
    pages = [json.loads(client.get(_list_path(slug)))["results"] for slug in categories]
    products = list(dict.fromkeys(card["slug"] for page in pages for card in page))
    variants = [json.loads(client.get(_detail_path(slug)))["variants"][0]["id"] for slug in products[:BOUGHT]]
    access = client.post("/users/token/", STAFF)["access"]
    for variant in variants:
        count = {"on_hand": ON_HAND, "reason": "corrected"}
        client.post(f"/catalog/variants/{variant}/stock/", count, Authorization=f"Bearer {access}")
    return Goods(categories, products, variants)


def list_products(client: Client, goods: Goods, turn: int) -> None:
    """The first page of a category."""
    answer = client.get(_list_path(goods.category(turn)))
    _expect(answer.startswith(b'{"results":[{'), "a list with products")


def check_list(client: Client, goods: Goods) -> None:
    """24 cards, each of the category or one below it, with price and picture."""
    for slug, below in goods.categories.items():
        cards = json.loads(client.get(_list_path(slug)))["results"]
        _expect(len({card["id"] for card in cards}) == PER_LIST, f"{PER_LIST} products of {slug}")
        for card in cards:
            _expect(card["category"]["slug"] in below, f"{card['slug']} in {slug}")
            _expect(bool(card["title"] and card["image"]), f"title and picture of {card['slug']}")
            _expect(float(card["price_from"]["amount"]) > 0, f"the price of {card['slug']}")


def show_product(client: Client, goods: Goods, turn: int) -> None:
    """A product's page."""
    slug = goods.product(turn)
    _expect(slug.encode() in client.get(_detail_path(slug)), "the product asked for")


def check_product(client: Client, goods: Goods) -> None:
    """The product asked for, its variants with prices and stock."""
    for slug in goods.products[:BOUGHT]:
        product = json.loads(client.get(_detail_path(slug)))
        _expect(product["slug"] == slug and bool(product["description"]), f"the page of {slug}")
        _expect(bool(product["variants"] and product["breadcrumb"]), f"variants and breadcrumb of {slug}")
        for variant in product["variants"]:
            _expect(float(variant["price"]["amount"]) > 0 and "in_stock" in variant, f"price and stock of {slug}")


def search(client: Client, _goods: Goods, _turn: int) -> None:
    """The first page of a word that many products have."""
    _expect(client.get(_search_path()).startswith(b'{"results":[{'), "results")


def search_with_facets(client: Client, _goods: Goods, _turn: int) -> None:
    """The same, with what it can be narrowed down by."""
    _expect(b'"facets":{"categories":[{' in client.get(_search_path(facets=True)), "facets")


def check_search(client: Client, _goods: Goods) -> None:
    """Each of the word in its title, since there are enough of those, and each with price and picture."""
    cards = json.loads(client.get(_search_path()))["results"]
    _expect(len({card["id"] for card in cards}) == len(cards) > 0, "products, each once")
    for card in cards:
        _expect(WORD in card["title"].lower() and bool(card["image"]), f"{WORD} in {card['title']}")
        _expect(float(card["price_from"]["amount"]) > 0, f"the price of {card['slug']}")


def check_facets(client: Client, _goods: Goods) -> None:
    """The same cards, and counts of at least as many."""
    plain, answer = (json.loads(client.get(_search_path(facets=facets))) for facets in (False, True))
    _expect(answer["results"] == plain["results"], "the same products")
    counted = sum(category["count"] for category in answer["facets"]["categories"])
    _expect(counted >= len(plain["results"]), "as many counted as shown")


def fill_cart(client: Client, goods: Goods, turn: int) -> Any:
    """A new cart, something in it, another quantity, and the cart again."""
    cart_id, variant = new_cart(client, goods.variant(turn))
    client.patch(f"/carts/{cart_id}/items/{variant}/", {"quantity": 3})
    cart = json.loads(client.get(f"/carts/{cart_id}/"))
    _expect([item["quantity"] for item in cart["items"]] == [3], "the changed quantity")
    return cart


def check_cart(client: Client, goods: Goods) -> None:
    """The right variant, and a total that is three times its price."""
    cart = fill_cart(client, goods, 0)
    (item,) = cart["items"]
    _expect(item["variant_id"] == goods.variant(0), "the variant that was added")
    _expect(_cents(cart["total"]) == 3 * _cents(item["unit_price"]), "the cart's total")


def buy(client: Client, goods: Goods, turn: int) -> Any:
    """A new cart, something in it, checkout. The payment's webhook confirms the order later."""
    cart_id, _variant = new_cart(client, goods.variant(turn))
    return check_out(client, cart_id, turn)


def check_out(client: Client, cart_id: str, turn: int) -> Any:
    """One call: the cart's order. `turn` makes its Idempotency-Key."""
    body = {
        "cart_id": cart_id,
        "email": f"buyer-{turn}@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_ok"},
    }
    placed = client.post("/checkout/", body, expect=201, Idempotency_Key=f"bench-{turn}")
    _expect(bool(placed["order"]["number"]), "a numbered order")
    return placed["order"]


def check_purchase(client: Client, goods: Goods) -> None:
    """What was bought, a total that adds up. That orders are confirmed is checked of every one, after each run."""
    order = buy(client, goods, 0)
    (line,) = order["lines"]
    _expect(line["variant_id"] == goods.variant(0) and line["quantity"] == 1, "the variant that was bought")
    _expect(_cents(order["total"]) == _cents(order["subtotal"]) + _cents(order["shipping_total"]), "the order's total")
    _expect(_cents(order["subtotal"]) == _cents(line["unit_price"]), "the order's subtotal")


FLOWS = (
    Flow("F1", "list", list_products, check_list),
    Flow("F2", "detail", show_product, check_product),
    Flow("F3", "search", search, check_search),
    Flow("F3f", "search with facets", search_with_facets, check_facets),
    Flow("F4", "cart", fill_cart, check_cart),
    Flow("F5", "purchase", buy, check_purchase, confirms=True),
)


def new_cart(client: Client, variant: str) -> tuple[str, str]:
    cart_id = client.post("/carts/", {"currency": "EUR"}, expect=201)["id"]
    client.post(f"/carts/{cart_id}/items/", {"variant_id": variant, "quantity": 1})
    return cart_id, variant


def _nodes(tree: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in tree:
        yield node
        yield from _nodes(node["children"])


def _list_path(category: str) -> str:
    return f"/catalog/products/?category={category}&limit={PER_LIST}"


def _search_path(*, facets: bool = False) -> str:
    return f"/catalog/products/?q={WORD}&limit={PER_LIST}{'&facets=true' if facets else ''}"


def _detail_path(slug: str) -> str:
    return f"/catalog/products/{slug}/"


def _cents(money: dict[str, str]) -> int:
    return int(money["amount"].replace(".", ""))


def _expect(right: bool, what: str) -> None:  # noqa: FBT001  (a condition and its name, as in assert)
    if not right:
        raise Wrong(f"not as it should be: {what}")
