"""Orders' periodic work."""

from celery import shared_task

from modules.orders.logic import expiry


@shared_task(name="orders.expire_unpaid")
def expire_unpaid() -> None:
    """Sent by beat: what is not paid in time gives its stock back."""
    expiry.expire_due()
