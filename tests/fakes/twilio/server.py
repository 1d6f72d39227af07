"""The fake as a server on a free port of this machine."""

import base64
import json
import secrets
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.loopback import LoopbackServer, NoLog, QuietServer
from tests.fakes.twilio.calls import Call
from tests.fakes.twilio.messages import API, Json, listed, new_message, stamp
from tests.fakes.twilio.refusals import BY_STATUS, Refused

# A status or code that it refuses the next message with; or takes it, and then the connection ends ("drop"), or nothing
# comes ("hang"), or an error does ("500_after").
Answer = int | str


class Broken(Exception):
    """The connection ends without an answer."""


@dataclass
class TwilioServer(LoopbackServer):
    """One account, and what happens with its messages by command."""

    sid: str = "AC" + "0f" * 16
    token: str = "fake-token"
    answers: list[Answer] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    # How many of the newest messages its list does not show yet.
    lag: int = 0
    # (method, path) of every call.
    calls: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock, self.closing = threading.Lock(), threading.Event()
        # Of each message, what was asked for with it.
        self.forms: dict[str, dict[str, str]] = {}
        self._server = QuietServer(self, _Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def settle(self, sid: str, status: str, *, error_code: int | None = None, price: str | None = None) -> None:
        """What the network did: `sent`, `delivered`, `undelivered` or `failed`; a price comes late, and below zero."""
        message = self._find(sid)
        now = stamp(datetime.now(UTC))
        message |= {"status": status, "error_code": error_code, "date_updated": now}
        message["date_sent"] = message["date_sent"] or now
        if price is not None:
            message |= {"price": price, "price_unit": "USD"}

    def status_call(self, sid: str, *, token: str | None = None, **changes: str) -> Call:
        """Follows "Outbound Message Status in Status Callbacks": no price is among the fields."""
        message = self._find(sid)
        fields = {
            "AccountSid": self.sid,
            "ApiVersion": "2010-04-01",
            "From": message["from"] or "",
            "MessageSid": sid,
            "MessageStatus": message["status"],
            "SmsSid": sid,
            "SmsStatus": message["status"],
            "To": message["to"],
        }
        if message["error_code"]:
            fields["ErrorCode"] = str(message["error_code"])
        return Call(url=self.forms[sid]["StatusCallback"], fields=fields | changes, token=token or self.token)

    def answer_call(self, number: str, text: str, url: str, *, opt_out: str = "", token: str | None = None) -> Call:
        """Somebody writes to our number. Follows "Twilio's Request to your Incoming Message Webhook URL"."""
        sid = f"SM{secrets.token_hex(16)}"
        fields = {"AccountSid": self.sid, "MessageSid": sid, "From": number, "To": "+15550006789", "Body": text}
        if opt_out:
            fields["OptOutType"] = opt_out
        return Call(url=url, fields=fields, token=token or self.token)

    def take(self, method: str, path: str, form: dict[str, str]) -> Json:
        """The document for one call; raises Refused and Broken."""
        parts = urlsplit(path)
        with self.lock:
            self.calls.append((method, path))
            messages = f"{API}/{self.sid}/Messages"
            if method == "POST" and parts.path == f"{messages}.json":
                answer = self.answers.pop(0) if self.answers else ""
                return self._create(answer, form)
            if parts.path == f"{messages}.json":
                shown = self.messages[: len(self.messages) - self.lag]
                return listed(shown, parts.path, dict(parse_qsl(parts.query)))
            return self._find(parts.path.removeprefix(f"{messages}/").removesuffix(".json"))

    def _create(self, answer: Answer, form: dict[str, str]) -> Json:
        if isinstance(answer, int):
            raise Refused(BY_STATUS.get(answer, answer), form.get("To", ""))
        message = new_message(self.sid, form)
        self.messages.append(message)
        self.forms[message["sid"]] = form
        if answer in ("drop", "hang"):
            raise Broken(answer)
        if answer == "500_after":
            raise Refused(20500)
        return message

    def _find(self, sid: str) -> Json:
        for message in self.messages:
            if message["sid"] == sid:
                return message
        raise Refused(20404)


class _Handler(NoLog, BaseHTTPRequestHandler):
    server: QuietServer

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer(dict(parse_qsl(body, keep_blank_values=True)))

    def _answer(self, form: dict[str, str]) -> None:
        twilio: TwilioServer = self.server.owner
        try:
            self._authenticate()
            self._send(201 if self.command == "POST" else 200, twilio.take(self.command, self.path, form))
        except Refused as refused:
            self._send(refused.status, refused.document())
        except Broken as broken:
            if str(broken) == "hang":
                twilio.closing.wait(30)
            self.connection.shutdown(socket.SHUT_RDWR)

    def _authenticate(self) -> None:
        """Basic, by account and token."""
        account = f"{self.server.owner.sid}:{self.server.owner.token}"
        if self.headers.get("Authorization") != f"Basic {base64.b64encode(account.encode()).decode()}":
            raise Refused(20003)

    def _send(self, status: int, document: Json) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
