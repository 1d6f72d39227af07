"""What a provider says of a person, cleaned: any of it may be missing, misspelt or made up."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_supported_language_variant

from modules.users.logic.openid.providers import Provider
from modules.users.models import default_language

MAX_EMAIL = 254
MAX_NAME = 150


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whom a provider has recognised. `email` is empty where it told none."""

    provider: str
    issuer: str
    subject: str
    email: str
    # The provider says that the address is theirs, and this shop believes it of this provider.
    vouched: bool
    first_name: str
    last_name: str
    language: str
    # The provider says that it asked for more than one factor (`amr`, RFC 8176).
    multi_factor: bool


def person(provider: Provider, token: Mapping[str, Any], profile: Mapping[str, Any]) -> Person:
    """The person of a verified ID token; `profile` holds address and names, in that token or from userinfo."""
    email = _address(profile.get("email"))
    return Person(
        provider=provider.id,
        issuer=provider.issuer,
        subject=token["sub"],
        email=email,
        # Letters that merely fold to others (the Kelvin sign to k) would find somebody else's account.
        vouched=bool(email) and email.isascii() and provider.trusts_email and _is_verified(profile),
        first_name=_name(profile.get("given_name") or profile.get("name")),
        last_name=_name(profile.get("family_name")),
        language=_language(profile.get("locale")),
        multi_factor="mfa" in (token.get("amr") or []),
    )


def _is_verified(profile: Mapping[str, Any]) -> bool:
    # Some write it as a string.
    return profile.get("email_verified") in (True, "true")


def _address(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_EMAIL:
        return ""
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value


def _name(value: Any) -> str:
    """Without what no database takes: NUL and its like, and halves of surrogate pairs."""
    text = value if isinstance(value, str) else ""
    kept = [letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs")]
    return "".join(kept).strip()[:MAX_NAME]


def _language(value: Any) -> str:
    try:
        return get_supported_language_variant(str(value).replace("_", "-"))
    except (LookupError, ValueError):
        return default_language()
