"""One Stripe account: its objects, its clock, and the events that changes of its objects make."""

import copy
import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.stripe.refusals import missing

Object = dict[str, Any]
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
API_VERSION = "2026-10-28.endive"
PREFIXES = {
    "payment_intent": "pi",
    "setup_intent": "seti",
    "payment_method": "pm",
    "charge": "ch",
    "refund": "re",
    "dispute": "du",
    "customer": "cus",
    "balance_transaction": "txn",
    "payout": "po",
    "event": "evt",
    "mandate": "mandate",
}


class Account:
    """All that one secret key sees. Every use of it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Object]] = {kind: {} for kind in PREFIXES}
        self.offset = 0
        self.request: Object = {"id": None, "idempotency_key": None}
        # What Stripe's databases know of an object and its API does not show, by the object's id.
        self.hidden: dict[str, Any] = {}
        self.listeners: list[Callable[[Object], None]] = []
        self._numbers = itertools.count(1)

    def now(self) -> int:
        """Stripe's instants are whole seconds."""
        return int(time.time()) + self.offset

    def add(self, kind: str, **fields: Any) -> Object:
        """A new object with what all objects have."""
        reference = self.new_id(kind)
        made = {"id": reference, "object": kind, "created": self.now(), "livemode": False, **fields}
        self.tables[kind][reference] = made
        return made

    def new_id(self, kind: str) -> str:
        """Like Stripe's: a prefix and 24 characters, growing with time."""
        number = next(self._numbers)
        return f"{PREFIXES[kind]}_fake{number:08d}" + "".join(secrets.choice(ALPHABET) for _ in range(12))

    def get(self, kind: str, reference: str, param: str = "id") -> Object:
        """The object itself, to be read or changed; refuses what is not there."""
        found = self.tables[kind].get(reference)
        if found is None or (found.get("deleted") and param != "id"):
            raise missing(kind, reference, param)
        return found

    def all(self, kind: str, **equal: Any) -> Iterator[Object]:
        """Newest first, as Stripe lists."""
        for found in reversed(list(self.tables[kind].values())):
            if all(found.get(name) == value for name, value in equal.items()):
                yield found

    def emit(self, kind: str, subject: Object) -> None:
        """An event holds the object as it was at that moment. Stripe docs: "The Event object"."""
        event = self.add(
            "event",
            type=kind,
            api_version=API_VERSION,
            data={"object": copy.deepcopy(subject)},
            request=dict(self.request),
            pending_webhooks=1,
        )
        for listener in self.listeners:
            listener(event)
