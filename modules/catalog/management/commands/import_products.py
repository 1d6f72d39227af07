"""`manage.py import_products FILE`: products, prices and stock from CSV or JSON lines."""

import sys
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce.kernel import console
from ecommerce.kernel.errors import ServiceError
from modules.catalog.logic import imports
from modules.catalog.logic.import_batches import Outcome
from modules.catalog.logic.imports import COUNTS, UnusableImport
from modules.catalog.models import ImportJob

ROWS_FAILED = 1
UNUSABLE = 2


class Command(BaseCommand):
    help = (
        "Import products from CSV or JSON lines. A row that will not do costs only its own product. "
        "Exit status: 0 all rows taken, 1 some rows failed, 2 the file cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=".jsonl and .ndjson are JSON lines, anything else is CSV")
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say what would change")
        parser.add_argument("--delimiter", default=",", help="what stands between two cells (default: a comma)")
        parser.add_argument("--resume", type=UUID, metavar="JOB", help="go on with an import that was stopped")
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["format"] == "json"
        try:
            with options["file"].open("rb") as file:
                job = self._import(file, options, as_json=as_json)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.", returncode=UNUSABLE) from error
        except UnusableImport as error:
            raise CommandError(_listed(error.details["errors"]), returncode=UNUSABLE) from error
        except ServiceError as error:
            raise CommandError(error.detail, returncode=UNUSABLE) from error
        self._answer(job, as_json=as_json)
        if job.status == ImportJob.Status.FAILED:
            sys.exit(UNUSABLE)
        if job.failed:
            sys.exit(ROWS_FAILED)

    def _import(self, file: BinaryIO, options: dict[str, Any], *, as_json: bool) -> ImportJob:
        job = _job(file, options)
        # Before anything happens, so that it is known when this process is killed.
        console.show_line(self.stderr, f"Import {job.id}; when it is stopped: --resume {job.id}")
        with console.Bars() as bars:

            def watch(job: ImportJob, outcome: Outcome) -> None:
                bars.advance("import", f"{_rows(job)} rows", job.offset, job.size)
                for change in [] if as_json else outcome.changes:
                    self._show_change(change)

            return imports.run_import(job=job, file=file, watch=watch)

    def _show_change(self, told: dict[str, Any]) -> None:
        console.show_line(self.stdout, f"{told['action']} {told['key']} (line {told['line']})")
        for change in told["changes"]:
            whose = f"{change['sku']} " if change["sku"] else ""
            console.show_line(self.stdout, f"  {whose}{change['column']}: {change['old']!r} -> {change['new']!r}")

    def _answer(self, job: ImportJob, *, as_json: bool) -> None:
        rows = {"read": _rows(job)} | {name: getattr(job, name) for name in COUNTS}
        if as_json:
            told = {"id": job.id, "status": job.status, "dry_run": job.dry_run, "rows": rows, "errors": job.errors}
            console.show_json(self.stdout, told | ({"changes": job.changes} if job.dry_run else {}))
            return
        console.show_table(self.stdout, "Errors", job.errors, empty="No errors.")
        if job.error_count > len(job.errors):
            console.show_line(self.stdout, f"… and {job.error_count - len(job.errors)} more.")
        title = "Would be imported" if job.dry_run else "Imported"
        console.show_table(
            self.stdout, title, [{"rows": name, "count": count} for name, count in rows.items()], empty=""
        )


def _job(file: BinaryIO, options: dict[str, Any]) -> ImportJob:
    if options["resume"]:
        return imports.resume_import(job_id=options["resume"], file=file)
    return imports.begin_import(
        file=file,
        file_name=options["file"].name,
        delimiter=options["delimiter"],
        dry_run=options["dry_run"],
        created_by=None,
        is_uploaded=False,
    )


def _rows(job: ImportJob) -> int:
    return sum(getattr(job, name) for name in COUNTS)


def _listed(errors: list[dict[str, Any]]) -> str:
    return "\n".join(f"line {error['line']}: {error['detail']}" for error in errors)
