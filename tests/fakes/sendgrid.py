"""A SendGrid of our own: it takes mails as the v3 Mail Send API does, refuses what that refuses, and tells of them.

with SendGridServer() as sendgrid:
    sendgrid.base_url, sendgrid.key              what the shop is configured with
    sendgrid.fail_next(429, "drop after", …)     how the next calls go
    sendgrid.is_down = True                      every call is answered 503
    sendgrid.mails                               what it took, in order
    sendgrid.told_of(mail, "delivered")          the signed request of its event webhook

Source: Twilio SendGrid's documentation, "Mail Send", "Errors", "Event Webhook Reference" and "Getting Started with the
Event Webhook Security Features".
"""

import base64
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fakes import published
from tests.fakes.loopback import LoopbackServer, NoLog, QuietServer

KEY = "SG.fake.key"
# "The following headers are reserved": a mail that names one is refused.
RESERVED_HEADERS = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
    | {"to", "from", "subject", "reply-to", "cc", "bcc"}
)
LARGEST_BYTES = 30 * 1024 * 1024
# Of commands: the mail is taken and the connection ends; it ends before; nothing is answered; taken, nothing answered.
DROP_AFTER, DROP_BEFORE, HANG, HANG_AFTER = "drop after", "drop before", "hang", "hang after"
Command = int | str
WORDS = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    413: "payload too large",
    429: "too many requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One that was taken."""

    id: str
    to: str
    subject: str
    headers: dict[str, str]
    custom_args: dict[str, str]
    contents: dict[str, str]


class Refused(Exception):
    """An answer of 4xx or 5xx, with the field that is to blame."""

    def __init__(self, status: int, message: str = "", field: str | None = None) -> None:
        super().__init__(status, message)
        self.status, self.message, self.field = status, message or WORDS.get(status, "error"), field


