"""`python -m benchmarks.stock`: what `make bench-stock` calls. A flash sale of 100 units to 1,000 buyers, and purchases
a second through hold_stock and commit_hold beside the bare SQL of the same transactions by pgbench, by turns.
"""

import argparse
import json
import os
import subprocess
import sys
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from rich.console import Console

from benchmarks import bare, machine
from benchmarks.client import Wrong
from benchmarks.load import percentile
from benchmarks.report import DOCUMENT, RESULTS, replaced
from benchmarks.shop import BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.signals import Stop, raise_stop

PROCESSES, THREADS = 2, 4
BUYERS, UNITS = 1000, 100
SKUS, AMPLE = 100, 10_000_000
LATEST = RESULTS / "stock.json"
BEGIN, END = "<!-- stock: written by `make bench-stock`, do not edit -->", "<!-- end of stock -->"
HEAD = ["what is bought", "shop, purchases/s", "pgbench, purchases/s", "ratio", "p50 ms", "p95 ms", "Python CPU ms"]
# Ids that pgbench can make up: numbers from 100 on stand at their end.
VARIANT, LEVEL = "0000000b-0000-4000-8000-000000000{}", "0000000c-0000-4000-8000-000000000{}"
console = Console(highlight=False, emoji=False)


class Turn(NamedTuple):
    """Purchases a second of both, the CPU seconds of the shop's Python for one, and how long each took."""

    shop: float
    pgbench: float
    cpu: float
    times: list[float]


def main() -> int:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="benchmarks.stock", description="Measure the stock.")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured (5)")
    parser.add_argument("--rounds", type=int, default=3, help="shop and pgbench by turns, so often (3)")
    plan = parser.parse_args()
    pgbench = bare.find_pgbench()
    raise_stop()
    load = os.getloadavg()[0]
    try:
        with open_shop(50) as shop:
            result = measure(shop, pgbench, plan.seconds, plan.rounds) | {"load_before": round(load, 1)}
    except Stop as stop:
        return stop.exit_code
    except Wrong as problem:  # no figure means anything then
        console.print(str(problem), style="red", markup=False)
        return 1
    text = markdown(result)
    console.print(text, markup=False, soft_wrap=True)
    LATEST.write_text(json.dumps(result, indent=1) + "\n")
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), text, begin=BEGIN, end=END))
    return 0 if result["flash_sale"]["sold"] == UNITS else 1


def measure(shop: BenchShop, pgbench: str, seconds: float, rounds: int) -> dict[str, Any]:
    """All figures of one shop."""
    with shop.connect() as connection:
        stock_up(connection)
        sale = flash_sale(shop, connection)
    script = write_script(shop)
    figures = []
    for name, last in (("one SKU", 100), (f"{SKUS} SKUs", 100 + SKUS - 1)):
        variants = [VARIANT.format(number) for number in range(100, last + 1)]
        turns: list[Turn] = []
        for _ in range(rounds):
            ours = buy(shop, variants, "--seconds", str(seconds))
            known = {"last": str(last)}
            theirs = bare.rate(
                pgbench, shop.url(), script, clients=PROCESSES * THREADS, seconds=seconds, variables=known
            )
            turns.append(Turn(ours["bought"] / ours["seconds"], theirs, ours["cpu"] / ours["bought"], ours["times"]))
        figures.append(figure(name, turns))
    with shop.connect() as connection:
        check(connection)
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "machine": machine.describe(shop),
        "processes": PROCESSES,
        "threads": THREADS,
        "seconds": seconds,
        "rounds": rounds,
        "flash_sale": sale,
        "figures": figures,
    }


def stock_up(connection: Any) -> None:
    """100 variants of one product with ample stock, and one with the flash sale's units."""
    (product_id,) = connection.execute("SELECT id FROM catalog_product ORDER BY id LIMIT 1").fetchone()
    for number in range(100, 100 + SKUS + 1):
        units = UNITS if number == 100 + SKUS else AMPLE
        variant, level = VARIANT.format(number), LEVEL.format(number)
        connection.execute(
            "INSERT INTO catalog_variant (id, product_id, sku, barcode, options, images, weight_g, position)"
            " VALUES (%s, %s, %s, '', jsonb_build_object('Bench', %s::text), '[]', 0, 0)",
            [variant, product_id, f"BENCH-{number}", str(number)],
        )
        connection.execute(
            "INSERT INTO catalog_stocklevel (id, variant_id, location_id, on_hand, held)"
            " SELECT %s, %s, id, %s, 0 FROM catalog_location WHERE is_default",
            [level, variant, units],
        )
        connection.execute(
            "INSERT INTO catalog_stockmovement (id, level_id, kind, delta, reason, created_at)"
            " VALUES (gen_random_uuid(), %s, 'received', %s, '', now())",
            [level, units],
        )


