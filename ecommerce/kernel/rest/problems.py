"""Errors as RFC 9457 problem documents, whatever raised them."""

import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import redis.exceptions
import structlog
from django.core import signals
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ExceptionHandlerContext
from kombu.exceptions import OperationalError as BrokerError
from rest_framework import exceptions
from rest_framework.response import Response

from ecommerce.kernel.errors import Invalid, ServiceError, Unavailable
from ecommerce.kernel.observability import request_id
from ecommerce.kernel.rest.renderers import encode

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
# RFC 9457 wants a URI per kind of problem; it identifies and need not resolve.
TYPE_PREFIX = "urn:problem-type:shop:"

Errors = list[dict[str, Any]]


class TooLarge(ServiceError):
    """The request body is too large."""

    code = "body_too_large"
    status = 413


def exception_handler(error: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's EXCEPTION_HANDLER: a problem document for every exception; what nobody foresaw is a 500 without details."""
    return ProblemHandler(error, context).run()


def problem(request: HttpRequest, status: int, code: str, detail: str, **extra: Any) -> HttpResponse:
    """A problem document for use outside DRF; `extra` are members of its own."""
    document = problem_document(request, status, code, detail, **extra)
    return HttpResponse(encode(document), status=status, content_type=MEDIA_TYPE)


def problem_of(request: HttpRequest, refusal: ServiceError) -> HttpResponse:
    """The problem document of a refusal; says when to come again, where that may help."""
    response = problem(request, refusal.status, **_members(refusal))
    for name, value in _retry_after(refusal).items():
        response[name] = value
    return response


def problem_document(request: HttpRequest, status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """The members of a problem document."""
    return extra | {
        "type": TYPE_PREFIX + code,
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        # Without the query: it may hold a token.
        "instance": request.path,
        "code": code,
        "request_id": request_id(),
    }


def as_service_error(error: BaseException) -> ServiceError | None:
    """The refusal that an exception of Django, the database or Redis amounts to, or None for an unforeseen one."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable("The database does not answer.", dependency="database")
    if isinstance(error, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError):
        return Unavailable("Redis does not answer.", dependency="redis")
    if isinstance(error, BrokerError):
        return Unavailable("The queue of tasks does not answer.", dependency="broker")
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return Invalid("The request cannot be read.")
    return None


def unforeseen(request: HttpRequest | None, error: BaseException) -> None:
    """Log a mistake of ours with its traceback, and tell Django's error trackers."""
    log.error("unhandled exception", path=getattr(request, "path", ""), exc_info=error)
    signals.got_request_exception.send(sender=None, request=request)


class ProblemHandler(ExceptionHandler):
    """drf-standardized-errors' steps, with our form of a problem at the end."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        refusal = as_service_error(exc)
        return RefusedRequest(refusal) if refusal else super().convert_known_exceptions(exc)

    def should_not_handle(self, exc: Exception) -> bool:
        return False

    def format_exception(self, exc: exceptions.APIException) -> dict[str, Any]:
        if isinstance(exc, RefusedRequest):
            return _members(exc.refusal)
        if isinstance(exc, exceptions.ValidationError):
            return _validation_members(list(flatten(exc.detail)))
        if exc.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return UNFORESEEN
        code = str(getattr(exc.detail, "code", exc.default_code))
        return {"code": CODES.get(code, code), "detail": str(exc.detail)}

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        document = problem_document(self._request, exc.status_code, **data)
        return Response(document, exc.status_code, headers=self.get_headers(exc), content_type=MEDIA_TYPE)

    def get_headers(self, exc: exceptions.APIException) -> dict[str, str]:
        headers = _retry_after(exc.refusal) if isinstance(exc, RefusedRequest) else {}
        if challenge := self._challenge(exc):
            bad_token = getattr(exc.detail, "code", "") == "invalid_token"
            headers["WWW-Authenticate"] = challenge + (', error="invalid_token"' if bad_token else "")
        if (wait := getattr(exc, "wait", None)) is not None:
            headers["Retry-After"] = str(math.ceil(wait))
        return headers

    def _challenge(self, exc: exceptions.APIException) -> str | None:
        # RFC 9110 wants one on every 401; DRF gives it to its own refusals only.
        request: Any = self.context["request"]
        refused = exc.status_code == HTTPStatus.UNAUTHORIZED
        return self.context["view"].get_authenticate_header(request) if refused else None

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        if exc.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        if isinstance(exc, RefusedRequest):
            log.warning("unavailable", code=exc.refusal.code, cause=repr(self.exc), details=exc.refusal.details)
        else:
            unforeseen(self._request, self.exc)

    @property
    def _request(self) -> HttpRequest:
        request: Any = self.context["request"]
        wrapped: HttpRequest = getattr(request, "_request", request)
        return wrapped


class RefusedRequest(exceptions.APIException):
    """A refusal on its way through DRF."""

    def __init__(self, refusal: ServiceError) -> None:
        super().__init__(refusal.detail, refusal.code)
        self.refusal = refusal
        self.status_code = refusal.status


RESERVED = frozenset(("type", "title", "status", "instance", "request_id", "request"))
UNFORESEEN = {"code": "server_error", "detail": "Something went wrong on our side; it was logged."}
# One word for one thing, whether DRF or a module refuses.
CODES = {"permission_denied": "forbidden", "parse_error": "invalid"}


def flatten(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a list of {field, code, detail}, each field by its dotted path."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, field)
    else:
        yield {"field": field, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def _validation_members(errors: Errors) -> dict[str, Any]:
    # A field that does not exist is told apart from a value that will not do: api.md names its code.
    unknown = any(error["code"] == "unknown_field" for error in errors)
    code, detail = ("unknown_field", "Some fields are unknown.") if unknown else ("invalid", "Some fields are invalid.")
    return {"code": code, "detail": detail, "errors": errors}


def _members(refusal: ServiceError) -> dict[str, Any]:
    extra = {name: value for name, value in refusal.details.items() if name not in RESERVED}
    return extra | {"code": refusal.code, "detail": refusal.detail}


def _retry_after(refusal: ServiceError) -> dict[str, str]:
    if not isinstance(refusal, Unavailable) and "retry_after" not in refusal.details:
        return {}
    return {"Retry-After": str(refusal.details.get("retry_after", RETRY_AFTER))}
