"""`python -m ecommerce.launch exec -- python -m benchmarks.imports`: how fast files come in, and in how much memory.

On an empty database of its own beside DATABASE_URL's, by the commands that operators use: rows a second and the most
memory that the process held, start of Python included.
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
from rich.table import Table

DATABASE = "bench_imports"
SIZES = ("S", "M", "L", "XL")
HEADER = (
    *("key", "title", "description", "category", "status", "options", "sku", "weight_g", "option.Size"),
    *("attr.material", "price.EUR", "price.USD", "on_hand", "title.de"),
)
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
    """Measure each in turn and print a table; 1 where a command failed."""
    parser = argparse.ArgumentParser(prog="benchmarks.imports")
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), rows)
    table = Table("what", "rows", "seconds", "rows/s", "CPU s", "peak MiB", title="Files of products")
    for figure in figures:
        rate = round(figure.rows / figure.seconds)
        numbers = (f"{figure.seconds:.1f}", str(rate), f"{figure.cpu_seconds:.1f}", f"{figure.megabytes:.0f}")
        table.add_row(figure.what, str(figure.rows), *numbers)
    Console().print(table)
    return 0


def measure(folder: Path, rows: int) -> list[Figure]:
    """An empty shop is filled, the same file comes again, then new prices, a stock-take; all of it goes out again."""
    environment = os.environ | {"DATABASE_URL": _empty_database()}
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
        raise SystemExit(f"{what}: exit status {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Figure(what, rows, time.monotonic() - started, cpu, usage.ru_maxrss / 1024)


def _empty_database() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
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
