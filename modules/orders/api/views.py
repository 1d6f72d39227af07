"""Checkout and orders over HTTP: parse, one call, answer."""

from typing import Any
from uuid import UUID

from django.utils.translation import get_language_from_request
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.idempotency import current_claim, idempotent
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.orders.api import serializers
from modules.orders.api.answers import (
    listed_answer,
    placed_answer,
    quote_answer,
    reordered_answer,
    whole_answer,
)
from modules.orders.api.filters import OrderFilter
from modules.orders.api.order_pages import orders_page
from modules.orders.api.permissions import MayChangeOrder, MaySeeOrder, actor_of, is_staff
from modules.orders.logic import cancellation
from modules.orders.logic.checkout import place_order
from modules.orders.logic.portions import Asked
from modules.orders.logic.quotes import quote
from modules.orders.logic.reordering import reorder
from modules.orders.logic.wishes import CheckoutWish
from modules.orders.models import Order

TOKEN = OpenApiParameter("token", str, description="The order's access token, instead of a login.")


class QuoteView(APIView):
    """What a cart would cost, shipped to a place; changes nothing."""

    operation_ids = {"post": "checkout_quote"}
    problems = (404, 409)

    @extend_schema(
        request=serializers.QuoteInput,
        parameters=[serializers.QuoteFilter],
        responses={200: serializers.QuoteSerializer},
    )
    def post(self, request: Request) -> Response:
        body = serializers.QuoteInput.parse(request)
        quoted = quote(
            caller=caller_of(request),
            cart_id=body["cart_id"],
            address=body["shipping_address"],
            shipping_method=body.get("shipping_method"),
            vat_id=body.get("vat_id", ""),
            explained=serializers.QuoteFilter.parse_query(request).get("explain") == "true",
        )
        return Response(quote_answer(quoted, language=_language(request)))


def cart_of(request: Request, **_: Any) -> str | None:
    """A guest at checkout is known by the cart."""
    cart_id = request.data.get("cart_id") if isinstance(request.data, dict) else None
    return str(cart_id) if cart_id else None


class CheckoutView(APIView):
    """Order a cart: stock held, order placed, payment begun, or none of it."""

    operation_ids = {"post": "checkout"}
    problems = (404, 409)

    @extend_schema(request=serializers.CheckoutInput, responses={201: serializers.PlacedOrderSerializer})
    @idempotent(module="orders", scope=cart_of)
    def post(self, request: Request) -> Response:
        wish = wish_of(serializers.CheckoutInput.parse(request))
        claim = current_claim(request)
        assert claim is not None  # noqa: S101  (the key is required)
        placed = place_order(
            caller=caller_of(request), claim_id=claim.id, is_new=claim.is_new, wish=wish, language=_language(request)
        )
        return Response(placed_answer(placed, with_token=not caller_of(request).is_authenticated), status=201)


class OrderListView(APIView):
    """The caller's orders, newest first; every order for staff."""

    permission_classes = [IsSignedIn]
    operation_ids = {"get": "orders_list"}

    @extend_schema(
        parameters=[OrderFilter, *PAGING_PARAMETERS],
        responses={200: page_of(serializers.OrderSerializer)},
    )
    def get(self, request: Request) -> Response:
        page, staff = orders_page(request), is_staff(request)
        results = [listed_answer(order, is_staff=staff) for order in page.rows]
        return Response({"results": results, "next": page.next, "previous": page.previous})


class OrderView(APIView):
    """One order, for its owner, staff, or whoever holds its token."""

    permission_classes = [MaySeeOrder]
    operation_ids = {"get": "orders_retrieve"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={200: serializers.OrderSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        return Response(whole_answer(self.order, is_staff=is_staff(request)))


class CancelView(APIView):
    """Call an order off, until something is shipped, or units that are not shipped yet; again changes nothing."""

    permission_classes = [MayChangeOrder]
    operation_ids = {"post": "orders_cancel"}
    problems = (403, 409)
    order: Order

    @extend_schema(parameters=[TOKEN], request=serializers.CancelInput, responses={200: serializers.OrderSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID) -> Response:
        body = serializers.CancelInput.parse(request)
        wish = cancellation.CancelWish(asked=asked_of(body), reason=body.get("reason", ""))
        cancelled = cancellation.cancel(order_id, wish, actor=actor_of(request), claim_id=claim_id_of(request))
        return Response(whole_answer(cancelled, is_staff=is_staff(request)))


class ReorderView(APIView):
    """Buy the same again: what an order holds is put into the caller's cart, or into a new one of a guest."""

    permission_classes = [MaySeeOrder]
    operation_ids = {"post": "orders_reorder"}
    order: Order

    @extend_schema(parameters=[TOKEN], request=None, responses={201: serializers.ReorderedSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID) -> Response:
        return Response(reordered_answer(reorder(self.order, caller=caller_of(request))), status=201)


def wish_of(body: dict[str, Any]) -> CheckoutWish:
    """What a checkout's body asks for, and a telephone order's beside its goods."""
    return CheckoutWish(
        cart_id=body["cart_id"],
        email=body["email"],
        shipping_address=body["shipping_address"],
        billing_address=body.get("billing_address") or body["shipping_address"],
        shipping_method=body["shipping_method"],
        provider=body["payment"]["provider"],
        method=body["payment"].get("method"),
        expected_total=body.get("expected_total"),
        note=body.get("note", ""),
        vat_id=body.get("vat_id", ""),
    )


def asked_of(body: dict[str, Any]) -> list[Asked] | None:
    """The units that a body names; None where it names none."""
    return [Asked(**item) for item in body["items"]] if "items" in body else None


def claim_id_of(request: Request) -> UUID | None:
    """The id of the claim that the request runs under, where it has an Idempotency-Key."""
    claim = current_claim(request)
    return claim.id if claim else None


def _language(request: Request) -> str:
    """What the buyer's Accept-Language asks for among the shop's languages, else the shop's own."""
    return get_language_from_request(request._request)
