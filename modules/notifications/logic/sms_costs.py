"""What SMS cost: Twilio knows the price some time after it has sent one, and tells who asks."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog
from django.db.models import Sum

from ecommerce.kernel import clock
from modules.notifications.logic.channels import twilio
from modules.notifications.logic.channels.letterbox import NotSent
from modules.notifications.models import Delivery, Message

log = structlog.get_logger()

# What has no price by then will have none.
ASKED_FOR = timedelta(days=3)
MOST_PAGES = 20
_LARGEST = 10_000


def count() -> int:
    """Keep price and length of what was sent lately and has no price yet; returns of how many. Repeating is safe."""
    since = clock.now() - ASKED_FOR
    unpriced = {"channel": Message.Channel.SMS, "status": Message.Status.SENT, "sent_at__gte": since, "cost": None}
    sent = Delivery.objects.filter(
        status=Delivery.Status.SENT, **{f"message__{name}": value for name, value in unpriced.items()}
    )
    waiting = dict(sent.values_list("provider_id", "message_id"))
    if not waiting or not twilio.is_configured():
        return 0
    found = 0
    try:
        for told in twilio.sent_since(since, most_pages=MOST_PAGES):
            message_id, figures = waiting.get(str(told.get("sid"))), _figures(told)
            if message_id and figures:
                found += Message.objects.filter(pk=message_id).update(**figures)
    except NotSent as failure:
        log.warning("sms_costs_not_told", code=failure.code)
    return found


def segments_of_the_day() -> int:
    """How many SMS segments were sent in the last 24 hours: what they cost by."""
    lately = Message.objects.filter(
        channel=Message.Channel.SMS, status=Message.Status.SENT, sent_at__gte=clock.now() - timedelta(days=1)
    )
    return int(lately.aggregate(total=Sum("segments", default=0))["total"])


def _figures(told: dict[str, Any]) -> dict[str, Any]:
    """What Twilio tells of a message that has its price; prices are below zero, being charged."""
    price, currency = _number(told.get("price")), str(told.get("price_unit") or "")
    if price is None or len(currency) != 3:
        return {}
    figures = {"cost": -price, "cost_currency": currency.upper()}
    segments = _number(told.get("num_segments"))
    return figures | {"segments": int(segments)} if segments and segments > 0 else figures


def _number(text: object) -> Decimal | None:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _LARGEST else None
