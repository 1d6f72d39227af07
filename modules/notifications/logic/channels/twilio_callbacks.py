"""What Twilio calls us for: what became of an SMS, and what somebody has answered to one.

Source: Twilio, "Security" (how requests are signed), "Outbound Message Status in Status Callbacks", "Twilio's Request
to your Incoming Message Webhook URL", "Customize users' opt-in and opt-out experience with Advanced Opt-Out".
"""

import base64
import hmac
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, QueryDict

from ecommerce.kernel import clock
from modules.notifications.logic.channels import twilio
from modules.notifications.logic.channels.mail_tracking import NotFromProvider, Told, UnknownProvider, Unreadable
from modules.notifications.models import Tracking

_OUTCOMES = {
    "delivered": Tracking.Outcome.DELIVERED,
    "undelivered": Tracking.Outcome.BOUNCED,
    "failed": Tracking.Outcome.REJECTED,
}
# Twilio's default words, which it obeys itself; it says OptOutType where a shop has chosen words of its own.
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
_START = frozenset({"START", "UNSTOP"})


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Somebody has written to us: whether to hear no more of us, or of us again."""

    number: str
    stops: bool
    starts: bool


def read_status(request: HttpRequest) -> tuple[Told | None, bool]:
    """What became of an SMS of ours, if it is news; and whether its number has answered STOP to an earlier one.

    Refuses with UnknownProvider, NotFromProvider and Unreadable.
    """
    form = _signed_form(request)
    outcome, stopped = _OUTCOMES.get(form.get("MessageStatus", "")), form.get("ErrorCode") == twilio.UNSUBSCRIBED
    if outcome is None:
        return None, False
    told = Told(
        event_id=f"{form.get('MessageSid', '')}:{outcome}"[:255],
        message_id=_message_id(request),
        outcome=outcome,
        address=form.get("To", ""),
        is_dead=False,
        detail=form.get("ErrorCode", "")[:20],
        at=clock.now(),
    )
    return told, stopped


def read_answer(request: HttpRequest) -> Answered:
    """What somebody has written to our number. Refuses with UnknownProvider and NotFromProvider."""
    form = _signed_form(request)
    word, kind = form.get("Body", "").strip().upper(), form.get("OptOutType", "")
    return Answered(
        number=form.get("From", ""),
        stops=kind == "STOP" or (not kind and word in _STOP),
        starts=kind == "START" or (not kind and word in _START),
    )


def signature(token: str, url: str, form: QueryDict) -> str:
    """Twilio's over a call: HMAC-SHA1 of the whole address and of the fields, sorted by their names."""
    fields = "".join(name + value for name in sorted(form) for value in sorted(set(form.getlist(name))))
    return base64.b64encode(hmac.digest(token.encode(), f"{url}{fields}".encode(), "sha1")).decode()


def _signed_form(request: HttpRequest) -> QueryDict:
    if not twilio.is_configured():
        raise UnknownProvider
    # As Twilio called it: behind a gateway we see another scheme and host.
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    expected = signature(settings.TWILIO_AUTH_TOKEN, url, request.POST)
    given = request.headers.get("X-Twilio-Signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise NotFromProvider
    # PostgreSQL's text holds none.
    if any("\0" in value for values in request.POST.lists() for value in values[1]):
        raise Unreadable
    return request.POST


def _message_id(request: HttpRequest) -> UUID:
    # sms.py puts it into the address that Twilio is to call.
    try:
        return UUID(request.GET.get("message_id", ""))
    except ValueError as error:
        raise Unreadable from error
