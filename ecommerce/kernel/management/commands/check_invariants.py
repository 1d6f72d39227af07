"""`manage.py check_invariants`: everything that must hold, in each module's tables and between the modules."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from ecommerce.kernel import console, registry
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.errors import Unavailable

SAMPLE = 5

Broken = dict[str, Any]


class Command(BaseCommand):
    help = "Check what must hold in each module's tables and between the modules; exit 1 where something is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with console.Bars() as bars:
            broken = [*check_modules(bars), *check_across(bars)]
        checked = len(registry.invariants) + len(registry.cross_checks)
        if options["format"] == "json":
            console.show_json(self.stdout, {"checked": checked, "broken": broken})
        else:
            empty = f"All {checked} invariants hold."
            console.show_table(self.stdout, f"Broken ({checked} were checked)", broken, empty=empty)
        if broken:
            raise SystemExit(1)


def check_modules(bars: console.Bars) -> list[Broken]:
    """Run each module's own queries on its own database; what they find is broken."""
    found = []
    for done, invariant in enumerate(registry.invariants, start=1):
        found.append(_rows(invariant))
        bars.advance("modules", "invariants", done, len(registry.invariants))
    return [broken for broken in found if broken is not None]


def check_across(bars: console.Bars) -> list[Broken]:
    """Ask the modules' public functions; what does not fit together is broken, and so is what could not be asked."""
    found = []
    for done, check in enumerate(registry.cross_checks, start=1):
        found.append(_lines(check))
        bars.advance("between modules", "cross-checks", done, len(registry.cross_checks))
    return [broken for broken in found if broken is not None]


def _rows(invariant: registry.Invariant) -> Broken | None:
    with connections[alias_of(invariant.module)].cursor() as cursor:
        # Both are text of our own code, never of users.
        cursor.execute(f"SELECT * FROM ({invariant.sql}) broken LIMIT {SAMPLE}")  # noqa: S608  (our own SQL)
        names = [column.name for column in cursor.description or ()]
        rows = [" ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in cursor]
        if not rows:
            return None
        cursor.execute(f"SELECT count(*) FROM ({invariant.sql}) broken")  # noqa: S608  (our own SQL)
        return _broken(invariant.module, invariant.name, cursor.fetchone()[0], rows)


def _lines(check: registry.CrossCheck) -> Broken | None:
    try:
        lines = iter(check.find())
        sample = list(islice(lines, SAMPLE))
        return _broken("between modules", check.name, len(sample) + sum(1 for _ in lines), sample) if sample else None
    except Unavailable as error:
        return _broken("between modules", check.name, 0, [f"could not be asked: {error.detail}"])


def _broken(where: str, name: str, count: int, sample: list[str]) -> Broken:
    return {"where": where, "what should hold": name, "rows": count, "for example": sample}
