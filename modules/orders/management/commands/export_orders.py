"""`manage.py export_orders`: placed orders as CSV or JSON lines."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce.kernel import console
from modules.orders.contracts import OrderStatus, PaymentState
from modules.orders.logic import order_files
from modules.orders.models import Order

FILTERS = ("status", "payment_status", "fulfilment_status", "placed_after", "placed_before")
UNWRITABLE = 2


class Command(BaseCommand):
    help = (
        "Export placed orders, oldest first. The file holds what is personal: only its owner may read it. It gets its"
        " name when it is whole. Exit status 2 where it cannot be written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=order_files.FORMATS, help="default: by FILE's ending, else csv")
        parser.add_argument("--out", type=Path, metavar="FILE", help="where to (default: standard output)")
        parser.add_argument("--status", choices=[status.value for status in OrderStatus])
        parser.add_argument("--payment-status", choices=[state.value for state in PaymentState])
        parser.add_argument("--fulfilment-status", choices=Order.FulfilmentStatus.values)
        parser.add_argument(
            "--placed-after", type=console.instant, metavar="WHEN", help="from then on: 2026-11-01, or an instant"
        )
        parser.add_argument(
            "--placed-before", type=console.instant, metavar="WHEN", help="until then, which is left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["out"]
        asked = {name: options[name] for name in FILTERS}
        try:
            with _opened(path) as out, console.Bars() as bars:
                _write(out, bars, options["format"] or _format_of(path), asked)
        except OSError as error:
            raise CommandError(f"{path or 'standard output'}: {error.strerror}.", returncode=UNWRITABLE) from error


def _write(out: BinaryIO, bars: console.Bars, form: str, asked: dict[str, Any]) -> None:
    of, done = order_files.count_orders(**asked), 0
    for piece in order_files.export_orders(format=form, **asked):
        out.write(piece)
        bars.advance("export", "orders", min(of, done), of)
        done += order_files.BATCH
    bars.advance("export", "orders", of, of)


def _format_of(path: Path | None) -> str:
    return "jsonl" if path and path.suffix in (".jsonl", ".ndjson") else "csv"


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
