"""Lists of orders and staff's search, in a shop with some thousand orders and in one with a million: does anything take
longer because there is more of it? checkout.py runs it where `--history` asks for it.
"""

import argparse
import json
import os
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import quote_plus, urlsplit

import psycopg
from rich.console import Console

from benchmarks import load, machine
from benchmarks.cart_holders import PASSWORD
from benchmarks.client import API, Client, Wrong
from benchmarks.flows import STAFF, Flow
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, print_table, replaced
from benchmarks.shop import HOST, BenchShop, open_shop
from ecommerce.kernel import clock

LATEST = RESULTS / "history.json"
BEGIN, END = "<!-- history: written by `make bench-checkout`, do not edit -->", "<!-- end of history -->"
PRODUCTS = 100
FAR_PAGE = 100
ASKED = 200
CUSTOMER = "history@example.com"
OWN = "a customer's own"
# Each a column of values to ask for, spread over all orders.
SAMPLES = {
    "number": "SELECT number FROM orders_order ORDER BY cart_id LIMIT %s",
    "address": "SELECT email FROM orders_order ORDER BY cart_id LIMIT %s",
    "full name": "SELECT shipping_address ->> 'full_name' FROM orders_order ORDER BY cart_id LIMIT %s",
    "rare SKU": "SELECT sku FROM orders_orderline GROUP BY sku ORDER BY count(*), sku LIMIT %s",
    "frequent SKU": "SELECT sku FROM orders_orderline GROUP BY sku ORDER BY count(*) DESC, sku LIMIT %s",
}
# The customer with the most orders signs in.
TAKE_OVER = """
    UPDATE orders_order SET customer_id = %(id)s WHERE customer_id = (
        SELECT customer_id FROM orders_order WHERE customer_id IS NOT NULL
        GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 1)
"""


def measure(plan: argparse.Namespace, console: Console) -> int:
    """Measure, print, store, publish; 1 where something went wrong."""
    result: dict[str, Any] = {"at": clock.now().isoformat(timespec="seconds"), "load_before": os.getloadavg()[0]}
    result["shops"] = [measure_shop(size, plan, result, console) for size in plan.sizes]
    for title, rows in tables(result).items():
        print_table(title, rows, console)
    if not plan.quick:
        LATEST.write_text(json.dumps(result, indent=1) + "\n")
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), markdown(result), begin=BEGIN, end=END))
    wrong = [example for shop in result["shops"] for figure in shop["figures"] for example in figure["error_examples"]]
    console.print("\n".join(wrong[:5]), style="red", markup=False, soft_wrap=True)
    return 1 if wrong else 0


def measure_shop(orders: int, plan: argparse.Namespace, result: dict[str, Any], console: Console) -> dict[str, Any]:
    """All figures of a shop with so many orders."""
    console.print(f"seeding {orders:,} orders …")
    with open_shop(PRODUCTS) as shop, shop.connect() as connection:
        seconds = shop.add_orders(orders)
        result["machine"] = machine.describe(shop)
        with Client(HOST, shop.port) as client:
            register_customer(client, connection)
            questions = look_around(client, connection)
            check(client, questions)
            asking = Asking(shop, plan, console)
            figures = [figure for name in questions for figure in asking.figures(client, name, questions[name])]
        console.print("reading plans …")
        firsts = {name: queries[0] for name, queries in questions.items() if name != OWN}
        plans = json.loads(shop.run_module("benchmarks.order_plans", *firsts.values()))
        [(size,)] = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchall()
    return {
        "orders": orders,
        "seed_seconds": round(seconds, 1),
        "database": size,
        "figures": figures,
        "plans": {name: plans[query] for name, query in firsts.items()},
    }


def register_customer(client: Client, connection: psycopg.Connection[Any]) -> None:
    """Somebody with many orders."""
    made = client.post("/users/register/", {"email": CUSTOMER, "password": PASSWORD}, expect=201)
    connection.execute(TAKE_OVER.encode(), {"id": made["id"]})


