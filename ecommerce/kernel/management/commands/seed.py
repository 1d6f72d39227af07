"""`manage.py seed`: the demonstration shop, the same for the same seed."""

import os
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ecommerce.kernel import console, registry
from ecommerce.kernel.errors import ServiceError


class Command(BaseCommand):
    help = "Fill the shop with a believable assortment, shipping, taxes and accounts; repeating it adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        # argparse reads a default that is text as it reads the option itself, and says what is wrong with it.
        products, seed = os.environ.get("SEED_PRODUCTS") or "500", os.environ.get("SEED") or "1"
        parser.add_argument("--products", type=int, default=products, help="how many (default: SEED_PRODUCTS or 500)")
        parser.add_argument("--seed", type=int, default=seed, help="another seed, another shop (default: SEED or 1)")
        parser.add_argument("--if-empty", action="store_true", help="leave out modules that hold something already")
        for extra in registry.extras:
            parser.add_argument(f"--{extra.option}", type=int, default=0, metavar="N", help=extra.help)
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration shop has passwords that everybody knows: set DEBUG=on.")
        for name in ("products", *(extra.option for extra in registry.extras)):
            if options[name] < 0:
                raise CommandError(f"--{name} is a number from 0 on.")
        started = time.monotonic()
        rows = plant(options["products"], options["seed"], only_empty=options["if_empty"])
        rows += add_extras({extra.option: options[extra.option] for extra in registry.extras}, options["seed"])
        seconds = time.monotonic() - started
        if options["format"] == "json":
            console.show_json(self.stdout, {"rows": rows, "seconds": round(seconds, 3)})
            return
        console.show_table(self.stdout, "Seeded", rows, empty="Nothing to do: the shop is not empty.")
        if rows:
            console.show_line(self.stdout, _summary(sum(row["rows"] for row in rows), seconds))


def plant(products: int, seed: int, *, only_empty: bool) -> list[dict[str, Any]]:
    """Let each local module make its part; returns what was made, by module."""
    made: list[dict[str, Any]] = []
    with console.Bars() as bars:
        for seeder in registry.seeders:
            if not (only_empty and not seeder.is_empty()):
                made += _part(seeder, products, seed, bars)
    return made


def add_extras(numbers: dict[str, int], seed: int) -> list[dict[str, Any]]:
    """Let the local modules add what was asked for by its option; returns what was made, by module."""
    made: list[dict[str, Any]] = []
    with console.Bars() as bars:
        for extra in registry.extras:
            if numbers[extra.option]:
                made += _part(extra, numbers[extra.option], seed, bars)
    return made


def _part(seeder: registry.Seeder | registry.Extra, number: int, seed: int, bars: console.Bars) -> list[dict[str, Any]]:
    started = time.monotonic()
    try:
        rows = seeder.run(number, seed, partial(bars.advance, seeder.module))
    except ServiceError as error:
        raise CommandError(f"{seeder.module}: {error.detail}") from error
    seconds = time.monotonic() - started
    return [
        {"module": seeder.module, "what": what, "rows": count, "rows/minute": _per_minute(count, seconds)}
        for what, count in rows.items()
    ]


def _per_minute(rows: int, seconds: float) -> int:
    return round(rows * 60 / max(seconds, 0.001))


def _summary(rows: int, seconds: float) -> str:
    return f"{rows} rows in {seconds:.1f} s, {_per_minute(rows, seconds)} rows/minute"
