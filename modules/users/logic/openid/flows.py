"""A sign-in on its way: begun here, confirmed at the provider, finished here once and within ten minutes.

What it began with waits in Redis under a name made of two secrets. `state` travels through the browser's address bar;
`binding` never leaves the page that began. So who learns of an address with code and state, or talks somebody into
opening one, finishes nothing, and leaves the one who may undisturbed.
"""

from dataclasses import dataclass
from typing import Any

from django_redis import get_redis_connection

from ecommerce.kernel import chance, secrets, wire
from ecommerce.kernel.errors import Invalid
from modules.users.logic.openid import client
from modules.users.logic.openid.claims import Person
from modules.users.logic.openid.client import Question
from modules.users.logic.openid.providers import get_provider

MINUTES = 10


class RedirectNotAllowed(Invalid):
    """This provider is not set up to send anybody back to that address."""

    code = "redirect_uri_not_allowed"


class InvalidState(Invalid):
    """This sign-in was not begun here, was finished already, or took too long: begin again."""

    code = "invalid_state"


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where the browser goes, and what the storefront keeps until it comes back."""

    authorization_url: str
    state: str
    binding: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What Redis holds of a sign-in."""

    provider: str
    question: Question


def start(*, provider: str, redirect_uri: str) -> Started:
    """Begin; UnknownProvider, RedirectNotAllowed, or Unavailable while the provider is."""
    chosen = get_provider(provider)
    if redirect_uri not in chosen.redirect_uris:
        raise RedirectNotAllowed
    # 43 characters, the fewest that PKCE takes (RFC 7636, 4.1).
    question = Question(redirect_uri=redirect_uri, nonce=chance.token(), verifier=chance.token())
    state, binding = chance.token(), chance.token()
    url = client.authorization_url(chosen, question, state)
    waiting = Waiting(provider=provider, question=question)
    _redis().set(_key(state, binding), wire.encode(waiting), ex=MINUTES * 60)
    return Started(authorization_url=url, state=state, binding=binding)


def finish(*, provider: str, code: str, state: str, binding: str) -> Person:
    """Who has signed in there. InvalidState but for one request per start; InvalidIdentity; Unavailable."""
    chosen = get_provider(provider)
    # One of several requests gets it, whatever comes of that one.
    kept = _redis().getdel(_key(state, binding))
    waiting = wire.decode(kept, Waiting) if kept else None
    if waiting is None or waiting.provider != provider:
        raise InvalidState
    return client.identify(chosen, waiting.question, code)


def _redis() -> Any:
    return get_redis_connection("default")


def _key(state: str, binding: str) -> str:
    return "shop:openid:" + secrets.sign("openid-flow", state, binding)
