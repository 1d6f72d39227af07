"""Which function answers which address; the files with endpoints register themselves here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe import forms
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.refusals import Refusal

Endpoint = Callable[..., Object]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    takes: frozenset[str]
    needs: tuple[str, ...]
    endpoint: Endpoint


ROUTES: list[Route] = []


def route(method: str, path: str, *, takes: str = "", needs: str = "") -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint: `{name}` in the path is handed over by name; `takes` and `needs` are its parameters."""
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(endpoint: Endpoint) -> Endpoint:
        needed = tuple(needs.split())
        ROUTES.append(Route(method, pattern, frozenset(takes.split()) | set(needed), needed, endpoint))
        return endpoint

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint at an address, and what stands in the address."""
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            return candidate, match.groupdict()
    message = f"Unrecognized request URL ({method}: {path})."
    raise Refusal(404, "invalid_request_error", message, kept=False)


def validated(found: Route, params: dict[str, Any]) -> None:
    """Stripe docs: "Idempotent requests": what fails validation has not begun, and no key remembers it."""
    forms.check(params, found.takes, found.needs)


def answer(account: Account, found: Route, params: dict[str, Any], named: dict[str, str]) -> Object:
    """Carry it out."""
    return found.endpoint(account, params, **named)
