"""Catalog's periodic work."""

from uuid import UUID

from celery import shared_task

from modules.catalog.logic import flips, imports, publishing, words


@shared_task(name="catalog.publish_due")
def publish_due() -> None:
    """Sent by beat: drafts appear at their time."""
    publishing.publish_due()


@shared_task(name="catalog.flip_prices")
def flip_prices() -> None:
    """Sent by beat: sales begin and end within seconds of their time."""
    flips.flip_due()


@shared_task(name=imports.RUN_IMPORT)
def run_import(job_id: str) -> None:
    """Carry one uploaded file out, if it waits and nobody else does."""
    imports.run_uploaded(job_id=UUID(job_id))


@shared_task(name="catalog.run_imports")
def run_imports() -> None:
    """Sent by beat: carry out what was not begun, or left by a worker that is gone."""
    imports.run_due()


@shared_task(name="catalog.count_words")
def count_words() -> None:
    """Sent by beat: how common each word is, by which a search chooses its way."""
    words.count_words()


@shared_task(name="catalog.forget_old_rows")
def forget_old_rows() -> None:
    """Sent by beat: delete what nobody asks for any more."""
    imports.forget_old()
