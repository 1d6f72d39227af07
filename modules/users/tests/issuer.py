"""An issuer of OpenID Connect on this machine: real HTTP, real signatures, real memory of codes, mistakes on demand."""

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

from ecommerce.kernel import chance, clock

CLIENT_ID, CLIENT_SECRET = "shop", "s3cret-of-the-shop"
REDIRECT_URI = "http://localhost:3000/signed-in"
ADA = {
    "sub": "ada-1815",
    "email": "ada@example.com",
    "email_verified": True,
    "given_name": "Ada",
    "family_name": "Lovelace",
    "locale": "de-CH",
}
PROFILE = ("email", "email_verified", "given_name", "family_name", "locale")


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


FIRST_KEY, SECOND_KEY = new_key("first"), new_key("second")


@dataclass
class Issuer:
    """Its state; a test changes it and looks at what was asked."""

    url: str = ""
    # Who signs in at it next.
    person: dict[str, Any] = field(default_factory=lambda: dict(ADA))
    key: RSAKey = field(default_factory=lambda: FIRST_KEY)
    published: list[dict[str, Any]] = field(default_factory=lambda: [FIRST_KEY.as_dict(private=False)])
    # Changes to the next ID tokens: claims (None leaves one out), header, and who signs.
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signed_by: Any = None
    # Changes to the discovery document, and answers instead of the real ones, by path: (status, headers, body).
    metadata: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    # Paths that answer only when the test is over, and those that send a byte now and then until it is.
    hanging: set[str] = field(default_factory=set)
    dripping: set[str] = field(default_factory=set)
    # Address and names are in userinfo only.
    profile_apart: bool = False
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authentications: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    _codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def provider(self, **changes: Any) -> dict[str, Any]:
        """Its entry in settings.OIDC_PROVIDERS."""
        entry = {
            "id": "home",
            "title": "Home",
            "issuer": self.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": (REDIRECT_URI,),
        }
        return entry | changes

    def rotate(self) -> None:
        """Sign with another key from now on, and publish both."""
        self.key = SECOND_KEY
        self.published.append(SECOND_KEY.as_dict(private=False))

    def browse(self, authorization_url: str) -> dict[str, str]:
        """What a browser brings back to the storefront when the person has agreed: code and state."""
        answer = httpx2.get(authorization_url)
        assert answer.status_code == 302, answer.text
        address, _, query = answer.headers["Location"].partition("?")
        assert address == REDIRECT_URI
        return {name: values[0] for name, values in parse_qs(query).items()}

    def times(self, path: str) -> int:
        return self.asked.count(path)

    # ── its endpoints ────────────────────────────────────────────────────────────────────────────────────────────────

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
        } | self.metadata

    def authorize(self, query: dict[str, str]) -> str:
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert (query["redirect_uri"], query["code_challenge_method"]) == (REDIRECT_URI, "S256")
        assert "openid" in query["scope"].split()
        code = chance.token()
        self._codes[code] = {"question": query, "person": dict(self.person)}
        return f"{REDIRECT_URI}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if not self._is_client(authorization, form):
            return 401, {"error": "invalid_client", "error_description": "who are you?"}
        kept = self._codes.pop(form["code"], None)
        if kept is None or not _answers(form, kept["question"]):
            return 400, {"error": "invalid_grant", "error_description": f"{form['code']} is worth nothing"}
        access = chance.token()
        self._tokens[access] = kept["person"]
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        return 200, answer | {"id_token": self._id_token(kept, access)}

    def about(self, authorization: str) -> dict[str, Any]:
        return self._tokens[authorization.removeprefix("Bearer ")] | self.userinfo

    def _is_client(self, authorization: str, form: dict[str, str]) -> bool:
        expected = f"{CLIENT_ID}:{CLIENT_SECRET}".encode()
        if authorization.startswith("Basic "):
            self.authentications.append("basic")
            return base64.b64decode(authorization.removeprefix("Basic ")) == expected
        self.authentications.append("post")
        return f"{form.get('client_id')}:{form.get('client_secret')}".encode() == expected

    def _id_token(self, kept: dict[str, Any], access: str) -> str:
        now = int(clock.now().timestamp())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": kept["question"]["nonce"],
            "at_hash": _base64(half),
        }
        person = kept["person"]
        if self.profile_apart:
            person = {name: value for name, value in person.items() if name not in PROFILE}
        claims = {name: value for name, value in (claims | person | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        if header["alg"] in ("none", "HS256") and self.signed_by is None:
            return _forged(header, claims)
        return jwt.encode(header, claims, self.signed_by or self.key)


@contextmanager
def serve() -> Iterator[Issuer]:
    """An issuer that listens on a port of its own, until the test is over."""
    issuer = Issuer()
    server = Door(issuer)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    # Not often: shutting down waits that long.
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield issuer
    finally:
        issuer.over.set()
        server.shutdown()
        server.server_close()


def _answers(form: dict[str, str], question: dict[str, str]) -> bool:
    """PKCE, and the address that the code was sent to."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return _base64(digest) == question["code_challenge"] and form["redirect_uri"] == question["redirect_uri"]


def _forged(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """By hand, since no library does it: unsigned, or with the public key as if it were the secret of HS256."""
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    secret = FIRST_KEY.as_pem(private=False)
    return f"{signed}." + (_base64(hmac.digest(secret, signed.encode(), "sha256")) if header["alg"] == "HS256" else "")


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Door(ThreadingHTTPServer):
    """Where the issuer is knocked at."""

    daemon_threads = True

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.issuer = issuer

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Who was told too much has hung up.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Visit(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Door

    def do_GET(self) -> None:
        parts, issuer = urlsplit(self.path), self.server.issuer
        if self._is_answered_otherwise(parts.path):
            return
        if parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(302, {"Location": issuer.authorize(query)}, b"")
            return
        documents = {
            "/.well-known/openid-configuration": issuer.discovery,
            "/jwks": lambda: {"keys": issuer.published},
            "/userinfo": lambda: issuer.about(self.headers["Authorization"]),
        }
        self._json(200, documents[parts.path]())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._is_answered_otherwise(self.path):
            return
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        self._json(*self.server.issuer.token(self.headers.get("Authorization", ""), form))

    def log_message(self, *_: Any) -> None:
        """The test's own output is enough."""

    def _is_answered_otherwise(self, path: str) -> bool:
        issuer = self.server.issuer
        issuer.asked.append(path)
        if path in issuer.hanging:
            issuer.over.wait(30)
            self.close_connection = True
            return True
        if path in issuer.dripping:
            self._answer(200, {"Connection": "close"}, b" ", length=1000)
            while not issuer.over.wait(0.02):
                self.wfile.write(b" ")
            return True
        if path in issuer.instead:
            self._answer(*issuer.instead[path])
            return True
        return False

    def _json(self, status: int, document: dict[str, Any]) -> None:
        self._answer(status, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(length or len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
