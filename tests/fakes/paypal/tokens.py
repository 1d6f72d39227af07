"""Access tokens. Follows api/rest/authentication."""

import base64
import binascii
import secrets

from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, AuthProblem, Request

NINE_HOURS = 32_400


def issue(books: Books, request: Request) -> Answer:
    """A token for client credentials by Basic authentication."""
    account = books.account
    if _basic(request) != (account.client_id, account.client_secret):
        raise AuthProblem(401, "invalid_client", description="Client Authentication failed")
    if request.form.get("grant_type") != "client_credentials":
        raise AuthProblem(400, "unsupported_grant_type", description="Grant Type is NULL")
    token = "A21AA" + secrets.token_urlsafe(24)
    books.tokens.add(token)
    document = {
        "scope": "https://uri.paypal.com/services/payments/payment",
        "access_token": token,
        "token_type": "Bearer",
        "app_id": "APP-FAKE",
        "expires_in": NINE_HOURS,
        "nonce": secrets.token_hex(8),
    }
    return Answer(200, lambda request: document)


def check(books: Books, request: Request) -> None:
    """401 invalid_token for a token that has expired, or never was."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or token not in books.tokens:
        raise AuthProblem(401, "invalid_token", description="The token passed in was not found in the system")


def _basic(request: Request) -> tuple[str, str]:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        client, _, secret = base64.b64decode(given if kind == "Basic" else "").decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret
