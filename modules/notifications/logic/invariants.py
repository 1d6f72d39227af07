"""What must hold in notifications' tables, and what its operators should know."""

from ecommerce.kernel.registry import Diagnosis, Invariant
from modules.notifications.logic import breakers
from modules.notifications.models import Message

SENT_WITHOUT_DELIVERY = """
    SELECT message.id, message.topic, message.reference_id FROM notifications_message message
    WHERE message.status = 'sent' AND NOT EXISTS (
        SELECT FROM notifications_delivery delivery
        WHERE delivery.message_id = message.id AND delivery.status = 'sent')
"""

SENT_TWICE = """
    SELECT message_id, count(*) AS times FROM notifications_delivery
    WHERE status = 'sent' GROUP BY message_id HAVING count(*) > 1
"""

DELIVERED_BUT_NOT_SENT = """
    SELECT message.id, message.status FROM notifications_message message
    JOIN notifications_delivery delivery ON delivery.message_id = message.id
    WHERE delivery.status = 'sent' AND message.status <> 'sent'
"""

INVARIANTS = [
    Invariant(module="notifications", name="what is sent has a delivery", sql=SENT_WITHOUT_DELIVERY),
    Invariant(module="notifications", name="nothing is sent twice", sql=SENT_TWICE),
    Invariant(module="notifications", name="what is delivered counts as sent", sql=DELIVERED_BUT_NOT_SENT),
]


def count_parked() -> int:
    """How many messages wait for people."""
    return Message.objects.filter(status=Message.Status.PARKED).count()


def complain_of_parked() -> str | None:
    """For the doctor: what is parked, and what to do."""
    if not (count := count_parked()):
        return None
    return f"{count} parked; see `manage.py notifications list`, then `manage.py notifications replay`"


DIAGNOSES = [
    Diagnosis(name="messages", ask=complain_of_parked),
    Diagnosis(name="message providers", ask=breakers.complain),
]
