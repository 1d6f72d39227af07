"""One circuit breaker per provider and process: a provider that does not answer is left alone for a few seconds."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from ecommerce.kernel.breaker import Breaker
from ecommerce.kernel.errors import Unavailable
from modules.payments.contracts import ProviderUnreachable

_breakers: defaultdict[str, Breaker] = defaultdict(Breaker)


@contextmanager
def asking(provider: str) -> Iterator[None]:
    """Ask the provider inside of this; raises ProviderUnreachable without asking while the breaker is open.

    What raises Unavailable counts as a failure, anything else (a decline, a refusal) as an answer.
    """
    breaker = _breakers[provider]
    if not breaker.allows():
        raise ProviderUnreachable(dependency=provider)
    try:
        yield
    except Unavailable:
        breaker.failed()
        raise
    except Exception:
        breaker.answered()
        raise
    breaker.answered()


def reset() -> None:
    """Close all breakers: for tests, which share a process."""
    _breakers.clear()
