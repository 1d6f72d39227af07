"""How Stripe is reached: its SDK, with our time-outs, and its errors in our words.

The SDK takes a second to import, so nothing imports it before Stripe is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings

from ecommerce.kernel.errors import Unavailable
from modules.payments.contracts import ProviderUnreachable
from modules.payments.logic.providers import breakers

if TYPE_CHECKING:
    import stripe
    from stripe._v1_services import V1Services

log = structlog.get_logger(__name__)

NAME = "stripe"
# What our reading of its answers is written for, whatever the account's own version is.
API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 10.0
PAGE = 100

Answer = dict[str, Any]


class KeptFailure(Unavailable):
    """Stripe failed once at this, and would say so again under the same idempotency key: it is no use to repeat it."""


def api() -> V1Services:
    """Stripe's API, by our key. To be used inside of `asking`."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1


def forget_clients() -> None:
    """For tests, each of which has a Stripe of its own."""
    _client.cache_clear()


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    import stripe

    # It writes down what it sends and what it is told; we say ourselves what is worth it.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        # Never by itself: a second try that is refused at the door would hide that the first may have been heard.
        # Whoever asked repeats it, under the same key.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )


@contextmanager
def asking() -> Iterator[None]:
    """Ask Stripe inside of this.

    Raises ProviderUnreachable, or Unavailable where the outcome is not known. What Stripe answers to the question
    itself (CardError, InvalidRequestError, IdempotencyError) is left as it is.
    """
    import stripe

    was_kept = False
    with breakers.asking(NAME):
        try:
            yield
        except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError):
            raise
        except stripe.StripeError as error:
            # A kept failure says nothing about how Stripe is now.
            was_kept = is_replayed(error.headers)
            if not was_kept:
                raise _in_our_words(error) from None
    if was_kept:
        raise KeptFailure(dependency=NAME)


@contextmanager
def after_asking() -> Iterator[None]:
    """Go on inside of this about what Stripe was asked just now.

    That it cannot be reached any more does not mean that nothing was asked: ProviderUnreachable becomes Unavailable.
    """
    try:
        yield
    except ProviderUnreachable:
        raise Unavailable(dependency=NAME) from None


@contextmanager
def looking() -> Iterator[None]:
    """Ask Stripe inside of this for what changes nothing there, and may be asked: a refusal is as good as no answer."""
    import stripe

    try:
        with asking():
            yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        log.warning("stripe_refuses_a_question", code=error.code, request_id=error.request_id)
        raise Unavailable(dependency=NAME) from None


def is_replayed(headers: Any) -> bool:
    """Whether an answer is the one an idempotency key has kept: right when it was given, and old by now."""
    return (headers or {}).get("Idempotent-Replayed") == "true"


def pages(question: Callable[[Answer], Any], params: Answer) -> Iterator[list[Answer]]:
    """All that a list of Stripe's holds, page by page, newest first."""
    after: Answer = {}
    while True:
        with looking():
            page = question({"limit": PAGE, **params, **after})
        rows = [row.to_dict() for row in page.data]
        yield rows
        if not page.has_more or not rows:
            return
        after = {"starting_after": rows[-1]["id"]}


def _in_our_words(error: stripe.StripeError) -> Unavailable:
    """Nothing of what Stripe said is handed on: its messages may hold parts of keys."""
    import stripe

    if isinstance(error, stripe.APIConnectionError) and _was_never_sent(error):
        return ProviderUnreachable(dependency=NAME)
    about = {"error": type(error).__name__, "status": error.http_status, "request_id": error.request_id}
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        log.error("stripe_refuses_our_key", **about)
    else:
        log.warning("stripe_does_not_answer", **about)
    return Unavailable(dependency=NAME)


def _was_never_sent(error: stripe.APIConnectionError) -> bool:
    """Whether no connection came about: the address is not found, refuses, or does not take the call in time."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    arguments = getattr(error.__cause__, "args", ()) or (None,)
    return isinstance(getattr(arguments[0], "reason", None), (ConnectTimeoutError, NewConnectionError))
