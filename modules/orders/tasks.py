"""Orders' periodic work."""

from celery import shared_task

from modules.orders.logic import edits, expiry


@shared_task(name="orders.expire_unpaid")
def expire_unpaid() -> None:
    """Sent by beat: what is not paid in time gives its stock back, orders and what was to be added to them."""
    expiry.expire_due()
    edits.lapse_due()
