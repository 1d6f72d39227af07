"""Twilio's REST API for messages: the three questions that we have for it, and what its refusals mean to us.

Source: Twilio, "Messages resource" and "Error and Warning Dictionary". It knows no idempotency keys for messages.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from django.conf import settings

from ecommerce.kernel.db import refuse_in_transaction
from modules.notifications.logic.channels.letterbox import NotSent

Json = dict[str, Any]

TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
PAGE = 1000
# The number has answered STOP to this sender.
UNSUBSCRIBED = "21610"
# Of HTTP's 4xx: our token is wrong (somebody mends it), or Twilio is busy.
_PASSING = frozenset({401, 403, 408, 425, 429})
# Of its own codes, though the status is 400: too many wait in its queue.
_PASSING_CODES = frozenset({"21611"})


def is_configured() -> bool:
    """Whether this shop sends SMS at all."""
    return bool(settings.TWILIO_ACCOUNT_SID)


def create(form: Mapping[str, str]) -> Json:
    """Send one message; raises NotSent. Repeating it sends another."""
    return _ask("POST", _messages(), data=dict(form))


def sent_to(number: str) -> list[Json]:
    """The newest messages to a number, in whatever state; raises NotSent."""
    # Not by DateSent: one that still waits in Twilio's queue has none.
    return _listed(_ask("GET", _messages(), params={"To": number, "PageSize": "100"}))


def sent_since(moment: datetime, *, most_pages: int) -> Iterator[Json]:
    """The messages that were sent on that day or later; raises NotSent."""
    page = _ask("GET", _messages(), params={"DateSent>": f"{moment:%Y-%m-%d}", "PageSize": str(PAGE)})
    yield from _listed(page)
    for _ in range(most_pages - 1):
        following = page.get("next_page_uri")
        if not isinstance(following, str) or not following.startswith("/"):
            return
        page = _ask("GET", following)
        yield from _listed(page)


def created_at(message: Json) -> datetime | None:
    """When Twilio took a message, where it tells."""
    try:
        moment = parsedate_to_datetime(str(message.get("date_created")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _messages() -> str:
    return f"/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json"


def _listed(page: Json) -> list[Json]:
    messages = page.get("messages")
    return [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []


def _ask(method: str, path: str, **content: Any) -> Json:
    refuse_in_transaction("Twilio")
    if not is_configured():
        raise NotSent(code="not_configured", permanent=False, detail="")
    account = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    try:
        with httpx2.Client(timeout=TIMEOUT, trust_env=False, auth=account) as client:
            answer = client.request(method, f"{settings.TWILIO_API_BASE}{path}", **content)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NotSent(code=_name(error), permanent=False, detail=str(error)) from error
    told = _read(answer)
    if not answer.is_success:
        raise _refusal(answer.status_code, told)
    return told


def _name(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "timeout"
    return "not_reached" if isinstance(error, httpx2.ConnectError) else "connection_lost"


def _read(answer: httpx2.Response) -> Json:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict):
        return told
    if answer.is_success:
        raise NotSent(code="unreadable", permanent=False, detail="")
    return {}


def _refusal(status: int, told: Json) -> NotSent:
    """Twilio's own code where it gives one; nothing is taken that it refused."""
    code = str(told.get("code") or status)
    passing = status in _PASSING or code in _PASSING_CODES or not 400 <= status < 500
    detail = str(told.get("message") or "")[:1000].replace("\0", "")
    return NotSent(code=code, permanent=not passing, detail=detail)
