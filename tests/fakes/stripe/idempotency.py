"""The first answer under a key is the answer. Stripe docs: "Idempotent requests", "Advanced error handling".

A key remembers status and body, whatever they are (500 included), once execution has begun. It refuses other
parameters or another address, and it refuses to be used twice at once. What fails before execution (validation,
authentication, rate limits, a conflict with the request under way) is not remembered. Keys are good for a day.
"""

from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.account import Account
from tests.fakes.stripe.refusals import Refusal

LIFETIME = 24 * 3600
LONGEST = 255


@dataclass
class Kept:
    asked: tuple[str, str, dict[str, Any]]
    at: int
    # None while the first request is under way.
    answer: tuple[int, dict[str, Any]] | None = None


class Keys:
    """The keys of one account; used under its lock."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.kept: dict[str, Kept] = {}

    def begin(self, key: str, asked: tuple[str, str, dict[str, Any]]) -> tuple[int, dict[str, Any]] | None:
        """The kept answer, or None where the request is to be carried out now (and `finish` or `forget` follows)."""
        if len(key) > LONGEST:
            raise Refusal(400, "invalid_request_error", f"Idempotency keys have up to {LONGEST} characters", kept=False)
        kept = self.kept.get(key)
        if kept is None or kept.at + LIFETIME <= self._account.now():
            self.kept[key] = Kept(asked, self._account.now())
            return None
        if kept.asked != asked:
            raise Refusal(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters and endpoint they were first "
                f"used with. Try using a key other than '{key}' if you meant to execute a different request.",
                kept=False,
            )
        if kept.answer is None:
            message = f"There is currently another in-progress request using the key '{key}'."
            raise Refusal(409, "idempotency_error", message, kept=False, code="idempotency_key_in_use")
        return kept.answer

    def finish(self, key: str, status: int, body: dict[str, Any]) -> None:
        """Remember the answer."""
        self.kept[key].answer = (status, body)

    def forget(self, key: str) -> None:
        """Execution did not begin."""
        self.kept.pop(key, None)
