"""Catalog's periodic work."""

from celery import shared_task

from modules.catalog.logic import flips, publishing


@shared_task(name="catalog.publish_due")
def publish_due() -> None:
    """Sent by beat: drafts appear at their time."""
    publishing.publish_due()


@shared_task(name="catalog.flip_prices")
def flip_prices() -> None:
    """Sent by beat: sales begin and end within seconds of their time."""
    flips.flip_due()
