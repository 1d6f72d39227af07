"""The messages that it has. Follows "Messages resource": its properties, and reading a list of them by filters."""

import math
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from tests.fakes.twilio.refusals import Refused

Json = dict[str, Any]

API = "/2010-04-01/Accounts"
E164 = re.compile(r"\+[1-9]\d{6,14}")
LONGEST = 1600
PAGE, LARGEST_PAGE = 50, 1000
# Enough to tell it apart: what GSM's alphabet has besides ASCII is left to the shop's own tests.
ASCII = re.compile(r"[\x20-\x5a\x5f\x61-\x7a\n]*")


def new_message(account: str, form: Mapping[str, str]) -> Json:
    """A message as it is right after it was taken; the fields are refused as Twilio does."""
    to, body, sender = form.get("To", ""), form.get("Body", ""), form.get("From")
    _check(to, body, sender or form.get("MessagingServiceSid"))
    sid, moment = f"SM{secrets.token_hex(16)}", stamp(datetime.now(UTC))
    service = form.get("MessagingServiceSid")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": moment,
        "date_sent": None,
        "date_updated": moment,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": service,
        "num_media": "0",
        # A service chooses its sender later: until then it does not count.
        "num_segments": "0" if service else str(segments(body)),
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"{API}/{account}/Messages/{sid}/Media.json"},
        "to": to,
        "uri": f"{API}/{account}/Messages/{sid}.json",
    }


def _check(to: str, body: str, sender: str | None) -> None:
    if not to:
        raise Refused(21604)
    if not E164.fullmatch(to):
        raise Refused(21211, to)
    if not sender:
        raise Refused(21603)
    if not body:
        raise Refused(21602)
    if len(body) > LONGEST:
        raise Refused(21617)


def segments(body: str) -> int:
    """In how many parts it is sent: plain ASCII, or UCS-2."""
    if ASCII.fullmatch(body):
        units, alone, among = len(body), 160, 153
    else:
        units, alone, among = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= alone else math.ceil(units / among)


def listed(messages: list[Json], path: str, query: Mapping[str, str]) -> Json:
    """One page, newest first."""
    found = [one for one in reversed(messages) if _matches(one, query)]
    size, page = min(int(query.get("PageSize", PAGE)), LARGEST_PAGE), int(query.get("Page", 0))
    begin, end = page * size, (page + 1) * size
    filters = "".join(f"{_quoted(name)}={_quoted(value)}&" for name, value in query.items() if name != "Page")
    return {
        "first_page_uri": f"{path}?{filters}Page=0",
        "next_page_uri": f"{path}?{filters}Page={page + 1}" if end < len(found) else None,
        "previous_page_uri": f"{path}?{filters}Page={page - 1}" if page else None,
        "page": page,
        "page_size": size,
        "start": begin,
        "end": min(end, len(found)) - 1,
        "uri": f"{path}?{filters}Page={page}",
        "messages": found[begin:end],
    }


def _matches(message: Json, query: Mapping[str, str]) -> bool:
    if any(message[name.lower()] != query[name] for name in ("To", "From") if name in query):
        return False
    # `DateSent>=2026-11-29`: in a query the sign belongs to the name. What was not sent yet has no date.
    since = query.get("DateSent>")
    sent = message["date_sent"] and f"{parsedate_to_datetime(message['date_sent']):%Y-%m-%d}"
    return since is None or bool(sent and sent >= since)


def stamp(moment: datetime) -> str:
    """RFC 2822, in GMT: Thu, 24 Aug 2023 05:01:45 +0000."""
    return format_datetime(moment)


def _quoted(text: str) -> str:
    return text.replace("+", "%2B").replace(">", "%3E").replace("<", "%3C")
