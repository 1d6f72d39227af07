"""Events and their delivery. Stripe docs: "The Event object", "Receive Stripe events in your webhook endpoint".

Stripe promises neither order nor that an event comes only once; each delivery is signed anew, once per secret while one
is rotated ("Verify webhook signatures"). Nothing is delivered here until a test says so.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx2

from tests.fakes.stripe import listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.routing import route

Receiver = Callable[[dict[str, str], bytes], Any]
Order = Callable[[list[Object]], Sequence[Object]]


@route("GET", "/v1/events/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve an event."""
    return account.get("event", reference)


@route("GET", "/v1/events", takes=f"type types {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all events of the last thirty days."""
    kinds = params.get("types") or ([params["type"]] if "type" in params else None)
    found = (event for event in account.all("event") if kinds is None or event["type"] in kinds)
    return listing.page("/v1/events", found, params)


class Events:
    """The webhook endpoint's side of the events: which are still to be delivered, and the commands that do."""

    def __init__(self, account: Account, secrets: Sequence[str]) -> None:
        self._account = account
        # Two while one is rotated.
        self.secrets = list(secrets)
        self._waiting: list[Object] = []
        account.listeners.append(self._waiting.append)

    def pending(self, *types: str) -> list[Object]:
        """What has not been delivered, oldest first; only of these types where some are given."""
        with self._account.lock:
            return [event for event in self._waiting if not types or event["type"] in types]

    def tell_also(self, listener: Callable[[Object], None]) -> None:
        """Call this with each event as it comes to be, delivered or not."""
        self._account.listeners.append(listener)

    def count(self) -> int:
        """How many there have been."""
        return len(self._account.tables["event"])

    def numbered(self, number: int) -> Object:
        """One of all that there have been, the oldest is 0."""
        with self._account.lock:
            return list(self._account.tables["event"].values())[number]

    def drop(self, *types: str) -> int:
        """What waits is never delivered; returns how many."""
        with self._account.lock:
            dropped = self.pending(*types)
            self._waiting[:] = [event for event in self._waiting if event not in dropped]
            return len(dropped)

    def deliver(
        self,
        to: Receiver | str,
        *,
        types: Sequence[str] = (),
        order: Order = list,
        times: int = 1,
        signed_ago: int = 0,
    ) -> list[Any]:
        """Deliver what waits, `order`ed (as by `reversed`), each so many `times`; returns the receiver's answers.

        `to` is a function of headers and body, or a URL. Deliver later for a late one: Stripe signs when it delivers.
        """
        events = [event for event in order(self.pending(*types)) for _ in range(times)]
        answers = [self._send(to, event, signed_ago) for event in events]
        self.drop(*types)
        return answers

    def signed(self, event: Object, signed_ago: int = 0) -> tuple[dict[str, str], bytes]:
        """Headers and body of one delivery."""
        body = json.dumps(event, indent=2).encode()
        at = self._account.now() - signed_ago
        made = [hmac.new(s.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for s in self.secrets]
        header = ",".join([f"t={at}", *(f"v1={signature}" for signature in made)])
        return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}, body

    def _send(self, to: Receiver | str, event: Object, signed_ago: int) -> Any:
        headers, body = self.signed(event, signed_ago)
        if callable(to):
            return to(headers, body)
        return httpx2.post(to, headers=headers, content=body).status_code
