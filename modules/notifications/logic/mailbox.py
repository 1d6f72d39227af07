"""The mails of development: files that Django's file backend has written, as they would have left the shop."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from django.conf import settings

from ecommerce.kernel.errors import NotFound

NEWEST = 100
# What the backend writes after each mail. Two of one second may share a file: its name is made of the time and of where
# the backend lay in memory.
_END = b"\n" + b"-" * 79


class MailNotFound(NotFound):
    """There is no such mail."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as its recipient would get it."""

    name: str
    written_at: datetime
    recipient: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str


def newest_mails() -> list[Mail]:
    """The last hundred, the newest first."""
    return [mail for file in _files()[:NEWEST] for mail in _mails(file)][:NEWEST]


def get_mail(name: str) -> Mail:
    """The mail in this file; refuses with MailNotFound."""
    # Looked for among those that are there: a name never becomes a path.
    found = [mail for file in _files() if name.startswith(file.name) for mail in _mails(file) if mail.name == name]
    if not found:
        raise MailNotFound
    return found[0]


def _files() -> list[Path]:
    files = [(file.stat().st_mtime_ns, file) for file in Path(settings.EMAIL_FILE_PATH).glob("*.log")]
    return [file for _, file in sorted(files, reverse=True)]


def _mails(file: Path) -> list[Mail]:
    """What is in a file, the newest first."""
    written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    parts = [part for part in file.read_bytes().split(_END) if part.strip()]
    return [_read(f"{file.name}-{number}", part, written_at) for number, part in enumerate(parts)][::-1]


def _read(name: str, content: bytes, written_at: datetime) -> Mail:
    message = message_from_bytes(content.lstrip(b"\n"), policy=default)
    return Mail(
        name=name,
        written_at=written_at,
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        headers=[(name, str(value)) for name, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return cast(str, part.get_content()) if part else ""
