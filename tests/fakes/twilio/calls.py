"""Twilio calls the shop: as a form, signed. Follows "Security", "Validating Signatures from Twilio"."""

import base64
import hashlib
import hmac
import urllib.parse
from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call, ready to be made."""

    url: str
    fields: dict[str, str]
    token: str

    @property
    def path(self) -> str:
        """Path and query."""
        parts = urllib.parse.urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def body(self) -> str:
        return urllib.parse.urlencode(self.fields)

    @property
    def signature(self) -> str:
        """The whole address, then each field's name and value, sorted by name."""
        text = self.url + "".join(f"{name}{self.fields[name]}" for name in sorted(self.fields))
        return base64.b64encode(hmac.new(self.token.encode(), text.encode(), hashlib.sha1).digest()).decode()

    def make(self, *, at: str) -> int:
        """Post it to the host that the shop really listens at, as a gateway would; the status of its answer."""
        headers = {"X-Twilio-Signature": self.signature, "Content-Type": "application/x-www-form-urlencoded"}
        answer = httpx2.post(f"{at}{self.path}", content=self.body, headers=headers, timeout=10, trust_env=False)
        return answer.status_code
