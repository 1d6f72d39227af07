"""One request: who asks, what goes wrong on the way, the key, the endpoint, the answer."""

import base64
import binascii
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.stripe import expanding, forms, routing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.faults import BEFORE, Fault, Faults
from tests.fakes.stripe.idempotency import Keys
from tests.fakes.stripe.refusals import Refusal

LONGEST_TIMEOUT = 60.0
BROKEN: tuple[int, Object] = (500, {"error": {"type": "api_error", "message": "An unknown error occurred"}})
Answer = tuple[int, Object, dict[str, str]]


class Lost(Exception):
    """Nothing comes back."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self.at_once = at_once


@dataclass(frozen=True)
class Asked:
    """One request that has passed the door."""

    id: str
    method: str
    path: str
    params: Object
    key: str
    fault: Fault | None


class Desk:
    """Where requests are carried out; any number of threads at once."""

    def __init__(self, account: Account, key: str, faults: Faults) -> None:
        self.account, self.key, self.faults = account, key, faults
        self.keys = Keys(account)
        self.requests: list[tuple[str, str]] = []
        # Set by the server.
        self.close_door: Callable[[], object] = lambda: None
        # How long an endpoint takes, so that requests can meet.
        self.seconds = 0.0
        self._numbers = itertools.count(1)

    def answer(self, method: str, target: str, headers: Any, body: str) -> Answer:
        """Status, body and headers; raises Lost."""
        url = urlsplit(target)
        self.requests.append((method, url.path))
        more = {"Request-Id": f"req_fake{next(self._numbers):06d}", "Stripe-Version": headers.get("Stripe-Version", "")}
        try:
            self._authenticate(headers.get("Authorization", ""))
            fault = self.faults.take(method, url.path)
            self._fail_before(fault)
            params = forms.parse(url.query) | forms.parse(body)
            # Stripe docs: "Idempotent requests": only POST needs keys, elsewhere they mean nothing.
            key = headers.get("Idempotency-Key", "") if method == "POST" else ""
            asked = Asked(more["Request-Id"], method, url.path, params, key, fault)
            status, answered, replayed = self._carry_out(asked)
        except Refusal as refusal:
            return refusal.status, refusal.body, more
        if fault in (Fault.TIMEOUT_AFTER, Fault.DROPPED_AFTER):
            raise Lost(at_once=fault == Fault.DROPPED_AFTER)
        if fault == Fault.LAST_WORDS:
            self.close_door()
            more["Connection"] = "close"
        if key:
            more["Idempotency-Key"] = key
        if replayed:
            more["Idempotent-Replayed"] = "true"
        return status, answered, more

    def _authenticate(self, header: str) -> None:
        """Stripe docs: "Authentication": the key as bearer, or as the name in Basic."""
        scheme, _, given = header.partition(" ")
        if scheme == "Basic":
            try:
                given = base64.b64decode(given).decode().split(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                given = ""
        if not given:
            raise Refusal(401, "invalid_request_error", "You did not provide an API key.", kept=False)
        if given != self.key:
            shown = f"Invalid API Key provided: {given[:8]}****{given[-4:]}"
            raise Refusal(401, "invalid_request_error", shown, kept=False)

    def _fail_before(self, fault: Fault | None) -> None:
        if fault not in BEFORE:
            return
        if fault == Fault.RATE_LIMITED:
            raise Refusal(429, "invalid_request_error", "Too many requests hit the API too quickly.", code="rate_limit")
        if fault == Fault.UNAVAILABLE:
            raise Refusal(503, "api_error", "Service unavailable.")
        raise Lost(at_once=fault == Fault.DROPPED_BEFORE)

    def _carry_out(self, asked: Asked) -> tuple[int, Object, bool]:
        """By its key, where it has one: status, body, and whether they are a kept answer."""
        found, named = routing.find(asked.method, asked.path)
        routing.validated(found, asked.params)
        if not asked.key:
            return *self._execute(asked, found, named), False
        with self.account.lock:
            kept = self.keys.begin(asked.key, (asked.method, asked.path, asked.params))
        if kept is not None:
            return *kept, True
        try:
            status, answered = self._execute(asked, found, named)
        except BaseException:
            self.keys.forget(asked.key)
            raise
        with self.account.lock:
            self.keys.finish(asked.key, status, answered)
        return status, answered, False

    def _execute(self, asked: Asked, found: routing.Route, named: dict[str, str]) -> tuple[int, Object]:
        if asked.fault == Fault.SERVER_ERROR:
            return BROKEN
        time.sleep(self.seconds)
        with self.account.lock:
            self.account.request = {"id": asked.id, "idempotency_key": asked.key or None}
            try:
                answered = _copy(routing.answer(self.account, found, asked.params, named))
                answered = _copy(expanding.expand(self.account, answered, asked.params.get("expand", [])))
                status = 200
            except Refusal as refusal:
                if not refusal.kept:
                    raise
                status, answered = refusal.status, _copy(refusal.body)
            finally:
                self.account.request = {"id": None, "idempotency_key": None}
        return BROKEN if asked.fault == Fault.SERVER_ERROR_AFTER else (status, answered)


def _copy(answered: Object) -> Object:
    """What is answered does not change with the account afterwards."""
    copied: Object = json.loads(json.dumps(answered))
    return copied


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with connections that stay open, as the SDK uses them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)  # type: ignore[attr-defined]  # our listener's

    def finish(self) -> None:
        self.server.open.discard(self.connection)  # type: ignore[attr-defined]
        try:
            super().finish()
        except OSError:
            # The client has gone.
            return

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        """Nothing is printed."""

    def _handle(self) -> None:
        desk: Desk = self.server.desk  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        try:
            status, answered, more = desk.answer(self.command, self.path, self.headers, body)
        except Lost as lost:
            if not lost.at_once:
                desk.faults.over.wait(LONGEST_TIMEOUT)
            self.close_connection = True
            return
        encoded = json.dumps(answered, indent=2).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(encoded)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(encoded)
        self.wfile.flush()
