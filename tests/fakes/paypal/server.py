"""The fake as a server on a free port of this machine."""

import copy
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.paypal import captures, disputes, idempotency, orders, refunds, reporting, routes
from tests.fakes.paypal.books import Bank, Books
from tests.fakes.paypal.buyer import Buyer
from tests.fakes.paypal.failures import Broken, Failures
from tests.fakes.paypal.http import Json, Problem, Request
from tests.fakes.paypal.webhooks import CERTIFICATES, Webhooks

REMEMBERED = (
    *("bank", "orders", "authorizations", "captures", "refunds", "disputes"),
    *("transactions", "paid_invoices", "unfunded", "done"),
)


class PayPalServer:
    """PayPal, as far as a shop sees it; what happens there otherwise is done by its methods."""

    def __init__(self) -> None:
        self.books = Books()
        self.buyer = Buyer(self.books)
        self.failures = Failures()
        self._server: _Server | None = _Server(("127.0.0.1", 0), self)
        self._port = self._server.server_port
        self.base_url = f"http://127.0.0.1:{self._port}"
        self.webhooks = Webhooks(self.base_url, self.books.account.webhook_id)
        self.books.tell = self.webhooks.tell
        # Every call that came in: (method, path).
        self.calls: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.failures.close()
        self.refuse_connections()

    @property
    def bank(self) -> Bank:
        return self.books.bank

    def refuse_connections(self) -> None:
        """Nobody listens at the address any more."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def accept_connections(self) -> None:
        """Listen again, at the same address, with everything still known."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._listen()

    def remember(self) -> Callable[[], None]:
        """How everything stands now; what is returned brings that back, any number of times."""
        with self.books.lock:
            kept = copy.deepcopy({name: getattr(self.books, name) for name in REMEMBERED})
            events = list(self.webhooks.events)

        def bring_back() -> None:
            with self.books.lock:
                for name, value in copy.deepcopy(kept).items():
                    setattr(self.books, name, value)
                self.webhooks.events[:] = events

        return bring_back

    def expire_tokens(self) -> None:
        """api/rest/authentication: a token that has expired is answered with 401 invalid_token."""
        with self.books.lock:
            self.books.tokens.clear()

    def expire_order(self, order_id: str) -> None:
        with self.books.lock:
            orders.expire(self.books, order_id)

    def forget_request_ids(self) -> None:
        with self.books.lock:
            idempotency.forget(self.books)

    def capture_ids(self, order_id: str) -> list[str]:
        """The ids of an order's captures."""
        related = {key: one["supplementary_data"]["related_ids"] for key, one in self.books.captures.items()}
        return [key for key, ids in related.items() if ids["order_id"] == order_id]

    def complete_capture(self, capture_id: str) -> None:
        with self.books.lock:
            captures.complete(self.books, capture_id)

    def deny_capture(self, capture_id: str) -> None:
        with self.books.lock:
            captures.deny(self.books, capture_id)

    def complete_refund(self, refund_id: str) -> None:
        with self.books.lock:
            refunds.complete(self.books, refund_id)

    def fail_refund(self, refund_id: str) -> None:
        with self.books.lock:
            refunds.fail(self.books, refund_id)

    def refund_by_hand(self, capture_id: str, value: str) -> str:
        """Staff refund on PayPal's own site."""
        with self.books.lock:
            currency = self.books.captures[capture_id]["amount"]["currency_code"]
            refund = refunds.add(self.books, capture_id, {"amount": {"value": value, "currency_code": currency}})
            return str(refund["id"])

    def open_dispute(self, capture_id: str, **how: str) -> str:
        with self.books.lock:
            return disputes.open_one(self.books, capture_id, **how)

    def review_dispute(self, dispute_id: str) -> None:
        with self.books.lock:
            disputes.review(self.books, dispute_id)

    def resolve_dispute(self, dispute_id: str, outcome: str) -> None:
        with self.books.lock:
            disputes.resolve(self.books, dispute_id, outcome)

    def withdraw(self, *args: Any, **how: Any) -> str:
        with self.books.lock:
            return reporting.withdraw(self.books, *args, **how)

    def receive(self, *args: Any, **how: Any) -> str:
        with self.books.lock:
            return reporting.receive(self.books, *args, **how)

    def answer(self, request: Request) -> tuple[int, Json | None]:
        """The status and the document for one call."""
        how = self.failures.take(request.path)
        try:
            self.failures.before(how)
            with self.books.lock:
                self.calls.append((request.method, request.path))
                answer = routes.answer(self.books, request)
                status, document = answer.status, answer.show(request)
            self.failures.after(how)
        except Problem as problem:
            return problem.status, problem.document()
        return status, document

    def _listen(self) -> None:
        assert self._server is not None
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A thread that hangs on purpose is not waited for.
    block_on_close = False

    def __init__(self, address: tuple[str, int], paypal: PayPalServer) -> None:
        self.paypal = paypal
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path.startswith(CERTIFICATES):
            self._send_certificate()
        else:
            self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        try:
            request = self._read()
            status, document = self.server.paypal.answer(request)
        except Broken:
            # The caller sees the connection end.
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = b"" if document is None else json.dumps(document).encode()
        self._send(status, "application/json", body)

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_form = "form" in (self.headers.get("Content-Type") or "")
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body={} if is_form or not raw else json.loads(raw),
            form=dict(parse_qsl(raw.decode())) if is_form else {},
            base_url=self.server.paypal.base_url,
        )

    def _send_certificate(self) -> None:
        pem = self.server.paypal.webhooks.certificate(self.path)
        self.server.paypal.calls.append(("GET", self.path))
        self._send(200 if pem else 404, "application/x-pem-file", pem or b"")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in http.server)
        """Nothing: a test's output is for what failed."""
