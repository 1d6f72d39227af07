"""OIDC_PROVIDERS: who may vouch for customers and staff, as operators write it."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

# What goes into an HTTP header as it is (RFC 6749, appendix A).
Printable = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=255)]


def absolute(address: str) -> str:
    """An address with a scheme and no fragment (RFC 6749, 3.1.2); an app's own scheme will do."""
    parts = urlsplit(address)
    if not parts.scheme or not (parts.netloc or parts.path) or parts.fragment:
        raise ValueError("give an absolute address without a fragment")
    return address


def plain_issuer(address: str) -> str:
    """http or https, and nothing behind the path: `/.well-known/openid-configuration` is put there."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("give the issuer as its own discovery document spells it: https://accounts.example.com")
    return address


class OpenIDProvider(BaseModel):
    """One entry: an issuer, and what it knows this shop by."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    issuer: Annotated[Printable, AfterValidator(plain_issuer)]
    client_id: Printable
    client_secret: SecretStr = Field(min_length=1)
    scopes: tuple[Printable, ...] = ("openid", "email", "profile")
    redirect_uris: tuple[Annotated[Printable, AfterValidator(absolute)], ...] = Field(min_length=1)
    # Whether an address that it calls verified may open, or link to, the account of that address.
    trusts_email: bool = True


def check_providers(providers: list[OpenIDProvider], *, debug: bool) -> None:
    """Raise ValueError for two of one id, for http outside of development, and for scopes that are not OpenID's."""
    ids = [provider.id for provider in providers]
    if len(ids) != len(set(ids)):
        raise ValueError("OIDC_PROVIDERS: each id once")
    if not debug and any(not provider.issuer.startswith("https://") for provider in providers):
        raise ValueError("OIDC_PROVIDERS: an issuer is https (or DEBUG=on)")
    if any("openid" not in provider.scopes for provider in providers):
        raise ValueError("OIDC_PROVIDERS: scopes hold openid")


def plain(provider: OpenIDProvider) -> dict[str, Any]:
    """As Django's settings hold it; `client_secret` is a name that its error pages mask."""
    return provider.model_dump() | {"client_secret": provider.client_secret.get_secret_value()}
