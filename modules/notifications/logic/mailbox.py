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
# What the backend writes after each mail of a file; ours have one each.
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
    return [_read(file) for file in _files()[:NEWEST]]


def get_mail(name: str) -> Mail:
    """The mail in this file; refuses with MailNotFound."""
    # Looked for among those that are there: a name never becomes a path.
    file = next((file for file in _files() if file.name == name), None)
    if file is None:
        raise MailNotFound
    return _read(file)


def _files() -> list[Path]:
    files = [(file.stat().st_mtime_ns, file) for file in Path(settings.EMAIL_FILE_PATH).glob("*.log")]
    return [file for _, file in sorted(files, reverse=True)]


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes().split(_END)[0], policy=default)
    return Mail(
        name=file.name,
        written_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        headers=[(name, str(value)) for name, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return cast(str, part.get_content()) if part else ""
