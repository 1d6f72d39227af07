"""Importing products: a job for each file, begun by staff or by an operator, carried out by import_runs.py."""

from datetime import timedelta
from functools import partial
from typing import BinaryIO
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of, atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import import_files
from modules.catalog.logic.import_entries import UnusableFile
from modules.catalog.logic.import_runs import Watch, claim, open_jobs, run, told
from modules.catalog.models import ImportJob

RUN_IMPORT = "catalog.run_import"
# Staff look after a season what last season's file did.
KEEP = timedelta(days=180)
# What can come of a row.
COUNTS = ("created", "updated", "unchanged", "failed")

log = structlog.get_logger(__name__)


class UnusableImport(Invalid):
    """Nothing of this file can be taken."""

    # details: errors, [{field, line, column, code, detail}]
    code = "unusable_file"


class AnotherFile(Conflict):
    """The import was begun with another file."""

    code = "another_file"


class ImportRuns(Conflict):
    """Somebody runs this import now (one that was killed: for two minutes more), or it is finished."""

    code = "import_not_open"


def check_file(*, file: BinaryIO, format: str, delimiter: str) -> None:  # noqa: A002  (its word everywhere)
    """Refuse a file that cannot be used at all (UnusableImport says why)."""
    try:
        import_files.open_file(file, format, delimiter)
    except UnusableFile as unusable:
        raise UnusableImport(errors=[{"field": "file"} | problem for problem in told(unusable.problems)]) from unusable


def begin_import(
    *, file: BinaryIO, file_name: str, format: str | None = None, delimiter: str = ",",  # noqa: A002  (its word everywhere)
    dry_run: bool, created_by: UUID | None, is_uploaded: bool, job_id: UUID | None = None,
) -> ImportJob:  # fmt: skip
    """A new job, looked after by the workers if it is uploaded; refuses a file that cannot be used (UnusableImport).

    Repeating it is safe where `job_id` is given: the job that has that id is returned.
    """
    if job_id and (begun := ImportJob.objects.filter(id=job_id).first()):
        return begun
    format = format or import_files.format_of(file_name)  # noqa: A001  (its word everywhere)
    check_file(file=file, format=format, delimiter=delimiter)
    digest, size = import_files.digest_of(file)
    job = ImportJob(
        id=job_id or new_id(), created_at=clock.now(), created_by=created_by, is_uploaded=is_uploaded, dry_run=dry_run,
        format=format, delimiter=delimiter, file_name=file_name[:200], digest=digest, size=size,
    )  # fmt: skip
    with atomic(ImportJob):
        job.save(force_insert=True)
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
    if job is not None and (lease := claim(job)) is not None:
        run(job, lease, import_files.kept_content(job), lambda _job, _outcome: None)


def run_import(*, job: ImportJob, file: BinaryIO, watch: Watch) -> ImportJob:
    """Carry a file out that the caller has; refuses while somebody else does, or when it is done (ImportRuns)."""
    lease = claim(job)
    if lease is None:
        raise ImportRuns
    return run(job, lease, file, watch)


def run_due() -> None:
    """Carry out what waits, and what was left by a worker that is gone; one after the other."""
    for job_id in open_jobs().filter(is_uploaded=True).order_by("created_at", "id").values_list("id", flat=True)[:20]:
        run_uploaded(job_id=job_id)


def forget_old() -> None:
    """Delete what was finished long ago; repeating is safe."""
    ImportJob.objects.filter(finished_at__lt=clock.now() - KEEP).delete()


def _nudge(job_id: UUID) -> None:
    """A worker begins at once; when the broker is away, the sweep finds the job."""
    try:
        current_app.send_task(RUN_IMPORT, args=[str(job_id)], retry=False)
    except KombuError as error:
        log.warning("import_not_nudged", error=repr(error))
