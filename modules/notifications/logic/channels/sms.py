"""SMS, by Twilio: each once, although it knows no idempotency keys."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from modules.notifications.logic.channels import twilio
from modules.notifications.logic.channels.letterbox import NotSent, Receipt
from modules.notifications.models import Delivery, Message, Tracking

PROVIDER = "twilio"
CALLBACK = "/api/v1/notifications/tracking/twilio/"
# How far Twilio's clock and ours may lie apart.
CLOCKS = timedelta(minutes=5)


def send(message: Message) -> Receipt:
    """Hand one SMS to Twilio; raises NotSent.

    Where it was tried before, Twilio may have taken it and its answer was lost: then it is looked for first.
    """
    if earlier := _taken_before(message):
        return Receipt(provider_id=earlier)
    sid = twilio.create(_form(message)).get("sid")
    if not sid:
        raise NotSent(code="unreadable", permanent=False, detail="")
    return Receipt(provider_id=str(sid))


def takes_answers() -> bool:
    """Whether who gets an SMS can answer it, with STOP: a name as a sender cannot be answered."""
    return settings.TWILIO_SENDER.startswith("+")


def _form(message: Message) -> dict[str, str]:
    sender = "MessagingServiceSid" if settings.TWILIO_SENDER.startswith("MG") else "From"
    form = {"To": message.address, sender: settings.TWILIO_SENDER, "Body": message.text}
    # Twilio refuses addresses that it cannot reach: a developer's machine.
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host != "127.0.0.1" and host.rpartition(".")[2] != "localhost":
        form["StatusCallback"] = f"{settings.PUBLIC_URL}{CALLBACK}?message_id={message.pk}"
    return form


def _taken_before(message: Message) -> str:
    """Twilio's id of the message, where an earlier attempt has reached it; else empty."""
    first = Delivery.objects.filter(message=message).exclude(status=Delivery.Status.STARTED).order_by("pk").first()
    if first is None:
        return ""
    told = Tracking.objects.filter(message=message, provider=PROVIDER).order_by("pk").first()
    if told is not None:
        return told.event_id.partition(":")[0]
    since = first.started_at - CLOCKS
    alike = [
        str(one.get("sid"))
        for one in twilio.sent_to(message.address)
        # A trial account puts words of its own before ours.
        if str(one.get("body")).endswith(message.text) and (twilio.created_at(one) or since) >= since
    ]
    of_others = _of_others(alike, since - CLOCKS)
    return next((sid for sid in alike if sid not in of_others), "")


def _of_others(sids: list[str], since: datetime) -> set[str]:
    """Those that are known to be another message of ours, sent since then."""
    sent = {"message__channel": Message.Channel.SMS, "message__status": Message.Status.SENT}
    deliveries = Delivery.objects.filter(**sent, message__sent_at__gte=since, provider_id__in=sids)
    return set(deliveries.values_list("provider_id", flat=True))