def flash_sale(shop: BenchShop, connection: Any) -> dict[str, Any]:
    """1,000 buyers for 100 units: how many were sold, by the buyers and by the table."""
    number = 100 + SKUS
    found = buy(shop, [VARIANT.format(number)], "--buyers", str(BUYERS // PROCESSES))
    on_hand, held = connection.execute(
        "SELECT on_hand, held FROM catalog_stocklevel WHERE id = %s", [LEVEL.format(number)]
    ).fetchone()
    if (on_hand, held) != (UNITS - found["bought"], 0):
        raise Wrong(f"the flash sale: {found['bought']} bought, {on_hand} left, {held} held")
    return {"sold": found["bought"], "refused": found["refused"], "seconds": round(found["seconds"], 2)}


def buy(shop: BenchShop, variants: list[str], *how: str) -> dict[str, Any]:
    """The processes' purchases, begun together, added up."""
    command = [sys.executable, "-m", "benchmarks.buyers", *variants, "--threads", str(THREADS), *how]
    running = [
        subprocess.Popen(command, env=shop.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    pipes = [(process.stdin, process.stdout) for process in running if process.stdin and process.stdout]
    for _, out in pipes:
        if out.readline() != "ready\n":
            raise RuntimeError("the buyers did not start")
    for to, _ in pipes:
        to.write("go\n")
        to.flush()
    told = [json.loads(out.readline()) for _, out in pipes]
    for process in running:
        process.communicate()
    totals = {name: sum(one[name] for one in told) for name in ("bought", "refused", "cpu")}
    times = [taken for one in told for taken in one["times"]]
    return {**totals, "seconds": max(one["seconds"] for one in told), "times": times}


def write_script(shop: BenchShop) -> Any:
    """One purchase as the shop made it a moment ago, for pgbench."""
    command = [sys.executable, "-m", "benchmarks.buyers", VARIANT.format(100), "--statements"]
    told = subprocess.run(command, env=shop.environment(), stdout=subprocess.PIPE, text=True, check=True)
    places = {UUID(VARIANT.format(100)): VARIANT.format(":sku"), UUID(LEVEL.format(100)): LEVEL.format(":sku")}
    script = RESULTS / "stock.pgbench"
    script.write_text("\\set sku random(100, :last)\n" + bare.script_of(json.loads(told.stdout), places))
    return script


def figure(name: str, turns: list[Turn]) -> dict[str, Any]:
    """The medians of all rounds, and each round's rates."""
    times = [taken for turn in turns for taken in turn.times]
    return {
        "name": name,
        "shop": round(median(turn.shop for turn in turns), 1),
        "pgbench": round(median(turn.pgbench for turn in turns), 1),
        "ratio": round(median(turn.shop / turn.pgbench for turn in turns), 2),
        "cpu_ms": round(median(turn.cpu for turn in turns) * 1000, 2),
        "p50_ms": round(median(times) * 1000, 1),
        "p95_ms": round(percentile(times, 95) * 1000, 1),
        "turns": [[round(turn.shop, 1), round(turn.pgbench, 1)] for turn in turns],
    }


def check(connection: Any) -> None:
    """After all of it, each level is the sum of its journal, and nothing is held."""
    wrong = connection.execute(
        "SELECT count(*) FROM catalog_stocklevel level WHERE level.id::text LIKE '0000000c-%%' AND (held <> 0 OR"
        " on_hand <> (SELECT sum(delta) FROM catalog_stockmovement WHERE level_id = level.id))"
    ).fetchone()
    if wrong != (0,):
        raise Wrong(f"{wrong[0]} levels are not the sum of their journal, or still hold")


def markdown(result: dict[str, Any]) -> str:
    """The section of the documentation."""
    told, sale, postgres = result["machine"], result["flash_sale"], result["machine"]["postgres"]
    durable = f"fsync {postgres['fsync']}, synchronous_commit {postgres['synchronous_commit']}"
    buyers = f"{result['processes']} processes × {result['threads']} threads, pgbench with as many clients"
    rounds = f"medians of {result['rounds']} rounds of {result['seconds']:g} s each, by turns"
    sold = f"{BUYERS} buyers for {UNITS} units of one SKU: {sale['sold']} sold, {sale['refused']} refused"
    remarks = [
        f"{result['at'][:10]}, commit {told['commit']}; load average before: {result['load_before']}",
        f"{told['cpu']}, {told['cores']} cores; Python {told['python']}",
        f"PostgreSQL {postgres['server_version']} ({durable})",
        f"Flash sale: {sold}, {sale['seconds']} s",
        f"{buyers}; {rounds}",
    ]
    rows = [_row(one) for one in result["figures"]]
    table = [HEAD, ["---", *["---:"] * (len(HEAD) - 1)], *rows]
    return "\n".join([*(f"- {line}" for line in remarks), "", *(f"| {' | '.join(row)} |" for row in table)])


def _row(one: dict[str, Any]) -> list[str]:
    rates = [f"{one['shop']:.1f}", f"{one['pgbench']:.1f}", f"{one['ratio']:.2f}"]
    return [one["name"], *rates, f"{one['p50_ms']:.1f}", f"{one['p95_ms']:.1f}", f"{one['cpu_ms']:.2f}"]


if __name__ == "__main__":
    sys.exit(main())
