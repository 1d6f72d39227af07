"""`python -m benchmarks.checkout`: what `make bench-checkout` calls. Whole purchases, from a new cart to the confirmed
order, of one product that everybody wants and of many; beside them the catalog's detail, in the same minutes. With
`--history`, lists of orders and staff's search at two sizes instead (history.py).
"""

import argparse
import json
import os
import sys
import threading
from itertools import count
from typing import Any

from rich.console import Console

from benchmarks import confirmation, history, load, machine
from benchmarks.client import Client, Wrong
from benchmarks.flows import FLOWS, Flow, Goods, check_out, check_purchase, find_goods, new_cart
from benchmarks.meters import Meters
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, print_table, replaced
from benchmarks.shop import HOST, ROLES, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.signals import Stop, raise_stop

LATEST = RESULTS / "checkout.json"
BEGIN, END = "<!-- checkout: written by `make bench-checkout`, do not edit -->", "<!-- end of checkout -->"
DETAIL = FLOWS[1]
MOST_STATEMENTS, MOST_DETAILS = 25, 10
TITLE = (
    "Purchases (times of the checkout call in ms; detail: its p95; confirmed: seconds after, p95; SQL and CPU of all)"
)
HEAD = ["bought", "clients", "a second", "p50", "p95", "detail", "p95/detail"]
HEAD += ["confirmed", *(f"SQL {role}" for role in ROLES), "SQL", "CPU ms", "errors"]
console = Console(highlight=False, emoji=False)


def main() -> int:
    """Measure, print, store, publish; 1 where something went wrong."""
    plan = read_plan()
    raise_stop()
    try:
        return history.measure(plan, console) if plan.history else measure(plan)
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, Wrong, RuntimeError) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1


def read_plan() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.checkout", description="Measure purchases, or orders' history.")
    parser.add_argument("--history", action="store_true", help="lists of orders and staff's search, at two sizes")
    parser.add_argument("--sizes", type=_numbers, help="with --history: orders of each shop (10000,1000000)")
    parser.add_argument("--products", type=int, help="how many to seed (10,000)")
    parser.add_argument("--clients", type=_numbers, help="buyers at once (1,8,32)")
    parser.add_argument("--seconds", type=float, help="how long each figure is measured (8)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    given = parser.parse_args()
    products, clients, seconds = (500, [1, 4], 0.5) if given.quick else (10_000, [1, 8, 32], 8.0)
    given.sizes = given.sizes or ([500, 2000] if given.quick else [10_000, 1_000_000])
    given.products, given.clients = given.products or products, given.clients or clients
    given.seconds = given.seconds or seconds
    return given


def measure(plan: argparse.Namespace) -> int:
    """Purchases on one shop."""
    result: dict[str, Any] = {"at": clock.now().isoformat(timespec="seconds"), "load_before": os.getloadavg()[0]}
    with open_shop(plan.products) as shop, shop.connect() as connection:
        result |= {"machine": machine.describe(shop), "seconds": plan.seconds, "products": plan.products}
        result["figures"] = Run(plan, shop, connection).everything()
        result["checkout_statements"] = int(shop.run_module("benchmarks.checkout_call"))
    rows = table(result)
    print_table(TITLE, rows, console)
    console.print(goals(result), markup=False)
    if not plan.quick:
        LATEST.write_text(json.dumps(result, indent=1) + "\n")
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), markdown(result), begin=BEGIN, end=END))
    wrong = [example for figure in result["figures"] for example in figure["error_examples"]]
    console.print("\n".join(wrong[:5]), style="red", markup=False, soft_wrap=True)
    return 1 if wrong else 0


