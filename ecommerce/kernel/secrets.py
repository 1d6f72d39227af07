"""Keys derived from SECRET_KEY, one per purpose: what is encrypted or signed for one is worthless for another."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ecommerce.kernel import chance

NONCE_BYTES = 12


class CannotDecrypt(ValueError):
    """The bytes were altered, or encrypted for another purpose or with a key that is gone."""


def encrypt(purpose: str, plain: bytes) -> bytes:
    """Encrypt and authenticate with the purpose's key (AES-256-GCM)."""
    nonce = chance.random_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key(_secrets()[0], purpose)).encrypt(nonce, plain, purpose.encode())


def decrypt(purpose: str, sealed: bytes) -> bytes:
    """What `encrypt` was given, also under a key of SECRET_KEY_FALLBACKS; CannotDecrypt for anything else."""
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for secret in _secrets():
        try:
            return AESGCM(_key(secret, purpose)).decrypt(nonce, text, purpose.encode())
        except (InvalidTag, ValueError):
            continue
    raise CannotDecrypt(purpose)


def sign(purpose: str, *parts: object) -> str:
    """A URL-safe HMAC over the parts, to hand out; the same parts give the same one."""
    return _signature(_secrets()[0], purpose, parts)


def verify(signature: str, purpose: str, *parts: object, length: int | None = None) -> bool:
    """Whether `sign` made it (or, with `length`, its beginning) from these parts; compared in constant time."""
    given = signature.encode(errors="replace")
    expected = [_signature(secret, purpose, parts)[:length].encode() for secret in _secrets()]
    return any(hmac.compare_digest(given, one) for one in expected)


def _signature(secret: str, purpose: str, parts: tuple[object, ...]) -> str:
    # Each part carries its length: ("ab", "c") and ("a", "bc") are different messages.
    texts = [str(part).encode() for part in parts]
    message = b"".join(len(text).to_bytes(4, "big") + text for text in texts)
    digest = hmac.digest(_key(secret, "sign:" + purpose), message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _secrets() -> list[str]:
    return [str(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=256)
def _key(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
