"""Catalog's work in the Celery worker; everything here may run at any time, any number of times."""

from uuid import UUID

from celery import shared_task

from modules.catalog.logic import imports


@shared_task(name=imports.RUN_IMPORT)
def run_import(job_id: str) -> None:
    """Carry one uploaded file out, if it waits and nobody else does."""
    imports.run_uploaded(job_id=UUID(job_id))


@shared_task(name="catalog.run_imports")
def run_imports() -> None:
    """Carry out what was not begun, or left by a worker that is gone."""
    imports.run_due()
