"""`python -m benchmarks.imports`: what `make bench-imports` calls. How fast files come in and go out, and in how much
memory.

On an empty database of its own on the servers of a running shop, by the commands that operators use: rows a second and
the most memory that the process held, start of Python included.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from rich.console import Console

from benchmarks import machine
from benchmarks.report import DOCUMENT, in_markdown, print_table, replaced
from benchmarks.shop import open_shop
from ecommerce.kernel import clock
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.signals import Stop, raise_stop

DATABASE = "bench_imports"
TITLE = "Files of products"
BEGIN, END = "<!-- imports: written by `make bench-imports`, do not edit -->", "<!-- end of imports -->"
SIZES = ("S", "M", "L", "XL")
HEADER = (
    *("key", "title", "description", "category", "status", "options", "sku", "weight_g", "option.Size"),
    *("attr.material", "price.EUR", "price.USD", "on_hand", "title.de"),
)
console = Console(highlight=False, emoji=False)
SHELF = "from modules.catalog.models import Category; Category.objects.create(slug='shelf', name='Shelf')"


class Figure(NamedTuple):
    """One run of a command."""

    what: str
    rows: int
    seconds: float
    # Of the command's own process; the database's come on top.
    cpu_seconds: float
    megabytes: float


def main() -> int:
    """Measure each in turn, print, publish; 1 where a command failed."""
    parser = argparse.ArgumentParser(prog="benchmarks.imports", description="Measure imports and exports of products.")
    parser.add_argument("--rows", type=int, help="rows of each file (100,000)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    plan = parser.parse_args()
    rows = plan.rows or (1000 if plan.quick else 100_000)
    raise_stop()
    load = os.getloadavg()[0]
    try:
        with open_shop(1) as shop, tempfile.TemporaryDirectory() as folder:
            known = machine.describe(shop)
            figures = measure(shop.environment(), Path(folder), rows)
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, RuntimeError) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    print_table(TITLE, table(figures), console)
    if not plan.quick:
        remark = f"- {clock.now():%Y-%m-%d}, commit {known['commit'] or 'unknown'}; load average before: {load:.1f}"
        text = f"{remark}\n\n{in_markdown(TITLE, table(figures))}"
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), text, begin=BEGIN, end=END))
    return 0


def table(figures: list[Figure]) -> list[list[str]]:
    """The figures, the first row the head."""
    rows = [["what", "rows", "seconds", "rows/s", "CPU s", "peak MiB"]]
    for figure in figures:
        rate = round(figure.rows / figure.seconds)
        numbers = (f"{figure.seconds:.1f}", f"{rate:,}", f"{figure.cpu_seconds:.1f}", f"{figure.megabytes:.0f}")
        rows.append([figure.what, f"{figure.rows:,}", *numbers])
    return rows


def measure(environment: dict[str, str], folder: Path, rows: int) -> list[Figure]:
    """An empty shop is filled, the same file comes again, then new prices, a stock-take; all of it goes out again."""
    environment = environment | {"DATABASE_URL": _empty_database(environment["DATABASE_URL"])}
    for command in (("migrate", "--verbosity", "0"), ("shell", "--command", SHELF)):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    whole, prices, stock, out = (folder / name for name in ("whole.csv", "prices.csv", "stock.csv", "out.jsonl"))
    _write(whole, HEADER, (_row(number) for number in range(rows)))
    _write(prices, ("sku", "price.EUR"), ((f"S-{number}", "12.34") for number in range(rows)))
    _write(stock, ("sku", "on_hand"), ((f"S-{number}", "7") for number in range(rows)))
    return [
        _run(environment, rows, what, *command)
        for what, command in {
            "dry run": ("import_products", whole, "--dry-run", "--format", "json"),
            "new products": ("import_products", whole),
            "the same again": ("import_products", whole),
            "new prices by SKU": ("import_products", prices),
            "a stock-take by SKU": ("import_products", stock),
            "export, CSV": ("export_products", out.with_suffix(".csv")),
            "export, JSON lines": ("export_products", out),
        }.items()
    ]


def _run(environment: dict[str, str], rows: int, what: str, *command: Any) -> Figure:
    started = time.monotonic()
    arguments = [sys.executable, "manage.py", *map(str, command)]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{what}: exit status {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Figure(what, rows, time.monotonic() - started, cpu, usage.ru_maxrss / 1024)


def _empty_database(beside: str) -> str:
    url = urlsplit(beside)
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return url._replace(path=f"/{DATABASE}").geturl()


def _write(path: Path, header: tuple[str, ...], rows: Any) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _row(number: int) -> tuple[str, ...]:
    """Four variants a product."""
    product, place = divmod(number, len(SIZES))
    size, cents = SIZES[place], f"{number % 90 + 10}.99"
    variant = (f"S-{number}", "250", size)
    if place:
        return (f"K-{product}", "", "", "", "", "", *variant, "", cents, cents, str(number % 50), "")
    words = (f"Thing number {product}", "A believable description of some length. " * 6, "shelf", "published", "Size")
    return (f"K-{product}", *words, *variant, "linen", cents, cents, str(number % 50), f"Ding Nummer {product}")


if __name__ == "__main__":
    sys.exit(main())
