"""Payments' work in the Celery worker."""

from celery import shared_task

from modules.payments.logic.providers import sandbox_webhooks


@shared_task(name=sandbox_webhooks.TASK)
def deliver_sandbox_webhooks() -> int:
    """The sandbox provider's own process: nudged when there is an event to deliver, and run every few seconds."""
    return sandbox_webhooks.deliver_due()
