"""The conversation about one person: where the browser is sent, and what its code is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from ecommerce.kernel import clock
from ecommerce.kernel.db import refuse_in_transaction
from ecommerce.kernel.errors import ServiceError
from modules.users.logic.openid import connection
from modules.users.logic.openid.claims import Person, person
from modules.users.logic.openid.providers import Provider
from modules.users.logic.openid.published import keys_of, metadata_of

log = structlog.get_logger(__name__)

# How far the provider's clock may be from ours.
LEEWAY_SECONDS = 60
# Signatures that only the provider can make: neither `none` nor a secret that it shares with us.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
MAX_SUBJECT = 255
BASIC, POST = "client_secret_basic", "client_secret_post"
# OAuth's words for "not now", which some answer at the token endpoint too (RFC 6749, 4.1.2.1).
PASSING = frozenset(("server_error", "temporarily_unavailable"))


class InvalidIdentity(ServiceError):
    """The provider did not confirm who you are: begin again."""

    code = "invalid_identity"
    status = 401


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one sign-in asks, and the secrets by which its answer is known for the answer to it."""

    redirect_uri: str
    nonce: str = field(repr=False)
    # PKCE's: whoever exchanges the code must know it.
    verifier: str = field(repr=False)


def authorization_url(provider: Provider, question: Question, state: str) -> str:
    """Where the browser is sent; Unavailable while the provider's addresses cannot be fetched."""
    refuse_in_transaction(f"the identity provider {provider.id}")
    endpoint = metadata_of(provider).authorization_endpoint
    with connection.Session(provider.client_id, code_challenge_method="S256") as session:
        url, _ = session.create_authorization_url(
            endpoint,
            state=state,
            nonce=question.nonce,
            code_verifier=question.verifier,
            redirect_uri=question.redirect_uri,
            scope=" ".join(provider.scopes),
        )
    return str(url)


def identify(provider: Provider, question: Question, code: str) -> Person:
    """Who stands behind a code: InvalidIdentity for what does not hold, Unavailable when nobody answers."""
    token = _exchange(provider, question, code)
    claims = _verified(provider, question, token)
    profile = claims if "email" in claims else _userinfo(provider, token, claims)
    return person(provider, claims, profile)


def _exchange(provider: Provider, question: Question, code: str) -> Mapping[str, Any]:
    metadata = metadata_of(provider)
    method = _auth_method(metadata.token_endpoint_auth_methods_supported)
    try:
        with connection.asking(provider, token_endpoint_auth_method=method) as session:
            token: Mapping[str, Any] = session.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=question.redirect_uri,
                code_verifier=question.verifier,
            )
    except OAuthError as error:
        if error.error in PASSING:
            raise connection.unavailable(provider, str(error.error)) from error
        raise _invalid(provider, f"it refuses the code: {error.error}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise connection.unavailable(provider, "its token endpoint speaks no OAuth") from error
    return token


def _auth_method(methods: tuple[str, ...]) -> str:
    """In the body only where the provider knows no better."""
    return POST if POST in methods and BASIC not in methods else BASIC


def _verified(provider: Provider, question: Question, token: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of the ID token (OpenID Connect Core, 3.1.3.7)."""
    expected = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
    }
    asked = {
        "nonce": question.nonce,
        "client_id": provider.client_id,
        "access_token": token.get("access_token"),
    }
    try:
        signed = _signed(provider, str(token.get("id_token", "")))
        claims = CodeIDToken(signed.claims, signed.header, expected, asked)
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _invalid(provider, f"its ID token does not hold: {error!r}") from error
    if not _is_subject(claims["sub"]):
        raise _invalid(provider, "its subject is not 1 to 255 ASCII characters")
    return dict(claims)


def _signed(provider: Provider, id_token: str) -> jwt.Token:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        return jwt.decode(id_token, keys_of(provider).get(), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(id_token, keys_of(provider).get_fresher(), registry=registry)


def _is_subject(value: str) -> bool:
    return 0 < len(value) <= MAX_SUBJECT and value.isascii() and value.isprintable()


def _userinfo(provider: Provider, token: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The profile of who signed in, from a provider that leaves it out of the ID token."""
    endpoint = metadata_of(provider).userinfo_endpoint
    if not endpoint or not token.get("access_token"):
        return claims
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    profile = connection.get(provider, endpoint, dict[str, Any], headers=headers)
    if profile.get("sub") != claims["sub"]:
        raise _invalid(provider, "its userinfo is about somebody else")
    return profile


def _invalid(provider: Provider, reason: str) -> InvalidIdentity:
    log.warning("an identity was refused", provider=provider.id, reason=reason)
    return InvalidIdentity()
