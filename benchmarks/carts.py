"""`python -m benchmarks.carts`: what `make bench-carts` calls. Carts read and added to, of guests and of users, with
nothing offered, with twenty promotions, and with a code; beside them the catalog's list, in the same minutes.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from rich.console import Console

from benchmarks import cart_holders, load, machine
from benchmarks.cart_holders import BY_CODE, OFFERED, add_to_one, add_to_own, open_carts, read
from benchmarks.client import Client, Wrong
from benchmarks.flows import FLOWS, Flow, Goods, find_goods
from benchmarks.meters import Meters
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, print_table, replaced
from benchmarks.shop import HOST, ROLES, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.signals import Stop, raise_stop

LATEST = RESULTS / "carts.json"
BEGIN, END = "<!-- carts: written by `make bench-carts`, do not edit -->", "<!-- end of carts -->"
# Enough for clients not to read the same one by turns; a hundred lines take a while to put in.
READ = 4
HEAD = ["what", "clients", "a second", "p50", "p95", "lists for one", "CPU ms", "SQL", "errors"]
LIST = FLOWS[0]
console = Console(highlight=False, emoji=False)


class Question(NamedTuple):
    """What is done with carts of so many lines; with how many of them, at so many clients."""

    title: str
    lines: int
    run: Callable[[Client, Any, int], None]
    carts: Callable[[int], int]


QUESTIONS = (
    *(Question(f"read {lines} line{'s' * (lines > 1)}", lines, read, lambda _: READ) for lines in (1, 10, 100)),
    Question("add, a cart each", 10, add_to_own, lambda clients: clients),
    Question("add, one cart for all", 10, add_to_one, lambda _: READ),
)


def main() -> int:
    """Measure, print, store, publish; 1 where something went wrong."""
    plan = read_plan()
    raise_stop()
    known: dict[str, Any] = {"at": clock.now().isoformat(timespec="seconds"), "load_before": os.getloadavg()[0]}
    try:
        with open_shop(plan.products) as shop, shop.connect() as connection:
            result = known | {"machine": machine.describe(shop), "seconds": plan.seconds, "products": plan.products}
            result["figures"] = Run(plan, shop, connection).everything()
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, Wrong, RuntimeError) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    for title, rows in tables(result).items():
        print_table(title, rows, console)
    if not plan.quick:
        LATEST.write_text(json.dumps(result, indent=1) + "\n")
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), markdown(result), begin=BEGIN, end=END))
    wrong = [example for figure in result["figures"] for example in figure["error_examples"]]
    console.print("\n".join(wrong[:5]), style="red", markup=False, soft_wrap=True)
    return 1 if wrong else 0


def read_plan() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.carts", description="Measure carts.")
    parser.add_argument("--products", type=int, help="how many to seed (10,000)")
    parser.add_argument("--clients", type=_numbers, help="clients at once (1,8,32)")
    parser.add_argument("--seconds", type=float, help="how long each figure is measured (4)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    given = parser.parse_args()
    products, clients, seconds = (1000, [1, 4], 0.3) if given.quick else (10_000, [1, 8, 32], 4.0)
    given.products, given.clients = given.products or products, given.clients or clients
    given.seconds = given.seconds or seconds
    return given


class Run:
    """The measurements on one shop."""

    def __init__(self, plan: argparse.Namespace, shop: BenchShop, connection: Any) -> None:
        self._plan, self._shop = plan, shop
        self._meters = Meters(shop.processes(), connection, ROLES)

    def everything(self) -> list[dict[str, Any]]:
        """All figures: everything while nothing is offered, then while something is."""
        figures = []
        with Client(HOST, self._shop.port) as client:
            goods = find_goods(client)
            LIST.check(client, goods)
            cart_holders.register(client, max(READ, *self._plan.clients))
            for offered in OFFERED:
                with cart_holders.offering(client, offered):
                    cart_holders.check(client, goods, offered)
                    figures += self._with(client, goods, offered)
        return figures

    def _with(self, client: Client, goods: Goods, offered: str) -> list[dict[str, Any]]:
        figures = self._figures(LIST, goods, offered)
        for question in QUESTIONS:
            for holders in ("guests", "users"):
                carts = open_carts(
                    client,
                    goods,
                    number=question.carts(max(self._plan.clients)),
                    lines=question.lines,
                    of_users=holders == "users",
                    coded=offered == BY_CODE,
                )
                flow = Flow(question.title, f"{question.title}, {holders}", question.run, lambda _client, _carts: None)
                figures += self._figures(flow, carts, offered)
        return figures

    def _figures(self, flow: Flow, goods: Any, offered: str) -> list[dict[str, Any]]:
        """A figure for each number of clients, after a warm-up."""
        console.print(f"offered {offered}: {flow.title} …")
        turns, most, seconds = count(1), max(self._plan.clients), self._plan.seconds
        load.run(flow, goods, self._shop.port, clients=most, seconds=min(1.0, seconds), turns=turns)
        return [self._figure(flow, goods, offered, clients, turns) for clients in self._plan.clients]

    def _figure(self, flow: Flow, goods: Any, offered: str, clients: int, turns: Any) -> dict[str, Any]:
        before = self._meters.read()
        done = load.run(flow, goods, self._shop.port, clients=clients, seconds=self._plan.seconds, turns=turns)
        used, number = self._meters.read().since(before), max(1, len(done.latencies))
        return {
            "offered": offered,
            "what": flow.title,
            "clients": clients,
            "per_second": round(number / done.seconds, 1),
            "p50_ms": done.percentile_ms(50),
            "p95_ms": done.percentile_ms(95),
            "errors": len(done.errors),
            "error_examples": done.errors[:3],
            "cpu_ms": round(sum(used.cpu.values()) * 1000 / number, 2),
            "statements": round(used.statements["web"] / number, 2),
        }


def tables(result: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Title and rows, the first row the head; one table for each that is offered."""
    return {
        f"Carts; offered: {offered} (times in ms)": [
            HEAD,
            *(_row(figure, result) for figure in result["figures"] if figure["offered"] == offered),
        ]
        for offered in OFFERED
    }


