"""Webhook events: kept until the test has them delivered. Follows api/rest/webhooks/rest and …/webhooks/event-names.

PayPal repeats an event up to 25 times within three days until it is answered with 2xx; here the test says when each
goes out: now, late, twice, out of order, or not at all.
"""

import base64
import json
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import httpx2

from tests.fakes.paypal.certificates import Authority, Signer
from tests.fakes.paypal.http import Json, now, stamp

CERTIFICATES = "/v1/notifications/certs/"


@dataclass(frozen=True)
class Event:
    """One thing that happened, in the words that go out."""

    id: str
    type: str
    body: bytes


class Webhooks:
    """All events so far, in the order in which they happened."""

    def __init__(self, base_url: str, webhook_id: str) -> None:
        self._base_url, self._webhook_id = base_url, webhook_id
        self.authority = Authority()
        self.events: list[Event] = []
        self.delivered: list[Event] = []
        # Where events go; the test sets it.
        self.listener = ""
        self._certificates: dict[str, bytes] = {}
        self._signer = self.authority.signer()
        self._certificate_url = self.serve(self._signer)

    def serve(self, signer: Signer) -> str:
        """Serve a signer's certificates; returns the address for PAYPAL-CERT-URL."""
        name = f"CERT-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        self._certificates[name] = signer.pem
        return f"{self._base_url}{CERTIFICATES}{name}"

    def certificate(self, path: str) -> bytes | None:
        return self._certificates.get(path.removeprefix(CERTIFICATES))

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._signer = self.authority.signer()
        self._certificate_url = self.serve(self._signer)

    def tell(self, kind: str, resource_type: str, resource: Json) -> None:
        """Something has happened."""
        event_id = f"WH-{secrets.token_hex(9).upper()}-{secrets.token_hex(9).upper()}"
        document = {
            "id": event_id,
            "event_version": "1.0",
            "create_time": stamp(now()),
            "resource_type": resource_type,
            "resource_version": "2.0",
            "event_type": kind,
            "summary": kind.replace(".", " ").capitalize(),
            "resource": resource,
            "links": [],
        }
        self.events.append(Event(event_id, kind, json.dumps(document).encode()))

    def of_type(self, kind: str) -> Event:
        """The last event of this type."""
        return [event for event in self.events if event.type == kind][-1]

    def headers(
        self,
        event: Event,
        *,
        at: datetime | None = None,
        webhook_id: str | None = None,
        signer: Signer | None = None,
        certificate_url: str | None = None,
    ) -> dict[str, str]:
        """The headers of a transmission, signed over `transmission id|time|webhook id|crc32 of the body`."""
        transmission_id, time = str(uuid4()), stamp(at or now())
        message = f"{transmission_id}|{time}|{webhook_id or self._webhook_id}|{zlib.crc32(event.body)}"
        signature = (signer or self._signer).sign(message.encode())
        return {
            "Content-Type": "application/json",
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": certificate_url or self._certificate_url,
        }

    def deliver(self, events: Iterable[Event] | None = None, *, at: datetime | None = None) -> list[int]:
        """Post events to the listener, all that are new where none are named; returns the answers' status codes."""
        chosen = [event for event in self.events if event not in self.delivered] if events is None else list(events)
        codes = []
        with httpx2.Client(timeout=10) as client:
            for event in chosen:
                answer = client.post(self.listener, content=event.body, headers=self.headers(event, at=at))
                codes.append(answer.status_code)
                self.delivered.append(event)
        return codes
