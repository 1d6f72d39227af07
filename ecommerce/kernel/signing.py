"""How modules prove to each other who is calling: HMAC-SHA256 over method, path, time, nonce and body.

INTERNAL_KEYS holds one key for each calling module, two while one is rotated (the first signs, both verify):
`orders:new-key|old-key,cart:key`. In development one key serves all.
"""

import hashlib
import hmac
from collections.abc import Mapping

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from ecommerce.kernel import chance, clock

log = structlog.get_logger()

# How far two clocks may be apart, and how long a nonce is remembered.
WINDOW_SECONDS = 60


class BadSignature(Exception):
    """The call is not signed by a module that we know, is altered, too old, or repeated."""


def sign(caller: str, method: str, path: str, body: bytes) -> dict[str, str]:
    """The headers that prove that `caller` makes this call, now and once."""
    time, nonce = str(int(clock.now().timestamp())), chance.token(16)
    return {
        "X-Internal-Caller": caller,
        "X-Internal-Time": time,
        "X-Internal-Nonce": nonce,
        "X-Internal-Signature": _digest(_keys(caller)[0], method, path, time, nonce, body),
    }


def verify(headers: Mapping[str, str], method: str, path: str, body: bytes) -> str:
    """The calling module; BadSignature when the proof does not hold."""
    caller, time, nonce = (headers.get(f"X-Internal-{name}", "") for name in ("Caller", "Time", "Nonce"))
    given = headers.get("X-Internal-Signature", "").encode()
    digests = [_digest(key, method, path, time, nonce, body).encode() for key in _keys(caller)]
    if True not in [hmac.compare_digest(digest, given) for digest in digests]:
        raise BadSignature("signature")
    if not time.isdigit() or abs(clock.now().timestamp() - int(time)) > WINDOW_SECONDS:
        raise BadSignature("time")
    if not _first_use(caller, nonce):
        raise BadSignature("nonce")
    return caller


def _keys(caller: str) -> list[str]:
    entries = dict(entry.split(":", 1) for entry in settings.INTERNAL_KEYS.split(",") if ":" in entry)
    if entries:
        return entries[caller].split("|") if caller in entries else []
    return [settings.INTERNAL_KEYS]


def _digest(key: str, *parts: str | bytes) -> str:
    message = b"\n".join(part if isinstance(part, bytes) else part.encode() for part in parts)
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _first_use(caller: str, nonce: str) -> bool:
    try:
        return bool(cache.add(f"nonce:{caller}:{nonce}", 1, timeout=2 * WINDOW_SECONDS))
    except RedisError as error:
        # Public functions may be repeated, so a replay inside the window does no harm; a standstill would.
        log.warning("nonce_not_checked", error=str(error))
        return True
