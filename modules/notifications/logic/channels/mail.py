"""Mail, by Django's mail API: Anymail's backend in production, files in var/mail/ in development."""

import smtplib
import time
import warnings
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import (
    AnymailInvalidAddress,
    AnymailNotSupportedWarning,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from ecommerce.kernel.db import refuse_in_transaction
from modules.notifications.logic import preferences, unsubscribing
from modules.notifications.logic.channels.letterbox import NotSent, Receipt
from modules.notifications.models import Message

FILES = "django.core.mail.backends.filebased.EmailBackend"

# A provider closes what is idle: a mail on such a connection would fail for nothing.
_IDLE_SECONDS = 20
_kept = local()

# Who is refused for one of these is refused again, however often we ask.
_HOPELESS = (
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
# Of a provider's 4xx: our key is wrong (somebody mends it), it was slow, or it is busy.
_PASSING = frozenset((401, 403, 408, 425, 429))


def send(message: Message) -> Receipt:
    """Hand one mail to the provider; raises NotSent. A repetition carries the same Message-ID."""
    refuse_in_transaction("the mail provider")
    try:
        mail = _mail(message)
        mail.send()
    except Exception as error:  # each backend has its own; none may keep the attempt from being recorded
        raise _not_sent(error) from error
    status = getattr(mail, "anymail_status", None)
    return Receipt(provider_id=str(getattr(status, "message_id", None) or ""))


def message_id(message: Message) -> str:
    """The mail's Message-ID: made of the message's own id, so that a mail sent twice can be seen to be one."""
    return f"<{message.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"


def _mail(message: Message) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.address],
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"} | _way_out(message),
        connection=_connection(),
    )
    mail.attach_alternative(message.html, "text/html")
    mail.metadata = {"message_id": str(message.pk)}  # type: ignore[attr-defined]  # Anymail reads it from there
    return mail


def _way_out(message: Message) -> dict[str, str]:
    """RFC 8058: mail programs show a button of their own to unsubscribe, and press it by POST."""
    if message.topic not in preferences.OPTIONAL:
        return {}
    link = unsubscribing.link(message.pk)
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _connection() -> Any:
    if settings.EMAIL_BACKEND == FILES:
        # Mails hold names and addresses: nobody else on this machine reads them.
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.EMAIL_BACKEND.startswith("anymail."):
        return _kept_connection()
    return get_connection()


def _kept_connection() -> Any:
    """The thread's own session with the provider, so that not every mail pays for a connection and its TLS."""
    now = time.monotonic()
    if getattr(_kept, "settings", None) is not settings.ANYMAIL or now - _kept.used_at > _IDLE_SECONDS:
        if hasattr(_kept, "connection"):
            _kept.connection.close()
        # Anymail has no account at SendGrid to test with any more, and says so each time; we have a server of our own.
        with warnings.catch_warnings(action="ignore", category=AnymailNotSupportedWarning):
            _kept.settings, _kept.connection = settings.ANYMAIL, get_connection()
        _kept.connection.open()
    _kept.used_at = now
    return _kept.connection


def _not_sent(error: Exception) -> NotSent:
    code, permanent = _judge(error)
    return NotSent(code=code, permanent=permanent, detail=str(error)[:1000])


def _judge(error: Exception) -> tuple[str, bool]:
    """A short code for what went wrong, and whether trying again is in vain."""
    if isinstance(error, AnymailRequestsAPIError) and error.status_code:
        return str(error.status_code), 400 <= error.status_code < 500 and error.status_code not in _PASSING
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return str(max(codes)), min(codes) >= 500
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return str(error.smtp_code), False
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code), error.smtp_code >= 500
    return type(error).__name__, isinstance(error, _HOPELESS)
