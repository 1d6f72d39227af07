"""`manage.py export_products [FILE]`: the assortment as CSV or JSON lines, as import_products reads it."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce.kernel import console
from ecommerce.kernel.errors import ServiceError
from modules.catalog.logic import product_files
from modules.catalog.logic.import_files import format_of
from modules.catalog.models import ImportJob


class Command(BaseCommand):
    help = "Export products with their variants, prices, stock and translations; to standard output without FILE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="where to (default: standard output)")
        parser.add_argument("--format", choices=ImportJob.Format.values, help="default: by FILE's ending, else csv")
        parser.add_argument("--category", metavar="SLUG", help="only what stands there and below")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        form = options["format"] or (format_of(path.name) if path else ImportJob.Format.CSV)
        try:
            pieces = product_files.export_products(format=form, category=options["category"])
            of = product_files.count_products(category=options["category"])
        except ServiceError as error:
            raise CommandError(error.detail) from error
        with path.open("wb") if path else nullcontext(sys.stdout.buffer) as out, console.Bars() as bars:
            for number, piece in enumerate(pieces):
                out.write(piece)
                bars.advance("export", "products", min(of, number * product_files.BATCH), of)
