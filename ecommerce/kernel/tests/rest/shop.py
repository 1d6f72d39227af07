"""A tiny shop whose views use everything of kernel/rest, for its tests. It has no tables but the kernel's own."""

from typing import Any
from unittest import mock
from uuid import UUID

from django.db import OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel import health, observability
from ecommerce.kernel.errors import Conflict, Forbidden, NotFound, Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.models import InboxEvent
from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.rest import serializers
from ecommerce.kernel.rest.etags import cached_answer, check_if_match, strong_etag
from ecommerce.kernel.rest.idempotency import current_claim, idempotent, is_dry_run
from ecommerce.kernel.rest.pages import page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope, IsSignedIn, IsStaff, IsVisible
from ecommerce.kernel.rest.schema import page_of


class OutOfStock(Conflict):
    """Some lines ask for more than is left."""

    code = "out_of_stock"


class Item(serializers.StrictSerializer):
    sku = serializers.CharField(max_length=20)
    quantity = serializers.IntegerField(min_value=1, max_value=999)


class Basket(serializers.StrictSerializer):
    id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField()
    items = Item(many=True)
    price = serializers.MoneyField(min_value=0, required=False)
    country = serializers.CountryField(required=False)
    gift = serializers.BooleanField(required=False)
    wanted_at = serializers.AwareDateTimeField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=["now", "later"], required=False)
    address_id = serializers.UUIDField(required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)


class Event(serializers.StrictSerializer):
    id = serializers.UUIDField()
    position = serializers.IntegerField()


class EchoView(APIView):
    @extend_schema(request=Basket, responses=Basket)
    def post(self, request: Request) -> Response:
        body = Basket.parse(request)
        return Response(Basket(body).data)


class AnyView(APIView):
    """Answers whatever JSON it is sent."""

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        return Response({"got": request.data})


class ErrorView(APIView):
    @extend_schema(exclude=True)
    def get(self, request: Request, kind: str) -> Response:
        raise ERRORS[kind]


ERRORS: dict[str, Exception] = {
    "conflict": OutOfStock(lines=[{"sku": "A", "available": 2}]),
    "missing": NotFound(),
    "forbidden": Forbidden(),
    "unavailable": Unavailable(dependency="catalog", retry_after=7),
    "database": OperationalError("connection refused"),
    "redis": RedisDown("connection refused"),
    "broker": BrokerDown("connection refused"),
    "mistake": ZeroDivisionError("secret detail"),
    "reserved": Conflict("Words.", status="mine", code="mine", extra=1),
}


def plain_error(request: HttpRequest, kind: str) -> HttpResponse:
    raise ERRORS[kind]


def plain_page(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse("<h1>page</h1>", status=status)


class SignedInView(APIView):
    permission_classes = [IsSignedIn]

    @extend_schema(request=Basket, responses=None)
    def post(self, request: Request) -> Response:
        Basket.parse(request)
        return Response({"id": str(request.user.pk)})


class StaffView(SignedInView):
    permission_classes = [IsStaff]


class ScopeView(SignedInView):
    permission_classes = [HasScope("catalog.write")]


class HiddenView(APIView):
    permission_classes = [IsVisible]

    @extend_schema(responses=Event)
    def get(self, request: Request, payment_id: UUID) -> Response:
        return Response({})


class LoginView(APIView):
    throttle_scope = "login"

    @extend_schema(request=None, responses=None)
    def post(self, request: Request) -> Response:
        return Response({})


class EventsView(APIView):
    ordering: tuple[str, ...] = ("-received_at", "-id")

    @extend_schema(responses=page_of(Event))
    def get(self, request: Request) -> Response:
        rows = InboxEvent.objects.using("default")
        if name := request.query_params.get("name"):
            rows = rows.filter(name=name)
        page = paginate(request, rows, ordering=self.ordering)
        return page_answer(page, [{"id": row.id, "position": row.position} for row in page.rows])


class MixedEventsView(EventsView):
    ordering = ("name", "-position", "id")


class ParkedEventsView(EventsView):
    ordering = ("parked_at", "id")


class OldestEventsView(EventsView):
    ordering = ("position",)


class Pay(serializers.StrictSerializer):
    cart_id = serializers.CharField()
    amount = serializers.MoneyField(min_value=0)


executions: list[UUID | None] = []
behaviour = mock.Mock(return_value=None)


def cart_of(request: Request, **_: Any) -> str | None:
    data = request.data
    return str(data.get("cart_id") or "") if isinstance(data, dict) else None


class PayView(APIView):
    """Does what the test wants (`behaviour`), and says which execution it was."""

    @extend_schema(request=Pay, responses={201: Pay})
    @idempotent(module="orders", scope=cart_of)
    def post(self, request: Request) -> Response:
        body = Pay.parse(request)
        claim = current_claim(request)
        executions.append(claim.id if claim else None)
        if (answer := behaviour(claim)) is not None:
            return Response(*answer)
        n = len(executions)
        return Response(
            {"execution": n, "amount": api_money(body["amount"])}, status=201, headers={"Location": f"/paid/{n}/"}
        )


class MayPayView(APIView):
    @extend_schema(request=None, responses=None)
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: str) -> Response:
        executions.append(None)
        return Response({"execution": len(executions), "claimed": current_claim(request) is not None})


class DryPayView(APIView):
    @extend_schema(request=Pay, responses={200: Pay, 201: Pay})
    @idempotent(module="orders", dry_runs=True)
    def post(self, request: Request) -> Response:
        claim = current_claim(request)
        executions.append(claim.id if claim else None)
        answer = {"execution": len(executions), "claimed": claim is not None}
        return Response(answer, status=200 if is_dry_run(request) else 201)


class VersionedView(APIView):
    cached = True
    problems = (412,)
    delete_has_body = True
    operation_ids = {"patch": "things_rename"}

    @extend_schema(request=None, responses=None)
    def patch(self, request: Request) -> Response:
        check_if_match(request, 3)
        return Response({"version": 4}, headers={"ETag": strong_etag(4)})

    @extend_schema(responses=Event)
    def get(self, request: Request) -> HttpResponse:
        return cached_answer(request, {"price": api_money(Money(minor=1990, currency="EUR"))})

    @extend_schema(request=Pay, responses={204: None})
    def delete(self, request: Request) -> Response:
        Pay.parse(request)
        return Response(status=204)


class QueryView(APIView):
    """Asks the database with what the address says."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT %s::text", [request.query_params.get("q", "")])
            return Response({"q": cursor.fetchone()[0], "request_id": observability.request_id()})


CALLER = Principal(id=UUID(int=1))
STAFF = Principal(id=UUID(int=2), is_staff=True)
WRITER = Principal(id=UUID(int=3), is_staff=True, scopes=frozenset(("catalog.write",)))

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("page/<int:status>/", plain_page),
    path("api/v1/page/<int:status>/", plain_page),
    path("plain/<str:kind>/", plain_error),
    path("api/v1/plain/<str:kind>/", plain_error),
    path("internal/plain/<str:kind>/", plain_error),
    path("api/v1/orders/baskets/", EchoView.as_view()),
    path("api/v1/any/", AnyView.as_view()),
    path("api/v1/query/", QueryView.as_view()),
    path("api/v1/errors/<str:kind>/", ErrorView.as_view()),
    path("api/v1/users/me/", SignedInView.as_view()),
    path("api/v1/catalog/products/", StaffView.as_view()),
    path("api/v1/catalog/categories/", ScopeView.as_view()),
    path("api/v1/payments/<uuid:payment_id>/", HiddenView.as_view()),
    path("api/v1/users/token/", LoginView.as_view()),
    path("api/v1/orders/events/", EventsView.as_view()),
    path("api/v1/orders/mixed-events/", MixedEventsView.as_view()),
    path("api/v1/orders/parked-events/", ParkedEventsView.as_view()),
    path("api/v1/orders/oldest-events/", OldestEventsView.as_view()),
    path("api/v1/checkout/", PayView.as_view()),
    path("api/v1/orders/<uuid:order_id>/cancel/", MayPayView.as_view()),
    path("api/v1/orders/drafts/", DryPayView.as_view()),
    path("api/v1/carts/things/", VersionedView.as_view()),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="docs"),
]
