"""The OpenAPI document: short operation ids, one tag per module, the problems each operation may answer with."""

import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance
from drf_spectacular.utils import Direction, OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from ecommerce.kernel.rest.pages import DEFAULT_LIMIT, MAX_LIMIT
from ecommerce.kernel.rest.permissions import IsSignedIn, IsVisible
from ecommerce.kernel.rest.problems import MEDIA_TYPE, TYPE_PREFIX
from ecommerce.kernel.rest.serializers import StrictSerializer
from ecommerce.kernel.rest.throttles import CallerThrottle

PREFIX = re.compile(r"^/api/v\d+/")
VERBS = {"GET": "retrieve", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
# A first segment that owns the thing itself needs no repeating: catalog/products/ is `products_list`.
CONTAINERS = frozenset(("catalog",))
# Permissions that refuse by 401 or 404, or not at all.
NEVER_FORBID = (AllowAny, IsSignedIn, IsVisible)
TAGS = {"carts": "cart", "checkout": "orders"}


class Schema(AutoSchema):
    """Operation ids from the path, or from the view's `operation_ids = {"post": "orders_cancel"}`.

    A view adds the refusals of its business by `problems = (409,)`; `cached = True` says that cached_answer answers,
    and `delete_has_body = True` that its DELETE reads a body.
    """

    def get_operation_id(self) -> str:
        named: dict[str, str] = getattr(self.view, "operation_ids", {})
        return named.get(self.method.lower()) or self._default_id()

    def get_tags(self) -> list[str]:
        first = PREFIX.sub("", self.path).split("/")[0]
        return [TAGS.get(first, first)]

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if kind := getattr(self._view_method(), "idempotency", None):
            parameters.append(_idempotency_key(kind))
        if self._is_cached():
            parameters.append(IF_NONE_MATCH)
        if self.method != "GET" and HTTPStatus.PRECONDITION_FAILED in getattr(self.view, "problems", ()):
            parameters.append(IF_MATCH)
        return parameters

    def get_auth(self) -> list[Any]:
        auth: list[Any] = super().get_auth()
        asked_of_all = any(isinstance(permission, IsVisible) for permission in self.view.get_permissions())
        return [*auth, {}] if asked_of_all else auth

    def _get_request_body(self, direction: Direction = "request") -> dict[str, Any] | None:
        if not self._deletes_with_body():
            body: dict[str, Any] | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # untyped there
            return body
        # The library never documents one: few DELETEs have any.
        self.method = "POST"
        try:
            return self._get_request_body(direction)
        finally:
            self.method = "DELETE"

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            if self._is_cached():
                responses["304"] = {"description": "Not modified"}
            for status in self._problem_statuses():
                responses.setdefault(str(status), self._problem(status))
        return dict(sorted(responses.items()))

    def _map_basic_serializer(self, serializer: Any, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]  # untyped there
        instance: Any = force_instance(serializer)  # type: ignore[no-untyped-call]  # untyped there
        if direction == "request" and isinstance(instance, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def _default_id(self) -> str:
        segments = [part for part in PREFIX.sub("", self.path).split("/") if part]
        names = [part.replace("-", "_") for part in segments if not part.startswith("{")]
        if names and names[0] in CONTAINERS and len(names) > 1:
            names = names[1:]
        is_list = self.method == "GET" and self._answers_a_list()
        return "_".join([*names, "list" if is_list else VERBS[self.method]])

    def _answers_a_list(self) -> bool:
        answer: Any = self.get_response_serializers()
        if isinstance(answer, dict):
            answer = answer.get(200)
        instance = answer() if isinstance(answer, type) else answer
        return self._is_list_view() or "results" in getattr(instance, "fields", {})

    def _problem_statuses(self) -> list[int]:
        # Any address may hold a NUL, and any request ask for a type that there is not.
        statuses = {400, 406, 503} | {status for status in getattr(self.view, "problems", ()) if self._changes(status)}
        if self.view.get_authenticators():
            statuses.add(401)
        if "{" in self.path:
            statuses.add(404)
        if self.method in ("POST", "PUT", "PATCH") or self._deletes_with_body():
            statuses |= {413, 415}
        if any(not isinstance(p, NEVER_FORBID) for p in self.view.get_permissions()):
            statuses.add(403)
        if getattr(self._view_method(), "idempotency", None):
            statuses |= {409, 422}
        if any(isinstance(throttle, CallerThrottle) for throttle in self.view.get_throttles()):
            statuses.add(429)
        return sorted(statuses)

    def _changes(self, status: int) -> bool:
        return self.method != "GET" or status not in (409, 412)

    def _deletes_with_body(self) -> bool:
        return self.method == "DELETE" and getattr(self.view, "delete_has_body", False)

    def _is_cached(self) -> bool:
        return self.method == "GET" and getattr(self.view, "cached", False)

    def _problem(self, status: int) -> dict[str, Any]:
        self.registry.register_on_missing(PROBLEM)
        return {
            "description": TITLES.get(status, HTTPStatus(status).phrase),
            "content": {MEDIA_TYPE: {"schema": PROBLEM.ref}},
        }

    def _view_method(self) -> Any:
        return getattr(self.view, self.method.lower(), None)


def page_of(item: type[serializers.BaseSerializer[Any]], name: str = "") -> serializers.Serializer[Any]:
    """The schema of `{results, next, previous}` over a serializer, for `extend_schema(responses=…)`."""
    return inline_serializer(
        name=name or f"{item.__name__.removesuffix('Serializer')}Page",
        fields={
            "results": item(many=True),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__
    target_class = "ecommerce.kernel.rest.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class MoneyFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """Money is one component, in requests and answers alike."""

    target_class = "ecommerce.kernel.rest.fields.MoneyField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        auto_schema.registry.register_on_missing(MONEY)
        return dict(MONEY.ref)


class DateTimeFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__
    target_class = "ecommerce.kernel.rest.fields.AwareDateTimeField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class CountryFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__
    target_class = "ecommerce.kernel.rest.fields.CountryField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2"}


def _idempotency_key(needed: str) -> OpenApiParameter:
    meaning = "Sent again with the same body, the first answer comes again. Kept for 72 hours."
    unless_dry = " Required, except with `dry_run=true`, which takes none." if needed == "unless dry" else ""
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255},
        OpenApiParameter.HEADER,
        required=needed == "always",
        description=meaning + unless_dry,
    )


IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that the change is based on; 412 for a stale one."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of the answer at hand; 304 while it holds."
)
# The parameters of every list.
PAGING_PARAMETERS = [
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, description="Rows."
    ),
    OpenApiParameter("cursor", str, description="From `next` or `previous`; bound to the other parameters."),
]
TITLES = {
    400: "The request is not valid",
    401: "No access token where one is needed, or a bad one",
    403: "The caller may not do this",
    404: "There is no such thing",
    406: "No answer is of the type that Accept asks for",
    409: "The request conflicts with the present state",
    412: "It was changed since it was read",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "The Idempotency-Key was sent with another body",
    429: "Too many requests",
    503: "Something needed for this does not answer",
}
MONEY = ResolvedComponent(  # type: ignore[no-untyped-call]  # the library has no types here
    name="Money",
    type=ResolvedComponent.SCHEMA,
    object="Money",
    schema={
        "type": "object",
        "description": "A decimal string with exactly the currency's ISO 4217 decimals.",
        "properties": {
            "amount": {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "examples": [{"amount": "19.90", "currency": "EUR"}],
    },
)
PROBLEM = ResolvedComponent(  # type: ignore[no-untyped-call]  # the library has no types here
    name="Problem",
    type=ResolvedComponent.SCHEMA,
    object="Problem",
    schema={
        "type": "object",
        "description": "RFC 9457. Some codes add members of their own.",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"type": "string", "description": "Stable, for programs"},
            "request_id": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {"type": "string"},
                        "code": {"type": "string"},
                        "detail": {"type": "string"},
                    },
                    "required": ["field", "code", "detail"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "examples": [
            {
                "type": f"{TYPE_PREFIX}invalid",
                "title": "Invalid",
                "status": 400,
                "detail": "Some fields are invalid.",
                "instance": "/api/v1/carts/0b4e5c1e-6f0e-4b0e-9d6e-8f6b8a1f7c11/items/",
                "code": "invalid",
                "request_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
                "errors": [{"field": "quantity", "code": "max_value", "detail": "At most 999."}],
            }
        ],
    },
)
