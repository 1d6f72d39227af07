"""What a provider publishes, remembered by this process."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ecommerce.kernel.errors import Unavailable

MAX_AGE_SECONDS = 3600
REFETCH_SECONDS = 60

Document = TypeVar("Document")


class Remembered(Generic[Document]):
    """A document that is fetched once an hour, and kept as last good while its publisher does not answer."""

    def __init__(self, fetch: Callable[[], Document]) -> None:
        self._fetch = fetch
        self._document: Document | None = None
        self._fetched_at = self._refetched_at = float("-inf")

    def get(self) -> Document:
        """The document; Unavailable when it was never fetched and cannot be."""
        if self._document is None or time.monotonic() - self._fetched_at > MAX_AGE_SECONDS:
            return self._fetched()
        return self._document

    def get_fresher(self) -> Document:
        """The document, fetched anew because something was not found in it: at most once a minute."""
        if time.monotonic() - self._refetched_at <= REFETCH_SECONDS:
            return self.get()
        self._refetched_at = time.monotonic()
        return self._fetched()

    def _fetched(self) -> Document:
        self._fetched_at = time.monotonic()
        try:
            self._document = self._fetch()
        except Unavailable:
            if self._document is None:
                raise
        return self._document
