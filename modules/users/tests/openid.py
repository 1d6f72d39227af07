"""Signing in elsewhere as a storefront and a browser do it."""

from typing import Any

from rest_framework.test import APIClient

from modules.users.tests.issuer import REDIRECT_URI, Issuer

OIDC = "/api/v1/users/oidc/"
IDENTITIES = "/api/v1/users/me/identities/"


def start(client: APIClient, provider: str = "home", redirect_uri: str = REDIRECT_URI) -> Any:
    return client.post(f"{OIDC}{provider}/start/", {"redirect_uri": redirect_uri})


def confirmed(client: APIClient, issuer: Issuer, provider: str = "home") -> dict[str, str]:
    """The body of `finish`, once the person has agreed at the issuer."""
    started = start(client, provider).json()
    return issuer.browse(started["authorization_url"]) | {"binding": started["binding"]}


def finish(client: APIClient, body: dict[str, str], provider: str = "home") -> Any:
    return client.post(f"{OIDC}{provider}/finish/", body)


def sign_in(client: APIClient, issuer: Issuer, provider: str = "home") -> Any:
    return finish(client, confirmed(client, issuer, provider), provider)


def link(client: APIClient, issuer: Issuer, provider: str = "home") -> Any:
    return client.post(IDENTITIES, confirmed(client, issuer, provider) | {"provider": provider})