def look_around(client: Client, connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The questions of this shop: queries of the list of orders."""
    known = {name: [row[0] for row in connection.execute(sql.encode(), [ASKED])] for name, sql in SAMPLES.items()}
    searches = {f"search by {name}": [f"search={quote_plus(value)}" for value in known[name]] for name in known}
    return {
        "newest": [""],
        f"page {FAR_PAGE}": [_far_page(client)],
        "by status": [f"status={status}" for status in ("confirmed", "delivered", "cancelled", "pending")],
        "by payment": [f"payment_status={status}" for status in ("paid", "unpaid", "refunded", "authorized")],
        "states that never meet": ["status=delivered&payment_status=unpaid"],
        "a month": [_between(f"2025-{month:02}-01", f"2025-{month + 1:02}-01") for month in range(1, 12)],
        **searches,
        "search by beginnings": [f"search={quote_plus(_beginnings(name))}" for name in known["full name"]],
        "search by one letter": [f"search={letter}" for letter in "abcdefgh"],
        "search for nobody": ["search=nobody+at+all"],
        OWN: [""],
    }


def _beginnings(name: str) -> str:
    return " ".join(word[:3] for word in name.split())


def _between(first: str, last: str) -> str:
    return f"placed_after={first}T00:00:00Z&placed_before={last}T00:00:00Z"


def _far_page(client: Client) -> str:
    bearer, path = sign_in(client, STAFF), "/orders/"
    for _ in range(FAR_PAGE - 1):
        following = json.loads(client.exchange("GET", path, **bearer))["next"]
        if following is None:
            break
        parts = urlsplit(following)
        path = f"{parts.path.removeprefix(API)}?{parts.query}"
    return path.partition("?")[2]


def check(client: Client, questions: dict[str, list[str]]) -> None:
    """What is looked for is found, and nothing where there is nothing."""
    for name, queries in questions.items():
        bearer = sign_in(client, who_asks(name))
        found = json.loads(client.exchange("GET", f"/orders/?{queries[0]}", **bearer))["results"]
        nothing = "nobody" in name or "never" in name
        if bool(found) == nothing:
            raise Wrong(f"{name}: {len(found)} orders for {queries[0]}")


def who_asks(name: str) -> dict[str, Any]:
    """The customer asks for his own, staff for everything else."""
    return {"email": CUSTOMER, "password": PASSWORD} if name == OWN else STAFF


def sign_in(client: Client, who: dict[str, Any]) -> dict[str, Any]:
    """Anew for each question: a token is good for ten minutes."""
    return {"Authorization": f"Bearer {client.post('/users/token/', who)['access']}"}


class Asking:
    """Asks one shop."""

    def __init__(self, shop: BenchShop, plan: argparse.Namespace, console: Console) -> None:
        self._shop, self._plan, self._console = shop, plan, console

    def figures(self, client: Client, name: str, queries: list[str]) -> list[dict[str, Any]]:
        """A figure for each number of clients, after a warm-up."""
        self._console.print(f"{name} …")
        run = _reading(queries, sign_in(client, who_asks(name)))
        flow, turns = Flow(name, name, run, lambda _client, _goods: None), count(1)
        self._load(flow, max(self._plan.clients), min(1.0, self._plan.seconds), turns)
        return [self._figure(flow, clients, turns) for clients in self._plan.clients]

    def _figure(self, flow: Flow, clients: int, turns: Any) -> dict[str, Any]:
        done = self._load(flow, clients, self._plan.seconds, turns)
        return {
            "question": flow.title,
            "clients": clients,
            "per_second": round(len(done.latencies) / done.seconds, 1),
            "p50_ms": done.percentile_ms(50),
            "p95_ms": done.percentile_ms(95),
            "errors": len(done.errors),
            "error_examples": done.errors[:3],
        }

    def _load(self, flow: Flow, clients: int, seconds: float, turns: Any) -> load.Load:
        return load.run(flow, None, self._shop.port, clients=clients, seconds=seconds, turns=turns)


def _reading(queries: list[str], bearer: dict[str, Any]) -> Callable[[Client, Any, int], None]:
    def run(client: Client, _goods: Any, turn: int) -> None:
        client.exchange("GET", f"/orders/?{queries[turn % len(queries)]}", **bearer)

    return run


def tables(result: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Title and rows, the first row the head."""
    small, large = result["shops"][0], result["shops"][-1]
    sizes = [f"{shop['orders']:,}" for shop in (small, large)]
    times = [["question", "clients", *(f"{name} {size}" for size in sizes for name in ("p50", "p95")), "p50 ratio"]]
    times[0] += [f"a second {sizes[1]}", "errors"]
    times += [_row(one, other) for one, other in zip(small["figures"], large["figures"], strict=True)]
    plans = [
        ["question", *(f"{name} {size}" for size in sizes for name in ("rows", "pages")), "statements", "read whole"]
    ]
    for (question, one), other in zip(small["plans"].items(), large["plans"].values(), strict=True):
        reads = [str(plan[name]) for plan in (one, other) for name in ("rows", "pages")]
        plans.append([question, *reads, str(other["statements"]), ", ".join(other["whole_tables"]) or "none"])
    return {"Lists of orders (ms)": times, "What one list reads": plans}


def _row(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    times = [f"{figure[name]:.1f}" for figure in (one, other) for name in ("p50_ms", "p95_ms")]
    ratio = f"{other['p50_ms'] / one['p50_ms']:.2f}" if one["p50_ms"] else ""
    errors = str(one["errors"] + other["errors"])
    return [other["question"], str(other["clients"]), *times, ratio, f"{other['per_second']:.0f}", errors]


def markdown(result: dict[str, Any]) -> str:
    """The tables as the documentation holds them."""
    known = result["machine"]
    lines = [
        f"- {result['at'][:10]}, commit {known['commit'] or 'unknown'}; load before: {result['load_before']:.1f}",
        *(
            f"- {shop['orders']:,} orders: seeded in {shop['seed_seconds']:.0f} s"
            f" ({shop['orders'] / shop['seed_seconds']:,.0f} a second), database {shop['database']}"
            for shop in result["shops"]
        ),
    ]
    return "\n\n".join(["\n".join(lines), *(in_markdown(title, rows) for title, rows in tables(result).items())])
