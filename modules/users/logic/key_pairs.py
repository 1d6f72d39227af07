"""Key pairs by themselves: generating them, encrypting the private half, writing the public one as a JWK."""

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.conf import settings
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from ecommerce.kernel import chance

NONCE_BYTES = 12
RSA_BITS = 3072

Private = Ed25519PrivateKey | RSAPrivateKey


class CannotUnseal(Exception):
    """The private key was encrypted under another JWT_KEY_ENCRYPTION_KEY, or altered."""


def generate(algorithm: str) -> Private:
    """A new private key for EdDSA or RS256."""
    if algorithm == "EdDSA":
        return Ed25519PrivateKey.from_private_bytes(chance.random_bytes(32))
    return generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def seal(kid: UUID, private: Private) -> bytes:
    """The private key encrypted and bound to its id (AES-256-GCM)."""
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    nonce = chance.random_bytes(NONCE_BYTES)
    return nonce + _cipher(settings.JWT_KEY_ENCRYPTION_KEY).encrypt(nonce, plain, kid.bytes)


def unseal(kid: UUID, sealed: bytes) -> Private:
    """What was sealed; CannotUnseal under another JWT_KEY_ENCRYPTION_KEY, or for another id."""
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        plain = _cipher(settings.JWT_KEY_ENCRYPTION_KEY).decrypt(nonce, text, kid.bytes)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal(str(kid)) from error
    private = load_der_private_key(plain, password=None)
    if not isinstance(private, Ed25519PrivateKey | RSAPrivateKey):
        raise CannotUnseal(str(kid))
    return private


def jwk_of(private: Private, algorithm: str, kid: UUID) -> dict[str, Any]:
    """The public half as a JSON Web Key (RFC 7517)."""
    if isinstance(private, Ed25519PrivateKey):
        text = OKPAlgorithm.to_jwk(private.public_key())
    else:
        text = RSAAlgorithm.to_jwk(private.public_key())
    members: dict[str, Any] = json.loads(text)
    # `use` says it already, and RFC 7517 wants one of the two.
    members.pop("key_ops", None)
    return members | {"kid": str(kid), "alg": algorithm, "use": "sig"}


def public_of(public_jwk: dict[str, Any]) -> Any:
    """The public key that a JWK describes."""
    return jwt.PyJWK(public_jwk).key


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"users:signing-keys").derive(secret.encode()))
