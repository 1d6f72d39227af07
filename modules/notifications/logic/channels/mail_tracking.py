"""What a mail provider tells of the mails it took: Anymail checks that it is the provider, and reads its words.

Source: Twilio SendGrid, "Event Webhook Reference" and "Getting Started with the Event Webhook Security Features".
"""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Invalid, NotFound
from modules.notifications.models import Tracking

Outcome = Tracking.Outcome

_OUTCOMES = {
    EventType.DELIVERED: Outcome.DELIVERED,
    EventType.DEFERRED: Outcome.DEFERRED,
    EventType.BOUNCED: Outcome.BOUNCED,
    EventType.REJECTED: Outcome.REJECTED,
    EventType.COMPLAINED: Outcome.COMPLAINED,
}
_DEAD = (RejectReason.BOUNCED, RejectReason.INVALID)
_LONGEST_ID = 255


class UnknownProvider(NotFound):
    """This shop sends no mail by that provider, or knows no key to check its words with."""


class NotFromProvider(Invalid):
    """The signature is not the provider's."""

    code = "invalid_signature"


class Unreadable(Invalid):
    """The provider's events cannot be read."""

    code = "invalid_body"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One thing that became of one mail to `address`; `is_dead` when no mail will ever reach that address."""

    event_id: str
    message_id: UUID
    outcome: str
    address: str
    is_dead: bool
    detail: str
    at: datetime


def read(provider: str, request: HttpRequest) -> list[Told]:
    """What a provider's request tells of our mails; that a mail was opened or a link followed is not looked at.

    Refuses with UnknownProvider, NotFromProvider and Unreadable.
    """
    if provider not in _KEYS or not settings.ANYMAIL[_KEYS[provider][0]]:
        raise UnknownProvider
    view = _KEYS[provider][1]()
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure as failure:
        raise NotFromProvider from failure
    try:
        return list(_told(view.parse_events(request)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise Unreadable from error


def _sendgrid() -> Any:
    # Anymail has no account there to test with any more, and says so each time; our tests use its documented format.
    with warnings.catch_warnings(action="ignore"):
        return SendGridTrackingWebhookView()


_KEYS: dict[str, tuple[str, Callable[[], Any]]] = {
    "sendgrid": ("SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY", _sendgrid),
}


def _told(events: Iterable[AnymailTrackingEvent]) -> Iterable[Told]:
    for event in events:
        outcome, message_id = _OUTCOMES.get(event.event_type), _message_id(event)
        if outcome is None or message_id is None or not 0 < len(event.event_id or "") <= _LONGEST_ID:
            continue
        yield Told(
            event_id=event.event_id,
            message_id=message_id,
            outcome=outcome,
            address=str(event.recipient or ""),
            is_dead=_is_dead(event),
            detail=str(event.mta_response or event.description or "")[:1000].replace("\0", ""),
            at=event.timestamp or clock.now(),
        )


def _message_id(event: AnymailTrackingEvent) -> UUID | None:
    # mail.py gives it to the provider with each mail; mails of others who share its account have none.
    try:
        return UUID(str(event.metadata.get("message_id", "")))
    except ValueError:
        return None


def _is_dead(event: AnymailTrackingEvent) -> bool:
    if event.event_type == EventType.REJECTED:
        return event.reject_reason in _DEAD
    # A "blocked" one was refused for now, or for what it said: the address may be all right.
    return event.event_type == EventType.BOUNCED and (event.esp_event or {}).get("type") != "blocked"
