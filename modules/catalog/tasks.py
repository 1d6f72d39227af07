"""Catalog's periodic work."""

from uuid import UUID

from celery import shared_task

from modules.catalog.logic import (
    flips,
    image_making,
    imports,
    media,
    popularity,
    publishing,
    sent_images,
    stale_shelves,
    words,
)


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


@shared_task(name=sent_images.MAKE_RENDITIONS)
def make_renditions(image_id: str) -> None:
    """Make the sizes of one picture, if it waits and nobody else does."""
    image_making.make_renditions(image_id=UUID(image_id))


@shared_task(name="catalog.make_due_renditions")
def make_due_renditions() -> None:
    """Sent by beat: make what was not begun, put off, or left by a worker that is gone."""
    image_making.make_due()


@shared_task(name="catalog.delete_files")
def delete_files() -> None:
    """Sent by beat: delete the files that no picture names any more."""
    media.delete_due()


@shared_task(name="catalog.count_words")
def count_words() -> None:
    """Sent by beat: how common each word is, by which a search chooses its way."""
    words.count_words()


@shared_task(name="catalog.refresh_stale")
def refresh_stale() -> None:
    """Sent by beat: what stands on a shelf is found by the shelf's new name."""
    stale_shelves.refresh_stale()


@shared_task(name="catalog.count_sales")
def count_sales() -> None:
    """Sent by beat: what was sold since the last time is found sooner from now on."""
    popularity.count_sales()


@shared_task(name="catalog.forget_old_rows")
def forget_old_rows() -> None:
    """Sent by beat: delete what nobody asks for any more."""
    imports.forget_old()