@dataclass
class SendGridServer(LoopbackServer):
    """Takes mails on a free port of this machine while the block lasts."""

    key: str = KEY
    port: int = 0
    is_down: bool = False
    # Whether each mail is judged by the shape that SendGrid has published; what does not fit stands in `misfits`.
    judges: bool = True
    misfits: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    calls: int = 0
    connections: int = 0

    def __post_init__(self) -> None:
        self.lock, self.closing = threading.Lock(), threading.Event()
        self._commands: list[Command] = []
        self._signing_key = ec.generate_private_key(ec.SECP256R1())
        self._server = _Server(self, _Handler, self.port)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def webhook_key(self) -> str:
        """What its event webhook's signatures are checked with: the console's "verification key"."""
        public = self._signing_key.public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()

    def fail_next(self, *commands: Command) -> None:
        """How the next calls go, one after the other: a status (202 takes it), or one of the words above."""
        with self.lock:
            self._commands += commands

    def next_command(self) -> Command | None:
        """What is to happen to this call."""
        with self.lock:
            self.calls += 1
            if self._commands:
                return self._commands.pop(0)
            return 503 if self.is_down else None

    def take(self, body: Any) -> str:
        """Judge a request, keep a mail for each recipient, and name them."""
        mails = _read(body)
        with self.lock:
            self.misfits += _misfits(body) if self.judges else []
            self.mails += mails
        return mails[0].id

    def told_of(self, mail: Mail, kind: str, **fields: Any) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the request by which it tells what became of a mail."""
        event = {
            "email": mail.to,
            "timestamp": int(time.time()),
            "event": kind,
            "smtp-id": mail.headers.get("Message-ID", ""),
            "sg_event_id": base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("="),
            "sg_message_id": f"{mail.id}.recvd-1-0-0",
        }
        body = json.dumps([event | mail.custom_args | fields]).encode()
        stamp = str(int(time.time()))
        signature = self._signing_key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return body, {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }


def _misfits(body: Any) -> list[str]:
    """What does not fit the published shape. It calls `custom_args` a string, where SendGrid's own libraries send an
    object, as it is said to be where it belongs to one recipient."""
    return published.misfits("sendgrid_mail_send", "request", {**body, "custom_args": ""})


def _read(body: Any) -> list[Mail]:
    """The mails in a request; refuses with 400 what the API refuses."""
    if not isinstance(body, dict):
        raise Refused(400, "Bad Request")
    personalizations = body.get("personalizations")
    if not isinstance(personalizations, list) or not personalizations:
        raise Refused(400, "The personalizations field is required and must have at least one personalization.")
    _addresses([body.get("from")], "from.email")
    mail_id, contents = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("="), _contents(body.get("content"))
    return [
        Mail(id=mail_id, to=to, contents=contents, **_personal(body, person))
        for number, person in enumerate(personalizations)
        for to in _addresses(person.get("to"), f"personalizations.{number}.to")
    ]


def _personal(body: Any, person: Any) -> dict[str, Any]:
    """What is said for all, and for these recipients instead."""
    headers = body.get("headers", {}) | person.get("headers", {})
    if reserved := {name.lower() for name in headers} & RESERVED_HEADERS:
        raise Refused(400, f"The header {min(reserved)} is reserved.", "headers")
    subject = person.get("subject") or body.get("subject")
    if not subject:
        raise Refused(400, "The subject is required.", "subject")
    custom_args = body.get("custom_args", {}) | person.get("custom_args", {})
    if not all(isinstance(text, str) for text in custom_args.values()):
        raise Refused(400, "custom_args must be strings.", "custom_args")
    return {"subject": subject, "headers": headers, "custom_args": custom_args}


def _addresses(entries: Any, blamed: str) -> list[str]:
    if not isinstance(entries, list) or not entries:
        raise Refused(400, "At least one address is required.", blamed)
    addresses = [str((entry or {}).get("email", "")) for entry in entries]
    for address in addresses:
        local, at, domain = address.rpartition("@")
        if not (local and at and "." in domain and " " not in address):
            raise Refused(400, "Does not contain a valid address.", blamed)
    return addresses


def _contents(content: Any) -> dict[str, str]:
    """ "text/plain" first, then "text/html"; none of them empty."""
    if not isinstance(content, list) or not content:
        raise Refused(400, "Unless a valid template_id is provided, the content parameter is required.", "content")
    kinds = [str(part.get("type", "")) for part in content]
    if kinds != sorted(kinds, key=["text/plain", "text/html"].index):
        raise Refused(400, "text/plain must come first, followed by text/html.", "content")
    if not all(isinstance(part.get("value"), str) and part["value"] for part in content):
        raise Refused(400, "The content value must be a string at least one character in length.", "content.0.value")
    return {part["type"]: part["value"] for part in content}


class _Server(QuietServer):
    def process_request(self, request: Any, client_address: Any) -> None:
        self.owner.connections += 1
        super().process_request(request, client_address)


class _Handler(NoLog, BaseHTTPRequestHandler):
    server: QuietServer
    protocol_version = "HTTP/1.1"
    # Head and body of an answer in one packet each would wait for one another.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        sendgrid: SendGridServer = self.server.owner
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        command = sendgrid.next_command()
        try:
            if command == DROP_BEFORE:
                self._hang_up()
            elif command == HANG:
                self._hang()
            else:
                self._finish(self._take(length, body, command), command)
        except Refused as refusal:
            self._answer(refusal.status, {"errors": [{"message": refusal.message, "field": refusal.field}]})

    def _take(self, length: int, body: bytes, command: Command | None) -> str:
        sendgrid: SendGridServer = self.server.owner
        if isinstance(command, int) and command >= 400:
            raise Refused(command)
        if self.path != "/v3/mail/send":
            raise Refused(404, "not found")
        if self.headers.get("Authorization") != f"Bearer {sendgrid.key}":
            raise Refused(401)
        if self.headers.get_content_type() != "application/json":
            raise Refused(415, "unsupported media type")
        if length > LARGEST_BYTES:
            raise Refused(413)
        try:
            return sendgrid.take(json.loads(body))
        except ValueError as error:
            raise Refused(400, "Bad Request") from error

    def _finish(self, mail_id: str, command: Command | None) -> None:
        if command == DROP_AFTER:
            self._hang_up()
        elif command == HANG_AFTER:
            self._hang()
        else:
            self._answer(202, None, {"X-Message-Id": mail_id})

    def _hang(self) -> None:
        self.server.owner.closing.wait(60)
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if status == 429:
            # "Rate Limits": when it may be asked again.
            self.send_header("X-RateLimit-Remaining", "0")
            self.send_header("X-RateLimit-Reset", str(int(time.time()) + 1))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
