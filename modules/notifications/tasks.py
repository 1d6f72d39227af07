"""Sending, in the Celery worker: both may run at any time, any number of times."""

from uuid import UUID

from celery import shared_task

from modules.notifications.logic import deliveries, handover, sms_costs, stock_alerts
from modules.notifications.logic.webhooks import log


@shared_task(name=handover.DELIVER_MESSAGE)
def deliver_message(message_id: str) -> None:
    """Send one message, if it is still to be sent and nobody else is sending it."""
    deliveries.deliver(UUID(message_id))


@shared_task(name="notifications.send_due")
def send_due() -> None:
    """Hand over what is due and not in the broker's hands: retries, and what a dead worker or broker has lost."""
    handover.hand_over_due()


@shared_task(name="notifications.tell_back_in_stock")
def tell_back_in_stock() -> None:
    """Write to those who wait for goods that can be bought again."""
    stock_alerts.tell()


@shared_task(name="notifications.forget_old_rows")
def forget_old_rows() -> None:
    """Delete what webhooks were told long ago."""
    log.forget_old()


@shared_task(name="notifications.count_sms_costs")
def count_sms_costs() -> None:
    """Keep what Twilio has charged for what was sent lately."""
    sms_costs.count()
