"""SMS by Twilio, as its settings say it: what will not do is told when the shop starts."""

import re
from urllib.parse import urlsplit

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SERVICE = re.compile(r"MG[0-9a-f]{32}")
# Twilio, "Alphanumeric Sender ID": at most eleven letters, digits, spaces and a few signs, at least one letter.
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}")
# A country's zones lie up to ten hours apart (Russia's): with longer nights it would be night in one of them always.
LONGEST_NIGHT = 12
_HOURS = re.compile(r"([0-9]|1[0-9]|2[0-3])-([0-9]|1[0-9]|2[0-3])")


def check_sender(sender: str) -> str:
    """A number in E.164, an alphanumeric sender, or the SID of a Messaging Service."""
    if sender and not any(form.fullmatch(sender) for form in (E164, SERVICE, ALPHANUMERIC)):
        raise ValueError("a number (+4915...), a name of at most 11 letters and digits, or MG... of a service")
    return sender


def check_account(sid: str) -> str:
    """The SID of an account; it becomes a part of addresses."""
    if sid and not re.fullmatch("AC[0-9a-f]{32}", sid):
        raise ValueError("AC and 32 hexadecimal digits")
    return sid


def check_base(url: str) -> str:
    """Where Twilio's API is."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError("an address that begins with https://")
    return url


def check_hours(hours: str) -> str:
    """Two hours of the day, at most twelve apart: 21-8."""
    start, end = read_hours(hours)
    if (end - start) % 24 > LONGEST_NIGHT:
        raise ValueError(f"at most {LONGEST_NIGHT} hours")
    return hours


def read_hours(hours: str) -> tuple[int, int]:
    """When the night begins, and when it ends; the same hour twice is no night at all."""
    if not (found := _HOURS.fullmatch(hours)):
        raise ValueError("two hours of the day: 21-8")
    return int(found[1]), int(found[2])


def check_complete(sid: str, token: str, sender: str) -> None:
    """Raise ValueError where only some of Twilio's settings are made."""
    if len({bool(sid), bool(token), bool(sender)}) > 1:
        raise ValueError("set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_SENDER, or none of them")
