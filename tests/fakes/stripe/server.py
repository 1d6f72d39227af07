"""The server: HTTP around the account. Stripe docs: "Authentication", "Request IDs", "Versioning"."""

import copy
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any, Self

from tests.fakes.stripe import customers, setup_intents  # noqa: F401  (their endpoints)
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.balance import Balance
from tests.fakes.stripe.browser import Bank, Browser, Clock
from tests.fakes.stripe.disputes import Disputes
from tests.fakes.stripe.events import Events
from tests.fakes.stripe.faults import Fault, Faults
from tests.fakes.stripe.handling import Desk, Handler
from tests.fakes.stripe.payouts import Payouts
from tests.fakes.stripe.refunds import Refunds

KEY = "sk_test_fake"
WEBHOOK_SECRET = "whsec_fake"


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, desk: Desk) -> None:
        self.desk = desk
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)


class StripeServer:
    """One account at a Stripe of our own, on a free port of the loopback while the block lasts."""

    def __init__(self, *, key: str = KEY, webhook_secrets: Sequence[str] = (WEBHOOK_SECRET,)) -> None:
        self.key = key
        account = Account()
        self.faults = Faults()
        self.browser, self.bank, self.clock = Browser(account), Bank(account), Clock(account)
        self.events = Events(account, webhook_secrets)
        self.refunds, self.disputes = Refunds(account), Disputes(account)
        self.balance, self.payouts = Balance(account), Payouts(account)
        self._account, self._desk = account, Desk(account, key, self.faults)
        self._desk.close_door = self._close_door
        self._listener: _Listener | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.faults.over.set()
        self._close()

    @property
    def base_url(self) -> str:
        """For the SDK: `base_addresses={"api": stripe.base_url}`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of each request that came, in order."""
        return list(self._desk.requests)

    def objects(self, kind: str, **equal: Any) -> list[Object]:
        """What the account holds of a kind, oldest first, as plain copies."""
        with self._account.lock:
            found = list(self._account.all(kind, **equal))
            copied: list[Object] = json.loads(json.dumps(found[::-1]))
            return copied

    def fail_next(self, method: str, path: str, how: Fault, *, times: int = 1) -> None:
        """The next requests to this address (`*` for an id) fail in this way."""
        self.faults.plan(method, path, how, times)

    def remember(self) -> Callable[[], None]:
        """How the account stands now; what is returned brings that back, any number of times."""
        account, keys = self._account, self._desk.keys
        with account.lock:
            kept = copy.deepcopy((account.tables, account.hidden, account.offset, keys.kept))

        def bring_back() -> None:
            with account.lock:
                account.tables, account.hidden, account.offset, keys.kept = copy.deepcopy(kept)
                self.events.drop()

        return bring_back

    def slow_down(self, seconds: float) -> None:
        """From now on every endpoint takes so long."""
        self._desk.seconds = seconds

    @contextmanager
    def down(self) -> Iterator[None]:
        """Connections are refused."""
        self._close()
        try:
            yield
        finally:
            self._open()

    def _open(self) -> None:
        self._listener = _Listener(self._port, self._desk)
        self._port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()

    def come_back(self) -> None:
        """After its last words: connections are taken again."""
        self._open()

    def _close(self) -> None:
        closed = self._close_door()
        for connection in list(closed.open) if closed is not None else ():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def _close_door(self) -> _Listener | None:
        """No new connections; those that are open stay so."""
        closed, self._listener = self._listener, None
        if closed is not None:
            closed.shutdown()
            closed.server_close()
        return closed
