"""Speaking with the shop's API, and showing what is said: each request and its answer, shortened to be read."""

import json
from typing import Any

import httpx2

from ecommerce.launch.screen import say, show

LONGEST_LINE = 100
LONGEST_TEXT = 80
LONGEST_LIST = 2
DEEPEST = 3


class StepFailed(Exception):
    """The shop did not answer as it promises."""


class Conversation:
    """One customer's requests to one shop."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx2.Client(timeout=20, trust_env=False)
        self._base_url = base_url
        self._steps = 0
        # The last one shown.
        self.last_answer = httpx2.Response(200)

    def title(self, text: str) -> None:
        """What the customer does next."""
        self._steps += 1
        say(f"\n{self._steps}. {text}", "bold")

    def get(self, path: str, *, expect: int, quiet: bool = False) -> Any:
        """GET, shown unless it only looks whether something has happened."""
        return self._exchange("GET", path, expect=(expect,), quiet=quiet)

    def post(
        self, path: str, body: dict[str, Any], *, expect: int | tuple[int, ...], headers: dict[str, str] | None = None
    ) -> Any:
        """POST, shown."""
        expected = expect if isinstance(expect, tuple) else (expect,)
        return self._exchange("POST", path, body=body, headers=headers, expect=expected)

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        expect: tuple[int, ...],
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        quiet: bool = False,
    ) -> Any:
        try:
            answer = self._client.request(method, self._base_url + path, json=body, headers=headers)
        except httpx2.TransportError as problem:
            raise StepFailed(f"{method} {path}: {problem}") from problem
        expected = answer.status_code in expect
        if not quiet or not expected:
            show(f"{method} /api/v1{path}", request_text(body, headers))
            repeated = answer.content == self.last_answer.content
            show(f"{answer.status_code} {answer.reason_phrase}", answer_text(answer, repeated=repeated), good=expected)
            self.last_answer = answer
        if not expected:
            raise StepFailed(f"{method} {path} was answered with {answer.status_code}, not {expect[0]}")
        return answer.json()


def request_text(body: dict[str, Any] | None, headers: dict[str, str] | None) -> str:
    """What is sent besides method and path."""
    lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\n".join(lines + ([pretty(body)] if body is not None else []))


def answer_text(answer: httpx2.Response, *, repeated: bool) -> str:
    """What comes back, with the header that says it was said before."""
    replayed = answer.headers.get("Idempotent-Replayed")
    lines = [f"Idempotent-Replayed: {replayed}"] if replayed else []
    if repeated:
        return "\n".join([*lines, "(the last answer again, byte for byte)"])
    try:
        return "\n".join([*lines, pretty(answer.json())])
    except ValueError:
        return "\n".join([*lines, answer.text[:500]])


def pretty(value: Any) -> str:
    """JSON to be read: short lists, short texts, small objects on one line."""
    return written(shortened(value))


def shortened(value: Any, depth: int = 0) -> Any:
    """The beginning of everything long."""
    if isinstance(value, dict):
        return (
            "{…}"
            if depth > DEEPEST and len(value) > 2
            else {key: shortened(part, depth + 1) for key, part in value.items()}
        )
    if isinstance(value, list):
        more = [f"… {len(value) - LONGEST_LIST} more"] if len(value) > LONGEST_LIST else []
        return [shortened(part, depth + 1) for part in value[:LONGEST_LIST]] + more
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    return value


def written(value: Any, indent: str = "") -> str:
    """As json.dumps with an indent, but what fits stays on its line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(indent) <= LONGEST_LINE or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        parts, ends = [written(part, deeper) for part in value], "[]"
    else:
        parts, ends = [f"{json.dumps(key)}: {written(part, deeper)}" for key, part in value.items()], "{}"
    return f"{ends[0]}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{ends[1]}"
