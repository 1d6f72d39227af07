"""A program that is told of events, to test against: it checks signatures as the Standard Webhooks library does.

with WebhookReceiver() as receiver:
    receiver.url                                    what an endpoint is made with
    receiver.secret = "whsec_…"                     what it was answered
    receiver.answers = [500, "drop", 200]           how the next calls go; 204 after that
    receiver.received                               what came, and whether it was signed
"""

import contextlib
import json
import socket
import ssl
import threading
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.fakes.loopback import LoopbackServer, NoLog, QuietServer

# Of strings among the answers: the connection ends, nothing comes, a header comes a byte at a time.
Answer = int | str


@dataclass(frozen=True, kw_only=True)
class Received:
    """One call."""

    headers: dict[str, str]
    body: str
    is_signed: bool

    @property
    def event(self) -> dict[str, Any]:
        """What it told."""
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class WebhookReceiver(LoopbackServer):
    """Takes calls on a free port of this machine; with a TLS context by https."""

    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    secret: str = ""
    answers: list[Answer] = field(default_factory=list)
    answer_body: bytes = b""
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock, self.closing = threading.Lock(), threading.Event()
        self._server = QuietServer(self, _Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://{self.host}:{self._server.server_port}/hook?from=shop"

    def take(self, headers: dict[str, str], body: str) -> Answer:
        """Note a call; how it is to be answered."""
        with self.lock:
            self.received.append(Received(headers=headers, body=body, is_signed=self._is_signed(headers, body)))
            return self.answers.pop(0) if self.answers else 204

    def _is_signed(self, headers: dict[str, str], body: str) -> bool:
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, NotBase64, RuntimeError, ValueError):
            return False
        except Exception as error:  # the library's EmptyWebhookSecretError: the test has set no secret
            if "empty" in str(error):
                return False
            raise
        return True


class _Handler(NoLog, BaseHTTPRequestHandler):
    server: QuietServer

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        receiver: WebhookReceiver = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        answer = receiver.take({name.lower(): text for name, text in self.headers.items()}, body)
        if answer == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif answer == "hang":
            receiver.closing.wait(30)
        elif answer == "drip":
            self._drip()
        else:
            self._answer(int(answer))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", self.server.owner.url)
        self.send_header("Content-Length", str(len(self.server.owner.answer_body)))
        self.end_headers()
        self.wfile.write(self.server.owner.answer_body)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        with contextlib.suppress(OSError):
            while not self.server.owner.closing.wait(0.05):
                self.wfile.write(b"x")
