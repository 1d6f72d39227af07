"""What a request meets first and an answer passes last: its id, its size, and no HTML where JSON is promised."""

import re
from collections.abc import Callable
from io import BytesIO

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ecommerce.kernel import observability
from ecommerce.kernel.errors import Invalid, ServiceError, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.problems import UNFORESEEN, TooLarge, as_service_error, problem, problem_of, unforeseen

MAX_DIGITS = 12
FOR_PROGRAMS = ("/api/", "/internal/")
# A form with a file, or the file itself: larger than what is written by hand.
UPLOADS = ("multipart/", "text/csv", "application/x-ndjson")

_FITS = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII).fullmatch

BY_STATUS = {
    400: ("invalid", "The request cannot be understood."),
    403: ("forbidden", "The caller may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This method is not allowed here."),
}


class LengthRequired(ServiceError):
    """Send the body's length: a body in chunks cannot be read here."""

    code = "length_required"
    status = 411


class RequestGate:
    """Gives each request its id, refuses what is too large or malformed, and turns every error into a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _FITS(given) else str(new_id())
        with observability.bound({"request_id": request_id}):
            response = _answer(request, self._get_response)
        response.headers["X-Request-ID"] = request_id
        return response

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        except Exception as error:  # Django answers all others itself: this broke its way to do so (a bad urls.py)
            if answer := self.process_exception(request, error):
                return answer
            raise

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a view did not handle: a refusal or an outage as such, anything else a 500 without details."""
        refusal = as_service_error(error)
        if isinstance(refusal, Unavailable) or (refusal and _is_for_programs(request)):
            return problem_of(request, refusal)
        if not _is_for_programs(request) or isinstance(error, Http404 | PermissionDenied):
            return None
        unforeseen(request, error)
        return problem(request, 500, **UNFORESEEN)


def _answer(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    try:
        _check_text(request)
        _check_size(request)
    except ServiceError as refusal:
        observability.record(request, refusal.status, 0.0)
        refused = problem_of(request, refusal)
        refused.headers["Cache-Control"] = "no-store"
        return refused
    response = get_response(request)
    if _is_for_programs(request):
        if response.status_code >= 400 and response.headers.get("Content-Type", "").startswith("text/html"):
            response = _as_problem(request, response)
        response.headers.setdefault("Cache-Control", "no-store")
        # Django would log each 5xx once more, without its request id.
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
        if limit := request.__dict__.get("rate_limit"):
            _write_limits(response, limit)
    return response


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(FOR_PROGRAMS)


def _check_text(request: HttpRequest) -> None:
    # PostgreSQL's text holds no NUL.
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Invalid("The address holds a NUL character.")


def _check_size(request: HttpRequest) -> None:
    meta = request.META
    if "HTTP_TRANSFER_ENCODING" in meta:
        _read_chunks(request)
        return
    length = meta.get("CONTENT_LENGTH", "")
    if length.isdigit() and (len(length) > MAX_DIGITS or int(length) > _limit(meta.get("CONTENT_TYPE", ""))):
        raise TooLarge


def _limit(content_type: str) -> int:
    limit: int = settings.MAX_UPLOAD_BYTES if content_type.startswith(UPLOADS) else settings.MAX_BODY_BYTES
    return limit


def _read_chunks(request: HttpRequest) -> None:
    """Django reads no more than Content-Length, which a chunked body does not have: read it here, up to the limit."""
    if not request.META.get("wsgi.input_terminated"):
        raise LengthRequired
    limit = _limit(request.META.get("CONTENT_TYPE", ""))
    try:
        body = request.META["wsgi.input"].read(limit + 1)
    except OSError as error:
        raise Invalid("The body cannot be read.") from error
    if len(body) > limit:
        raise TooLarge
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)  # where Django reads from


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    code, detail = BY_STATUS.get(response.status_code, (UNFORESEEN["code"], UNFORESEEN["detail"]))
    answer = problem(request, response.status_code, code, detail)
    if "Allow" in response.headers:
        answer["Allow"] = response.headers["Allow"]
    return answer


def _write_limits(response: HttpResponseBase, limit: tuple[int, int, int]) -> None:
    for name, value in zip(("Limit", "Remaining", "Reset"), limit, strict=True):
        response.headers[f"X-RateLimit-{name}"] = str(value)
