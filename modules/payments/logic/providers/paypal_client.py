"""PayPal's REST API: its tokens, its calls, and what its errors mean to us.

https://developer.paypal.com/api/rest/authentication/ and …/api/rest/responses/
"""

import threading
import time
from typing import Any

import httpx2
import structlog
from django.conf import settings

from ecommerce.kernel.errors import Conflict, Unavailable
from modules.payments.contracts import ProviderUnreachable
from modules.payments.logic.providers import breakers

log = structlog.get_logger(__name__)

Json = dict[str, Any]
Body = Json | list[Json]

NAME = "paypal"
TIMEOUT = httpx2.Timeout(10.0, connect=3.0)
# A token is renewed so many seconds before it ends.
EARLY = 60
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
# It may still do what was asked, or be doing it: a repetition under the same id finds out.
UNDECIDED = frozenset({408, 409, 429})


class RefusedByPayPal(Conflict):
    """PayPal has understood what was asked, and refused it: nothing was done."""

    # details: http_status, issue, debug_id (which PayPal's support asks for)
    code = "refused_by_paypal"

    @property
    def issue(self) -> str:
        """PayPal's name for what was wrong."""
        return str(self.details["issue"])

    @property
    def is_not_found(self) -> bool:
        """Whether there is no such thing, or no more."""
        return bool(self.details["http_status"] == httpx2.codes.NOT_FOUND)


class _Connection:
    """This process's connections to PayPal, and its token. Neither appears in any log or repr."""

    def __init__(self) -> None:
        self._http: httpx2.Client | None = None
        self._opening, self._renewing = threading.Lock(), threading.Lock()
        self._token, self._good_until, self._for = "", 0.0, ("", "")

    def http(self) -> httpx2.Client:
        """Opened at the first call, so after a web server has forked."""
        with self._opening:
            if self._http is None:
                self._http = httpx2.Client(timeout=TIMEOUT)
            return self._http

    def token(self, *, instead_of: str = "") -> str:
        """A token that is good; one thread renews it, the others wait for that one."""
        with self._renewing:
            account = (settings.PAYPAL_API_BASE, settings.PAYPAL_CLIENT_ID)
            is_good = account == self._for and time.monotonic() < self._good_until and self._token != instead_of
            if not is_good:
                self._token, lasts = _new_token(self.http())
                self._good_until, self._for = time.monotonic() + lasts - EARLY, account
            return self._token

    def reset(self) -> None:
        with self._opening, self._renewing:
            if self._http is not None:
                self._http.close()
            self._http, self._token, self._for = None, "", ("", "")


_connection = _Connection()


def ask(
    method: str, path: str, *, body: Body | None = None, params: dict[str, str] | None = None, request_id: str = ""
) -> Json:
    """One call; a repetition under the same request id has its effect once.

    Raises RefusedByPayPal, ProviderUnreachable when it was never sent, and Unavailable when nobody knows.
    """
    headers = {"Prefer": "return=representation"}
    if request_id:
        headers["PayPal-Request-Id"] = request_id
    with breakers.asking(NAME):
        token = _connection.token()
        response = _send(method, path, token, headers, body, params)
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            token = _connection.token(instead_of=token)
            response = _send(method, path, token, headers, body, params)
        return _read(response)


def fetch_plain(url: str) -> bytes:
    """A public document of PayPal's, asked for without a token and without following it elsewhere."""
    with breakers.asking(f"{NAME}-documents"):
        try:
            response = _connection.http().get(url, follow_redirects=False)
        except httpx2.TransportError as error:
            raise Unavailable("PayPal does not answer.", dependency=NAME) from error
        if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR or response.status_code in UNDECIDED:
            raise Unavailable("PayPal does not answer.", dependency=NAME)
    return response.content if response.status_code == httpx2.codes.OK else b""


def reset() -> None:
    """Forget connections and token: for tests, which change the settings."""
    _connection.reset()


def _new_token(http: httpx2.Client) -> tuple[str, float]:
    """A token and how many seconds it lasts. However this fails, nothing was asked of PayPal yet."""
    try:
        response = http.post(
            f"{settings.PAYPAL_API_BASE}/v1/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET),
        )
    except httpx2.TransportError as error:
        raise ProviderUnreachable(dependency=NAME) from error
    try:
        answer = response.raise_for_status().json()
        return str(answer["access_token"]), float(answer["expires_in"])
    except (httpx2.HTTPStatusError, ValueError, KeyError, TypeError):
        log.error("paypal_gives_no_token", status=response.status_code)  # noqa: TRY400  (its answer may hold secrets)
        raise ProviderUnreachable(dependency=NAME) from None


def _send(
    method: str, path: str, token: str, headers: dict[str, str], body: Body | None, params: dict[str, str] | None
) -> httpx2.Response:
    try:
        return _connection.http().request(
            method,
            f"{settings.PAYPAL_API_BASE}{path}",
            json={} if body is None and method == "POST" else body,
            params=params,
            headers={**headers, "Authorization": f"Bearer {token}"},
        )
    except NEVER_SENT as error:
        raise ProviderUnreachable(dependency=NAME) from error
    except httpx2.TransportError as error:
        raise Unavailable("PayPal has not answered.", dependency=NAME) from error


def _read(response: httpx2.Response) -> Json:
    status = response.status_code
    if status == httpx2.codes.UNAUTHORIZED:
        log.error("paypal_refuses_its_own_token")
        raise ProviderUnreachable(dependency=NAME)
    if status == httpx2.codes.NO_CONTENT:
        return {}
    answer = _json(response)
    if response.is_success:
        return answer
    issue = _issue(answer)
    log.warning("paypal_refused", status=status, issue=issue, debug_id=answer.get("debug_id"))
    if status in UNDECIDED or not response.is_client_error:
        raise Unavailable("PayPal cannot answer now.", dependency=NAME)
    raise RefusedByPayPal(http_status=status, issue=issue, debug_id=str(answer.get("debug_id", "")))


def _json(response: httpx2.Response) -> Json:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    if response.is_success:
        raise Unavailable("PayPal's answer cannot be read.", dependency=NAME)
    return {}


def _issue(answer: Json) -> str:
    details = answer.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return str(first.get("issue") or answer.get("name") or "UNKNOWN")[:100]
