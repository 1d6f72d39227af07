"""`python -m benchmarks.catalog`: what `make bench-catalog` calls. The same questions to a shop of 10,000 products and
to one of a million: does anything take longer because there is more of it?
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from benchmarks import load, machine
from benchmarks.client import API, Client, Wrong
from benchmarks.flows import Flow
from benchmarks.meters import Meters
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, print_table, replaced
from benchmarks.shop import HOST, ROLES, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.signals import Stop, raise_stop

LATEST = RESULTS / "catalog.json"
BEGIN = "<!-- catalog: written by `make bench-catalog`, do not edit -->"
END = "<!-- end of catalog -->"
SIZES = (10_000, 1_000_000)
FAR_PAGE = 1000
PER_PAGE = 24
SEEN = 300
WORDS = ("shirt", "linen lamp", "wool blanket", "oak chair", "mug", "leather boots", "tent", "steel bottle", "notebook")
TYPOS = ("shrit", "blnket", "leathr boots", "noteboook", "headfones")
BEGINNINGS = ("s", "sh", "shi", "lam", "bott", "leath", "hea", "no", "tabl", "cer")
console = Console(highlight=False, emoji=False)


@dataclass(frozen=True)
class Shelf:
    """What is asked for in one shop: paths under /api/v1, a question each."""

    paths: dict[str, list[str]]

    def path(self, question: str, turn: int) -> str:
        """The path for this turn."""
        paths = self.paths[question]
        return paths[turn % len(paths)]


def main() -> int:
    """Measure, print, store, publish."""
    plan = read_plan()
    raise_stop()
    result: dict[str, Any] = {"at": clock.now().isoformat(timespec="seconds"), "load_before": os.getloadavg()[0]}
    try:
        result["shops"] = [measure_shop(size, plan, result) for size in plan.sizes]
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, Wrong, RuntimeError) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    for title, rows in tables(result).items():
        print_table(title, rows, console)
    if not plan.quick:
        LATEST.write_text(json.dumps(result, indent=1) + "\n")
        publish(result)
    errors = [figure for shop in result["shops"] for figure in shop["figures"] if figure["errors"]]
    return 1 if errors else 0


def read_plan() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.catalog", description="Measure the catalog at two sizes.")
    parser.add_argument("--sizes", type=_numbers, help="products of each shop (10000,1000000)")
    parser.add_argument("--clients", type=_numbers, help="buyers at once (1,8,32)")
    parser.add_argument("--seconds", type=float, help="how long each figure is measured (6)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    given = parser.parse_args()
    sizes, clients, seconds = ([300, 1200], [1, 4], 0.5) if given.quick else (SIZES, [1, 8, 32], 6.0)
    given.sizes, given.clients = given.sizes or sizes, given.clients or clients
    given.seconds = given.seconds or seconds
    return given


def measure_shop(products: int, plan: argparse.Namespace, result: dict[str, Any]) -> dict[str, Any]:
    """All figures of a shop of that size; first with nothing kept, then with answers kept as in production."""
    console.print(f"seeding {products:,} products …")
    with open_shop(products, KEEP_ANSWERS="0") as shop, shop.connect() as connection:
        result["machine"] = machine.describe(shop)
        with Client(HOST, shop.port) as client:
            shelf = look_around(client)
        console.print("reading plans …")
        firsts = {question: API + paths[0] for question, paths in shelf.paths.items()}
        plans = json.loads(shop.run_module("benchmarks.plans", *firsts.values()))
        figures = [
            figure
            for question in shelf.paths
            for figure in ask(shop, connection, shelf, question, plan, title=question)
        ]
        shop.restart(KEEP_ANSWERS="600")
        for question in ("list", "detail", "facets"):
            figures += ask(shop, connection, shelf, question, plan, title=f"{question}, kept")
        [(size,)] = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchall()
    return {
        "products": products,
        "seed": shop.seeded,
        "database": size,
        "figures": figures,
        "plans": {question: plans[path] for question, path in firsts.items()},
    }


def look_around(client: Client) -> Shelf:
    """The questions of this shop, and a first answer to each, which must not be empty."""
    tree = json.loads(client.get("/catalog/categories/"))["results"]
    slugs = [node["slug"] for node in _nodes(tree) if node["product_count"] >= PER_PAGE]
    lists = [f"/catalog/products/?category={slug}" for slug in slugs]
    cards = [card for path in lists[:SEEN] for card in json.loads(client.get(path))["results"]]
    far = list(_far_pages(client))
    paths = {
        "list": lists,
        "list by price": [f"{path}&sort=price" for path in lists],
        "list of materials": [f"{path}&attr.made_in=Portugal,Italy" for path in lists],
        "whole shop, page 1": ["/catalog/products/?sort=newest"],
        f"whole shop, page {len(far)}": [far[-1]],
        "detail": [f"/catalog/products/{slug}/" for slug in dict.fromkeys(card["slug"] for card in cards)],
        "search": [f"/catalog/products/?q={word.replace(' ', '+')}" for word in WORDS],
        "search with a typo": [f"/catalog/products/?q={word.replace(' ', '+')}" for word in TYPOS],
        "suggest": [f"/catalog/search/suggest/?q={word}" for word in BEGINNINGS],
        "facets": [f"{path}&facets=true" for path in lists],
    }
    for question, asked in paths.items():
        answer = json.loads(client.get(asked[0]))
        if not answer.get("results") and "slug" not in answer:
            raise Wrong(f"{question}: nothing at {asked[0]}")
    return Shelf(paths)


def _far_pages(client: Client) -> Iterator[str]:
    """The addresses of the first thousand pages of the whole shop, as far as they go."""
    path: str | None = "/catalog/products/?sort=newest"
    for _ in range(FAR_PAGE):
        if path is None:
            return
        yield path
        following = json.loads(client.get(path))["next"]
        parts = urlsplit(following) if following else None
        path = f"{parts.path.removeprefix(API)}?{parts.query}" if parts else None


def _nodes(tree: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in tree:
        yield node
        yield from _nodes(node["children"])


def ask(
    shop: BenchShop, connection: Any, shelf: Shelf, question: str, plan: argparse.Namespace, *, title: str
) -> list[dict[str, Any]]:
    """A figure for each number of clients, after a warm-up."""
    console.print(f"{title} …")
    turns = count(1)
    flow = Flow(question, title, _asking(question), lambda _client, _goods: None)
    load.run(flow, shelf, shop.port, clients=max(plan.clients), seconds=min(1.0, plan.seconds), turns=turns)
    meters = Meters(shop.processes(), connection, ROLES)
    figures = []
    for clients in plan.clients:
        before = meters.read()
        done = load.run(flow, shelf, shop.port, clients=clients, seconds=plan.seconds, turns=turns)
        used, number = meters.read().since(before), max(1, len(done.latencies))
        figures.append(
            {
                "question": title,
                "clients": clients,
                "per_second": round(number / done.seconds, 1),
                "p50_ms": done.percentile_ms(50),
                "p95_ms": done.percentile_ms(95),
                "errors": len(done.errors),
                "error_examples": done.errors[:3],
                "cpu_ms": round(sum(used.cpu.values()) * 1000 / number, 2),
                "statements": round(used.statements["web"] / number, 2),
            }
        )
    return figures


def _asking(question: str) -> Callable[[Client, Any, int], None]:
    def run(client: Client, shelf: Shelf, turn: int) -> None:
        client.get(shelf.path(question, turn))

    return run


def tables(result: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Title and rows, the first row the head."""
    small, large = result["shops"][0], result["shops"][-1]
    sizes = [f"{shop['products']:,}" for shop in (small, large)]
    figures = [["question", "clients", *(f"{name} {size}" for size in sizes for name in ("p50", "p95")), "p50 ratio"]]
    figures[0] += [f"a second {sizes[1]}", f"CPU ms {sizes[1]}", "SQL", "errors"]
    for one, other in zip(small["figures"], large["figures"], strict=True):
        figures.append(_row(one, other))
    plans = [
        ["question", *(f"{name} {size}" for size in sizes for name in ("rows", "pages")), "statements", "read whole"]
    ]
    for (question, one), other in zip(small["plans"].items(), large["plans"].values(), strict=True):
        reads = [str(plan[name]) for plan in (one, other) for name in ("rows", "pages")]
        plans.append([question, *reads, str(other["statements"]), ", ".join(other["whole_tables"]) or "none"])
    return {"Answers (ms)": figures, "What one answer reads": plans}


