"""How long to wait before trying again, and when to stop trying."""

from datetime import datetime, timedelta

from ecommerce.kernel import chance, clock

# A handler or step that failed this often has a fault that waiting does not mend: it is parked for people to see.
ATTEMPTS_BEFORE_PARKING = 10
LONGEST_SECONDS = 60.0


def next_attempt(attempts: int) -> datetime:
    """When to try again after `attempts` failures: 0.25 s, doubling up to a minute, with jitter."""
    seconds = min(LONGEST_SECONDS, 0.5 * 2 ** min(attempts - 1, 10))
    return clock.now() + timedelta(seconds=chance.jitter(seconds))
