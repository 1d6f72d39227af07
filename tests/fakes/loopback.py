"""What the small servers of the tests share: they listen on this machine, and say nothing while calls break off."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class LoopbackServer:
    """Serves on a port of the loopback while the block lasts; `closing` is set when it ends."""

    closing: threading.Event
    _server: "QuietServer"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class QuietServer(ThreadingHTTPServer):
    """The listener; `owner` is what its handlers work for."""

    daemon_threads = True
    # A thread that hangs on purpose is not waited for.
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: Any, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", port), handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: callers that hang up are part of the tests."""


class NoLog:
    """Handlers write none: a test's output is for what failed."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in http.server)
        """Nothing."""
