"""Catalog's periodic work."""

from celery import shared_task

from modules.catalog.logic import flips


@shared_task(name="catalog.flip_prices")
def flip_prices() -> None:
    """Sent by beat: sales begin and end within seconds of their time."""
    flips.flip_due()