class Run:
    """The measurements on one shop."""

    def __init__(self, plan: argparse.Namespace, shop: BenchShop, connection: Any) -> None:
        self._plan, self._shop, self._connection = plan, shop, connection
        self._meters = Meters(shop.processes(), connection, ROLES)
        self._turns = count(1)
        self._purchase = purchases(shop)

    def everything(self) -> list[dict[str, Any]]:
        """The detail, then purchases of many products and of one."""
        with Client(HOST, self._shop.port) as client:
            goods = find_goods(client)
            DETAIL.check(client, goods)
            check_purchase(client, goods)
        details = {clients: self._detail(goods, clients) for clients in self._plan.clients}
        return [
            self._purchases(bought, of, clients, details[clients])
            for bought, of in (("many", goods), ("one", Goods({}, [], goods.variants[:1])))
            for clients in self._plan.clients
        ]

    def _detail(self, goods: Goods, clients: int) -> float:
        self._load(DETAIL, goods, clients, min(1.0, self._plan.seconds))
        return self._load(DETAIL, goods, clients, self._plan.seconds).percentile_ms(95)

    def _purchases(self, bought: str, goods: Goods, clients: int, detail_ms: float) -> dict[str, Any]:
        console.print(f"bought: {bought}, {clients} clients …")
        self._load(self._purchase, goods, clients, min(1.0, self._plan.seconds))
        confirmation.wait_until_quiet(self._connection)
        before, started = self._meters.read(), clock.now()
        done = self._load(self._purchase, goods, clients, self._plan.seconds)
        unconfirmed = confirmation.wait_for_confirmations(self._connection)
        seconds = (clock.now() - started).total_seconds()
        # What follows a confirmation (revenue, the cart's end, the mail) belongs to a purchase as well.
        confirmation.wait_until_quiet(self._connection)
        used, number = self._meters.read().since(before), max(1, len(done.latencies))
        delays = confirmation.seconds_to_confirmation(self._connection, number)
        errors = done.errors + ["not confirmed"] * unconfirmed
        return {
            "bought": bought,
            "clients": clients,
            "purchases": len(done.latencies),
            "per_second": round(len(done.latencies) / seconds, 1),
            "p50_ms": done.percentile_ms(50),
            "p95_ms": done.percentile_ms(95),
            "detail_p95_ms": detail_ms,
            "confirmed_after": delays,
            "statements": {role: round(calls / number, 2) for role, calls in used.statements.items()},
            "cpu_ms": round(sum(used.cpu.values()) * 1000 / number, 2),
            "errors": len(errors),
            "error_examples": errors[:3],
        }

    def _load(self, flow: Flow, goods: Goods, clients: int, seconds: float) -> load.Load:
        return load.run(flow, goods, self._shop.port, clients=clients, seconds=seconds, turns=self._turns)


def purchases(shop: BenchShop) -> Flow:
    """A cart, something in it, checkout, and the wait until the order is confirmed; what is timed is the checkout call
    alone. Each buyer looks by a connection of his own."""
    own = threading.local()

    def purchase(client: Client, goods: Goods, turn: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = shop.connect()
        cart_id, _variant = new_cart(client, goods.variant(turn))
        client.spent = 0.0
        order = check_out(client, cart_id, turn)
        spent = client.spent
        confirmation.wait_for_order(own.connection, order["id"])
        client.spent = spent

    return Flow("purchase", "purchase", purchase, check_purchase, confirms=True)


def table(result: dict[str, Any]) -> list[list[str]]:
    """The rows, the first one the head."""
    return [HEAD, *(_row(figure) for figure in result["figures"])]


def _row(figure: dict[str, Any]) -> list[str]:
    statements = figure["statements"]
    times = [figure[name] for name in ("per_second", "p50_ms", "p95_ms", "detail_p95_ms")]
    costs = [*(statements[role] for role in ROLES), sum(statements.values()), figure["cpu_ms"]]
    return [
        figure["bought"],
        str(figure["clients"]),
        *(f"{time:.1f}" for time in times),
        f"{details_for_one(figure):.1f}",
        f"{figure['confirmed_after']['p95']:.2f}",
        *(f"{cost:.1f}" for cost in costs),
        str(figure["errors"]),
    ]


def details_for_one(figure: dict[str, Any]) -> float:
    """The checkout call's p95 in the catalog detail's, of as many clients."""
    return float(figure["p95_ms"] / figure["detail_p95_ms"]) if figure["detail_p95_ms"] else 0.0


def goals(result: dict[str, Any]) -> str:
    """What was promised, and what came of it."""
    worst = max(details_for_one(figure) for figure in result["figures"])
    return (
        f"A checkout call: {result['checkout_statements']} statements (goal: {MOST_STATEMENTS} or fewer);"
        f" its p95 at most {worst:.1f} times the detail's (goal: under {MOST_DETAILS})"
    )


def markdown(result: dict[str, Any]) -> str:
    """The table as the documentation holds it."""
    known, postgres = result["machine"], result["machine"]["postgres"]
    how = f"{result['products']:,} products, {result['seconds']:g} s for each figure"
    servers = f"Python {known['python']}; PostgreSQL {postgres['server_version']}, Redis {known['redis']}"
    load_before = f"load average before: {result['load_before']:.1f}"
    remarks = [
        f"- {result['at'][:10]}, commit {known['commit'] or 'unknown'}; {how}; {load_before}",
        f"- {known['cpu']}, {known['cores']} cores; {servers}",
        f"- {goals(result)}",
    ]
    return "\n\n".join(["\n".join(remarks), in_markdown(TITLE, table(result))])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
