"""The words of SMS: short, so that most are one message, and without secret links."""

from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from modules.notifications.logic.channels import sms
from modules.notifications.logic.channels.segments import measure
from modules.notifications.logic.letters import Letter, spoken
from modules.notifications.models import Message
from modules.orders.contracts import Order

# One message, or two in a language that the short alphabet cannot write.
_MOST_PARTS = {True: 1, False: 2}


def about_order(message: Message, order: Order) -> Letter:
    """What an SMS tells of an order or its parcel, in the buyer's language; the carrier's link where it is short."""
    language = spoken(order.language)
    words = {"number": order.number, "takes_answers": sms.takes_answers(), **_parcel(message, order)}
    text = _render(message.topic, language, words)
    length = measure(text)
    if words.get("link") and length.segments > _MOST_PARTS[length.is_gsm]:
        text = _render(message.topic, language, words | {"link": ""})
    return Letter(language=language, subject="", text=text, html="")


def _parcel(message: Message, order: Order) -> dict[str, str]:
    parcels = [shipment for shipment in order.shipments if shipment.id == message.reference_id]
    if not parcels:
        return {}
    return {"carrier": " ".join(parcels[0].carrier.split()), "link": parcels[0].tracking_url or ""}


def _render(topic: str, language: str, words: dict[str, Any]) -> str:
    template: Any = get_template(f"notifications/sms/{topic}/{language}.txt")
    text: str = template.template.render(Context({"shop": settings.SHOP_NAME, **words}, autoescape=False))
    return " ".join(text.split())