def _row(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    times = [f"{figure[name]:.1f}" for figure in (one, other) for name in ("p50_ms", "p95_ms")]
    name = other["question"] if one["question"] == other["question"] else f"{one['question']} / {other['question']}"
    ratio = f"{other['p50_ms'] / one['p50_ms']:.2f}" if one["p50_ms"] else ""
    costs = [f"{other['per_second']:.0f}", f"{other['cpu_ms']:.1f}", f"{other['statements']:.1f}"]
    return [name, str(other["clients"]), *times, ratio, *costs, str(one["errors"] + other["errors"])]


def publish(result: dict[str, Any]) -> None:
    """Put the tables where the documentation has the last ones."""
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), markdown(result), begin=BEGIN, end=END))


def markdown(result: dict[str, Any]) -> str:
    """The tables as the documentation holds them."""
    known = result["machine"]
    lines = [
        f"- {result['at'][:10]}, commit {known['commit'] or 'unknown'}; load before: {result['load_before']:.1f}",
        *(
            f"- {shop['products']:,} products: seeded in {shop['seed']['seconds']:.0f} s, database {shop['database']}"
            for shop in result["shops"]
        ),
    ]
    return "\n\n".join(["\n".join(lines), *(in_markdown(title, rows) for title, rows in tables(result).items())])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
