"""Catalog's periodic work."""

from celery import shared_task

from modules.catalog.logic import publishing


@shared_task(name="catalog.publish_due")
def publish_due() -> None:
    """Sent by beat: drafts appear at their time."""
    publishing.publish_due()
