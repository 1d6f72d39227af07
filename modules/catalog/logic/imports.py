"""Importing products: a job for each file, carried out batch by batch by whoever holds its lease.

Each batch commits together with the position after it, so a job that was killed goes on where it stopped, and what
comes of it is what would have come of it. A row that will not do costs only its own product.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

import structlog
from celery import current_app
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q
from kombu.exceptions import KombuError

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of, atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import import_files
from modules.catalog.logic.import_batches import Outcome, take_batch
from modules.catalog.logic.import_entries import Entry, Position, Problem, UnusableFile
from modules.catalog.logic.import_files import Batch
from modules.catalog.models import ImportChunk, ImportJob, Product

RUN_IMPORT = "catalog.run_import"
LEASE = timedelta(seconds=120)
# So many errors, and so many of a dry run's changes, are kept with a job.
MOST_ERRORS = 1000
MOST_CHANGES = 200
ATTEMPTS = 5
# What can come of a row.
COUNTS = ("created", "updated", "unchanged", "failed")
TRIES = 3

log = structlog.get_logger(__name__)

# Told after each batch: the job as it is now, and what came of the batch.
Watch = Callable[[ImportJob, Outcome], None]


class UnusableImport(Invalid):
    """Nothing of this file can be taken."""

    # details: errors, [{line, column, code, detail}]
    code = "unusable_file"


class AnotherFile(Conflict):
    """The import was begun with another file."""

    code = "another_file"


class ImportRuns(Conflict):
    """Somebody is running this import now, or it is finished."""

    code = "import_not_open"


class LeaseLost(Exception):
    """Somebody else runs the job by now; what this one did of the batch counts for nothing."""


def check_file(*, file: BinaryIO, format: str, delimiter: str) -> None:  # noqa: A002  (its word everywhere)
    """Refuse a file that cannot be used at all (UnusableImport says why)."""
    try:
        import_files.open_file(file, format, delimiter)
    except UnusableFile as unusable:
        raise UnusableImport(errors=_told(unusable.problems)) from unusable


def begin_import(
    *, file: BinaryIO, file_name: str, format: str | None = None, delimiter: str = ",",  # noqa: A002  (its word everywhere)
    dry_run: bool, created_by: UUID | None, is_uploaded: bool,
) -> ImportJob:  # fmt: skip
    """A new job, looked after by the workers if it is uploaded; refuses a file that cannot be used (UnusableImport)."""
    format = format or import_files.format_of(file_name)  # noqa: A001  (its word everywhere)
    check_file(file=file, format=format, delimiter=delimiter)
    digest, size = import_files.digest_of(file)
    job = ImportJob(
        format=format, delimiter=delimiter, file_name=file_name[:200], digest=digest, size=size, dry_run=dry_run,
        is_uploaded=is_uploaded, created_by=created_by, created_at=clock.now(),
    )  # fmt: skip
    with atomic(ImportJob):
        job.save()
        if is_uploaded:
            import_files.keep_content(job, file)
            transaction.on_commit(partial(_nudge, job.id), using=alias_of("catalog"), robust=True)
    return job


def resume_import(*, job_id: UUID, file: BinaryIO) -> ImportJob:
    """The job that was begun with this file; refuses another file, and a job that was uploaded."""
    job = ImportJob.objects.filter(id=job_id, is_uploaded=False).first()
    if job is None:
        raise NotFound("There is no such import.")
    if import_files.digest_of(file)[0] != job.digest:
        raise AnotherFile
    return job


def get_import(*, job_id: UUID) -> ImportJob:
    """A job by its id; refuses one that is not there."""
    if (job := ImportJob.objects.filter(id=job_id).first()) is None:
        raise NotFound("There is no such import.")
    return job


def run_uploaded(*, job_id: UUID) -> None:
    """Carry an uploaded file out, from where it stopped; does nothing while somebody else does, or when it is done."""
    job = ImportJob.objects.filter(id=job_id, is_uploaded=True).first()
    if job is not None and (lease := _claim(job)) is not None:
        _run(job, lease, import_files.kept_content(job), lambda _job, _outcome: None)


def run_import(*, job: ImportJob, file: BinaryIO, watch: Watch) -> ImportJob:
    """Carry a file out that the caller has; refuses while somebody else does, or when it is done (ImportRuns)."""
    lease = _claim(job)
    if lease is None:
        raise ImportRuns
    return _run(job, lease, file, watch)


def run_due() -> None:
    """Carry out what waits, and what was left by a worker that is gone; one after the other."""
    for job_id in _open_jobs().filter(is_uploaded=True).order_by("created_at", "id").values_list("id", flat=True)[:20]:
        run_uploaded(job_id=job_id)


def _open_jobs() -> Any:
    is_free = Q(leased_until=None) | Q(leased_until__lt=clock.now())
    return ImportJob.objects.filter(is_free, finished_at=None)


def _claim(job: ImportJob) -> UUID | None:
    lease, now = new_id(), clock.now()
    values = {
        "lease": lease,
        "leased_until": now + LEASE,
        "status": ImportJob.Status.RUNNING,
        "attempts": F("attempts") + 1,
    }
    if not _open_jobs().filter(id=job.id).update(**values):
        return None
    ImportJob.objects.filter(id=job.id, started_at=None).update(started_at=now)
    job.refresh_from_db()
    return lease


def _run(job: ImportJob, lease: UUID, file: BinaryIO, watch: Watch) -> ImportJob:
    if job.attempts > ATTEMPTS:
        words = f"It was begun {ATTEMPTS} times and got no further; the server's log says why."
        _finish(job, lease, [Problem(job.lines + 1, "", "server_error", words)])
        return job
    try:
        opened = import_files.open_file(file, job.format, job.delimiter)
        for batch in import_files.batches(opened, Position(job.offset, job.lines)):
            _take(job, lease, batch, watch)
        _finish(job, lease, [])
    except UnusableFile as unusable:
        _finish(job, lease, unusable.problems)
    except LeaseLost:
        log.warning("import_lease_lost", job_id=str(job.id))
    return job


def _take(job: ImportJob, lease: UUID, batch: Batch, watch: Watch) -> None:
    for attempt in range(TRIES):
        try:
            _carry_out(job, lease, batch, watch)
        except (IntegrityError, OperationalError) as error:
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
    except IntegrityError as error:
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
        values["errors"] = (job.errors + _told(outcome.problems))[:MOST_ERRORS]
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
        values["errors"] = (job.errors + _told(problems))[:MOST_ERRORS]
        values["error_count"] = job.error_count + len(problems)
    with atomic(ImportJob):
        if not ImportJob.objects.filter(id=job.id, lease=lease).update(**values):
            raise LeaseLost
        ImportChunk.objects.filter(job=job).delete()
    _note(job, values)


def _note(job: ImportJob, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(job, name, value)


def _told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem._asdict() for problem in problems]


def _nudge(job_id: UUID) -> None:
    """A worker begins at once; when the broker is away, the sweep finds the job."""
    try:
        current_app.send_task(RUN_IMPORT, args=[str(job_id)], retry=False)
    except KombuError as error:
        log.warning("import_not_nudged", error=repr(error))
