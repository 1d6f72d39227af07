"""How Stripe says no. Stripe docs: "Errors", "Error codes", "Decline codes"."""

from typing import Any


class Refusal(Exception):
    """An error envelope with its status; `kept` tells whether an idempotency key remembers it."""

    def __init__(self, status: int, kind: str, message: str, *, kept: bool = True, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.body = {"error": {"type": kind, "message": message, **more}}


def invalid(message: str, *, code: str | None = None, param: str | None = None, **more: Any) -> Refusal:
    """The request cannot be carried out as it is."""
    named: dict[str, Any] = {"code": code, "param": param}
    given = {name: value for name, value in named.items() if value is not None}
    return Refusal(400, "invalid_request_error", message, **given, **more)


def malformed(message: str, *, code: str, param: str) -> Refusal:
    """A parameter failed validation: execution has not begun, so no key remembers it."""
    return Refusal(400, "invalid_request_error", message, kept=False, code=code, param=param)


def missing(kind: str, reference: str, param: str) -> Refusal:
    """Stripe docs: "Error codes", resource_missing."""
    return Refusal(404, "invalid_request_error", f"No such {kind}: '{reference}'", code="resource_missing", param=param)


def unexpected_state(intent: dict[str, Any], what: str) -> Refusal:
    """Stripe docs: "Error codes", payment_intent_unexpected_state; the envelope holds the intent."""
    kind = intent["object"]
    message = f"This {kind}'s status is {intent['status']}: {what}."
    more: dict[str, Any] = {kind: intent}
    return invalid(message, code=f"{kind}_unexpected_state", **more)
