"""What the parts of the fake hand each other: a request, an answer, a refusal in PayPal's form."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

ID_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Request:
    """One call as it came in; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    form: Mapping[str, str]
    base_url: str

    @property
    def wants_all(self) -> bool:
        """api/rest/requests: `Prefer: return=representation` asks for the whole resource, else id, status, links."""
        return self.headers.get("prefer") == "return=representation"


@dataclass(frozen=True)
class Answer:
    """A status and a document; `show` says how the resource stands now, for a repetition of the same request."""

    status: int
    show: Callable[[Request], Json | None] = field(default=lambda request: None)


class Problem(Exception):
    """api/rest/responses, "Failed requests": name, message, debug_id, and details with an issue each."""

    def __init__(self, status: int, name: str, issue: str = "", description: str = "") -> None:
        super().__init__(name, issue)
        self.status, self.name, self.issue = status, name, issue
        self.description = description or issue.replace("_", " ").capitalize()

    def document(self) -> Json:
        details = [{"issue": self.issue, "description": self.description}] if self.issue else []
        return {
            "name": self.name,
            "message": MESSAGES.get(self.name, self.name),
            "debug_id": secrets.token_hex(7)[:13],
            "details": details,
            "links": [],
        }


class AuthProblem(Problem):
    """api/rest/authentication: what is wrong with a token or a client is said in OAuth's own form."""

    def document(self) -> Json:
        return {"error": self.name, "error_description": self.description}


MESSAGES = {
    "UNPROCESSABLE_ENTITY": "The requested action could not be performed, semantically incorrect, or failed business "
    "validation.",
    "INVALID_REQUEST": "Request is not well-formed, syntactically incorrect, or violates schema.",
    "RESOURCE_NOT_FOUND": "The specified resource does not exist.",
    "RATE_LIMIT_REACHED": "Too many requests. Blocked due to rate limiting.",
    "INTERNAL_SERVER_ERROR": "An internal server error has occurred.",
    "NOT_AUTHORIZED": "Authorization failed due to insufficient permissions.",
}


def unprocessable(issue: str) -> Problem:
    """api/rest/troubleshooting/rest_unprocessable_entity: refused by a rule of business; nothing was done."""
    return Problem(422, "UNPROCESSABLE_ENTITY", issue)


def malformed(issue: str) -> Problem:
    """api/rest/responses: 400 for a request that does not fit the schema."""
    return Problem(400, "INVALID_REQUEST", issue)


def not_found() -> Problem:
    """api/rest/troubleshooting/rest_resource_not_found: also what expired orders answer."""
    return Problem(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")


def new_id() -> str:
    """Seventeen capital letters and digits, as PayPal's ids of orders and transactions are."""
    return "".join(secrets.choice(ID_LETTERS) for _ in range(17))


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Internet date and time with seconds, as in every resource."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
