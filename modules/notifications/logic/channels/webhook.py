"""Webhooks as the Standard Webhooks specification has them: signed, told apart by an id that stays when repeated.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from ecommerce.kernel import clock
from ecommerce.kernel.db import refuse_in_transaction
from modules.notifications.logic.channels import public_network
from modules.notifications.logic.channels.letterbox import NotSent, Receipt
from modules.notifications.logic.webhooks import secrets
from modules.notifications.models import Message

# Its receiver wants no more of them.
GONE = "410"


def send(message: Message) -> Receipt:
    """Post one event to its endpoint; raises NotSent, also for an answer other than 2xx."""
    refuse_in_transaction("a webhook's receiver")
    body = message.text.encode()
    try:
        answer = public_network.post(message.address, body, _headers(message))
    except public_network.Unreachable as error:
        raise NotSent(code=error.code, permanent=False, detail=error.detail) from error
    if not 200 <= answer.status < 300:
        code = str(answer.status)
        raise NotSent(code=code, permanent=code == GONE, detail=answer.text)
    return Receipt()


def _headers(message: Message) -> dict[str, str]:
    # The event's id, so that a receiver sees that it has had it.
    event_id, now = str(message.reference_id), clock.now()
    assert message.endpoint is not None  # noqa: S101  (message_webhook_complete)
    return {
        "Content-Type": "application/json",
        "User-Agent": "shop-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": secrets.signatures(message.endpoint, event_id, now, message.text),
    }
