"""Who may vouch for people: the issuers of OIDC_PROVIDERS."""

from dataclasses import dataclass, field

from django.conf import settings

from ecommerce.kernel.errors import NotFound


class UnknownProvider(NotFound):
    """There is no such provider of identities."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An issuer, and what it knows this shop by."""

    id: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    # Whether an address that it calls verified may open, or link to, the account of that address.
    trusts_email: bool = True


def configured() -> list[Provider]:
    """All of them, in the order of the settings."""
    return [Provider(**entry) for entry in settings.OIDC_PROVIDERS]


def get_provider(provider_id: str) -> Provider:
    """The provider of that id; UnknownProvider for any other."""
    for provider in configured():
        if provider.id == provider_id:
            return provider
    raise UnknownProvider
