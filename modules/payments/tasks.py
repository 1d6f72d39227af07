"""Payments' work in the Celery worker."""

from celery import shared_task

from modules.payments.logic import sweeps
from modules.payments.logic.providers import sandbox_webhooks


@shared_task(name=sandbox_webhooks.TASK)
def deliver_sandbox_webhooks() -> int:
    """The sandbox provider's own process: nudged when there is an event to deliver, and run every few seconds."""
    return sandbox_webhooks.deliver_due()


@shared_task(name="payments.capture_lapsing")
def capture_lapsing() -> int:
    """Authorisations are taken before they lapse."""
    return sweeps.capture_lapsing()


@shared_task(name="payments.refund_surplus")
def refund_surplus() -> int:
    """What was captured beyond a payment's amount goes back."""
    return sweeps.refund_surplus()


@shared_task(name="payments.forget_old_events")
def forget_old_events() -> int:
    """What providers told long ago is deleted."""
    return sweeps.forget_old_events()
