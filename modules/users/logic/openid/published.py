"""What a provider publishes: its addresses and its keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from modules.users.logic.openid import connection
from modules.users.logic.openid.providers import Provider
from modules.users.logic.openid.remembered import Remembered


class Metadata(msgspec.Struct):
    """What of the discovery document (OpenID Connect Discovery, 3) is used here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    # What is meant where nothing is said.
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def endpoints(self) -> Iterator[str]:
        yield from (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        if self.userinfo_endpoint:
            yield self.userinfo_endpoint


class JWKSet(msgspec.Struct):
    """Each of its keys is read on its own."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True)
class Published:
    """Both, remembered."""

    metadata: Remembered[Metadata]
    keys: Remembered[KeySet]


_known: dict[Provider, Published] = {}


def metadata_of(provider: Provider) -> Metadata:
    """The provider's addresses; Unavailable when they were never fetched and cannot be."""
    return _published(provider).metadata.get()


def keys_of(provider: Provider) -> Remembered[KeySet]:
    """The provider's public keys."""
    return _published(provider).keys


def forget() -> None:
    """Drop what is remembered of all providers (tests)."""
    _known.clear()
    connection.forget_failures()


def _published(provider: Provider) -> Published:
    if provider not in _known:
        metadata = Remembered(lambda: _fetch_metadata(provider))
        keys = Remembered(lambda: _fetch_keys(provider, metadata.get().jwks_uri))
        _known[provider] = Published(metadata, keys)
    return _known[provider]


def _fetch_metadata(provider: Provider) -> Metadata:
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    metadata = connection.get(provider, url, Metadata)
    if metadata.issuer != provider.issuer:
        raise connection.unavailable(provider, f"it calls itself {metadata.issuer}")
    # http only where the issuer itself is, which the settings allow in development.
    schemes = ("https://", "http://") if provider.issuer.startswith("http://") else ("https://",)
    if not all(endpoint.startswith(schemes) for endpoint in metadata.endpoints):
        raise connection.unavailable(provider, "one of its addresses is not https")
    return metadata


def _fetch_keys(provider: Provider, url: str) -> KeySet:
    keys = [_key(data) for data in connection.get(provider, url, JWKSet).keys]
    return KeySet([key for key in keys if key is not None])


def _key(data: dict[str, Any]) -> Key | None:
    """A key, or None for one of a kind that we do not know (RFC 7517, 5)."""
    try:
        return JWKRegistry.import_key(data)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
