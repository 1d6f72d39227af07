"""One call to a provider: not inside a transaction, within limits of time and size, and no further than asked.

Where it goes is in the settings, and in what the issuer of the settings publishes: never in a request to this shop.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, TypeVar

import msgspec
import requests
import structlog
import urllib3
from authlib.integrations.requests_client import OAuth2Session

from ecommerce.kernel.breaker import Breaker
from ecommerce.kernel.db import refuse_in_transaction
from ecommerce.kernel.errors import Unavailable
from modules.users.logic.openid.providers import Provider

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

# Seconds to connect, to wait for the next bytes, and for a whole body.
TIMEOUT = (2.0, 5.0)
BODY_SECONDS = 5.0
MAX_BYTES = 256 * 1024
CHUNK = 16 * 1024
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError)

_breakers: dict[str, Breaker] = {}


class Session(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """Authlib's session, which follows no redirect, waits not long and reads not much."""

    breaker: Breaker

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        try:
            response = self._bounded(method, url, **kwargs)
        except FAILURES:
            self.breaker.failed()
            raise
        self.breaker.answered()
        return response

    def _bounded(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        kwargs |= {"timeout": TIMEOUT, "allow_redirects": False, "stream": True}
        response: requests.Response = super().request(method, url, **kwargs)
        with response:
            body = _read(response)
        # Whoever asks for its content finds what was read.
        response.raw = BytesIO(body)
        if response.status_code >= 500 or response.status_code == requests.codes.too_many_requests:
            response.raise_for_status()
        return response


@contextmanager
def asking(provider: Provider, **options: Any) -> Iterator[Session]:
    """A session for one call, or none while the provider fails again and again; a failure is Unavailable."""
    refuse_in_transaction(f"the identity provider {provider.id}")
    breaker = _breakers.setdefault(provider.issuer, Breaker())
    if not breaker.allows():
        raise unavailable(provider, "it has failed again and again")
    try:
        with Session(provider.client_id, provider.client_secret, **options) as session:
            session.breaker = breaker
            yield session
    except FAILURES as error:
        raise unavailable(provider, type(error).__name__) from error


def get(provider: Provider, url: str, kind: type[Answer], **options: Any) -> Answer:
    """A document of the provider's; Unavailable also for what is none."""
    with asking(provider) as session:
        response = session.get(url, withhold_token=True, **options)
    if response.status_code != requests.codes.ok:
        raise unavailable(provider, f"{url} answered {response.status_code}")
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise unavailable(provider, f"{url} is not what OpenID Connect says") from error


def unavailable(provider: Provider, reason: str) -> Unavailable:
    """The refusal, to be raised; operators find the reason in the log."""
    log.warning("an identity provider does not answer", provider=provider.id, reason=reason)
    return Unavailable(f"{provider.title} does not answer.", dependency=provider.id)


def forget_failures() -> None:
    """Ask freely again (tests)."""
    _breakers.clear()


def _read(response: requests.Response) -> bytes:
    body, deadline = b"", time.monotonic() + BODY_SECONDS
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        body += chunk
        if len(body) > MAX_BYTES or time.monotonic() > deadline:
            raise requests.exceptions.ContentDecodingError("the answer is too long, or takes too long")
    return body
