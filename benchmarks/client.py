"""One buyer's connection: http.client on a kept connection, since a full HTTP library costs as much as the answer."""

import json
import time
from http.client import HTTPConnection
from typing import Any, Self

TIMEOUT = 30
API = "/api/v1"


class Wrong(Exception):
    """An answer is not what the flow asks for."""


class Client:
    """Sends one request after the other; `spent` is the time between asking and having the whole answer."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=TIMEOUT)
        self.spent = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The next request opens it again."""
        self._connection.close()

    def get(self, path: str) -> bytes:
        """The answer's body; the status must be 200."""
        return self.exchange("GET", path)

    def post(self, path: str, body: Any, *, expect: int = 200, **headers: str) -> Any:
        """The answer, read; the status must be the expected one."""
        return json.loads(self.exchange("POST", path, body, expect=expect, **headers))

    def patch(self, path: str, body: Any) -> Any:
        """The answer, read; the status must be 200."""
        return json.loads(self.exchange("PATCH", path, body))

    def exchange(self, method: str, path: str, body: Any = None, *, expect: int = 200, **headers: str) -> bytes:
        """The answer's body; the status must be the expected one."""
        sent = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent is not None:
            named["Content-Type"] = "application/json"
        started = time.perf_counter()
        self._connection.request(method, API + path, sent, named)
        answer = self._connection.getresponse()
        content = answer.read()
        self.spent += time.perf_counter() - started
        if answer.status != expect:
            raise Wrong(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content
