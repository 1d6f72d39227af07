"""Carrying a file out, batch by batch, under a lease: whoever has lost it writes nothing more.

Each batch commits together with the position after it, so a job that was killed goes on where it stopped, and what
comes of it is what would have come of it. A row that will not do costs only its own product.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, OperationalError, reset_queries
from django.db.models import F, Q, QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import import_files
from modules.catalog.logic.import_batches import Outcome, take_batch
from modules.catalog.logic.import_entries import Entry, Position, Problem, UnusableFile
from modules.catalog.logic.import_files import Batch
from modules.catalog.models import ImportChunk, ImportJob, Product

LEASE = timedelta(seconds=120)
# So many errors, and so many of a dry run's changes, are kept with a job.
MOST_ERRORS = 1000
MOST_CHANGES = 200
ATTEMPTS = 5
TRIES = 3

log = structlog.get_logger(__name__)

# Told after each batch: the job as it is now, and what came of the batch.
Watch = Callable[[ImportJob, Outcome], None]


class LeaseLost(Exception):
    """Somebody else runs the job by now; what this one did of the batch counts for nothing."""


def open_jobs() -> QuerySet[ImportJob]:
    """What is not finished and nobody runs."""
    is_free = Q(leased_until=None) | Q(leased_until__lt=clock.now())
    return ImportJob.objects.filter(is_free, finished_at=None)


def claim(job: ImportJob) -> UUID | None:
    """The lease of a job, or None while somebody else has it or when the job is finished."""
    lease, now = new_id(), clock.now()
    values = {
        "lease": lease,
        "leased_until": now + LEASE,
        "status": ImportJob.Status.RUNNING,
        "attempts": F("attempts") + 1,
    }
    if not open_jobs().filter(id=job.id).update(**values):
        return None
    ImportJob.objects.filter(id=job.id, started_at=None).update(started_at=now)
    job.refresh_from_db()
    return lease


def run(job: ImportJob, lease: UUID, file: BinaryIO, watch: Watch) -> ImportJob:
    """Go on from where it stopped until the file ends; stops where the lease is lost."""
    if job.attempts > ATTEMPTS:
        words = f"It was begun {ATTEMPTS} times and got no further; the server's log says why."
        _finish(job, lease, [Problem(job.lines + 1, "", "server_error", words)])
        return job
    try:
        opened = import_files.open_file(file, job.format, job.delimiter)
        for batch in import_files.batches(opened, Position(job.offset, job.lines)):
            _take(job, lease, batch, watch)
            # With DEBUG Django remembers every statement, and these are long.
            reset_queries()
        _finish(job, lease, [])
    except UnusableFile as unusable:
        _finish(job, lease, unusable.problems)
    except LeaseLost:
        log.warning("import_lease_lost", job_id=str(job.id))
    except BaseException:
        # Ctrl-C too: whoever goes on need not wait for the lease to run out.
        ImportJob.objects.filter(id=job.id, lease=lease).update(lease=None, leased_until=None)
        raise
    return job


def told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as they are kept and answered."""
    return [problem._asdict() for problem in problems]


def _take(job: ImportJob, lease: UUID, batch: Batch, watch: Watch) -> None:
    for attempt in range(TRIES):
        try:
            _carry_out(job, lease, batch, watch)
        except (IntegrityError, DataError, OperationalError) as error:
            # Somebody took a SKU between our look and our write, or we waited for each other: look again.
            log.info("import_batch_again", job_id=str(job.id), attempt=attempt, error=type(error).__name__)
            if attempt + 1 == TRIES and isinstance(error, OperationalError):
                raise
        else:
            return
    for entry in batch.entries:
        _take_alone(job, lease, entry, watch)


def _take_alone(job: ImportJob, lease: UUID, entry: Entry, watch: Watch) -> None:
    """One product by itself, so that what the database refuses costs only this one."""
    alone = Batch([entry], entry.end)
    try:
        _carry_out(job, lease, alone, watch)
    except (IntegrityError, DataError) as error:
        constraint = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
        outcome = Outcome()
        outcome.fail(entry, [Problem(entry.line, "", "conflict", f"The database refuses it: {constraint}.")])
        _note(job, _advance(job, lease, outcome, entry.end))
        watch(job, outcome)


def _carry_out(job: ImportJob, lease: UUID, batch: Batch, watch: Watch) -> None:
    with atomic(Product):
        outcome = take_batch(batch.entries, actor_id=job.created_by, dry_run=job.dry_run)
        values = _advance(job, lease, outcome, batch.end)
    # Only what is committed is so.
    _note(job, values)
    watch(job, outcome)


def _advance(job: ImportJob, lease: UUID, outcome: Outcome, end: Position) -> dict[str, Any]:
    """In the batch's transaction, note how far it is; LeaseLost takes the batch back."""
    values = {
        "created": job.created + outcome.created,
        "updated": job.updated + outcome.updated,
        "unchanged": job.unchanged + outcome.unchanged,
        "failed": job.failed + outcome.failed,
        "offset": end.offset,
        "lines": end.lines,
        "leased_until": clock.now() + LEASE,
        "attempts": 0,
    }
    if outcome.problems:
        values["errors"] = (job.errors + told(outcome.problems))[:MOST_ERRORS]
        values["error_count"] = job.error_count + len(outcome.problems)
    if outcome.changes and len(job.changes) < MOST_CHANGES:
        values["changes"] = (job.changes + outcome.changes)[:MOST_CHANGES]
    if not ImportJob.objects.filter(id=job.id, lease=lease).update(**values):
        raise LeaseLost
    return values


def _finish(job: ImportJob, lease: UUID, problems: Sequence[Problem]) -> None:
    now = clock.now()
    values: dict[str, Any] = {"finished_at": now, "leased_until": None, "lease": None, "status": ImportJob.Status.DONE}
    if problems:
        values["status"] = ImportJob.Status.FAILED
        values["errors"] = (job.errors + told(problems))[:MOST_ERRORS]
        values["error_count"] = job.error_count + len(problems)
    with atomic(ImportJob):
        if not ImportJob.objects.filter(id=job.id, lease=lease).update(**values):
            raise LeaseLost
        ImportChunk.objects.filter(job=job).delete()
    _note(job, values)


def _note(job: ImportJob, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(job, name, value)