def _row(figure: dict[str, Any], result: dict[str, Any]) -> list[str]:
    times = [f"{figure[name]:.1f}" for name in ("per_second", "p50_ms", "p95_ms")]
    lists = f"{lists_for_one(figure, result['figures']):.1f}"
    return [
        figure["what"],
        str(figure["clients"]),
        *times,
        lists,
        *(f"{figure[name]:.1f}" for name in ("cpu_ms", "statements")),
        str(figure["errors"]),
    ]


def lists_for_one(figure: dict[str, Any], figures: list[dict[str, Any]]) -> float:
    """How many of the catalog's lists as many clients got in the time of one of these, with the same on offer."""
    same = ("offered", "clients")
    (listed,) = [
        one for one in figures if one["what"] == LIST.title and all(one[name] == figure[name] for name in same)
    ]
    return float(listed["per_second"] / figure["per_second"])


def markdown(result: dict[str, Any]) -> str:
    """The tables as the documentation holds them."""
    known, postgres = result["machine"], result["machine"]["postgres"]
    how = f"{result['products']:,} products, {result['seconds']:g} s for each figure"
    servers = f"Python {known['python']}; PostgreSQL {postgres['server_version']}, Redis {known['redis']}"
    load_before = f"load average before: {result['load_before']:.1f}"
    remarks = [
        f"- {result['at'][:10]}, commit {known['commit'] or 'unknown'}; {how}; {load_before}",
        f"- {known['cpu']}, {known['cores']} cores; {servers}",
    ]
    return "\n\n".join(["\n".join(remarks), *(in_markdown(title, rows) for title, rows in tables(result).items())])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
