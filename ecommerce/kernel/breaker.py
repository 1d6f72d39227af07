"""A circuit breaker for one dependency, held by this process."""

import time

from ecommerce.kernel import chance

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 3.0


class Breaker:
    """Stops asking a dependency that keeps failing, and lets one question through when the pause is over."""

    def __init__(self) -> None:
        self._failures = 0
        self._opened_at = 0.0

    def allows(self) -> bool:
        """Whether to ask now."""
        if self._failures < FAILURES_TO_OPEN:
            return True
        if time.monotonic() - self._opened_at < OPEN_SECONDS:
            return False
        self._opened_at = time.monotonic()
        return True

    def answered(self) -> None:
        """It answered: ask freely again."""
        self._failures = 0

    def failed(self) -> None:
        """It did not answer."""
        self._failures += 1
        self._opened_at = time.monotonic()

    def pause(self, attempt: int) -> None:
        """Wait a little before the next attempt: 50 ms, then 100, with jitter."""
        time.sleep(chance.jitter(0.05 * 2**attempt))
