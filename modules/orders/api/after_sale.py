"""What happens to an order after it was bought, over HTTP: shipments, refunds, returns."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.idempotency import idempotent
from modules.orders.api import after_sale_serializers as serializers
from modules.orders.api.answers import whole_answer
from modules.orders.api.permissions import HandlesOrders, MayChangeOrder, MaySeeOrder, actor_of, is_staff
from modules.orders.api.serializers import OrderSerializer
from modules.orders.api.views import TOKEN, asked_of, claim_id_of
from modules.orders.logic import fulfilment, refunds, returns, shipments
from modules.orders.logic.after_sale import refund_answer, return_answer
from modules.orders.logic.locations import FromLocation
from modules.orders.models import Order
from modules.users.contracts import Scope


class FulfilmentView(APIView):
    """What is still to be shipped of an order, by the location that it was taken from."""

    permission_classes = [HandlesOrders(Scope.ORDERS_READ)]
    operation_ids = {"get": "orders_fulfilment"}
    problems = (404,)

    @extend_schema(responses={200: serializers.FulfilmentSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        return Response({"results": [_to_ship_answer(one) for one in fulfilment.fulfilment_of(order_id)]})


class ShipmentsView(APIView):
    """A parcel of an order has left."""

    permission_classes = [HandlesOrders(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_ship"}
    problems = (404, 409)

    @extend_schema(request=serializers.ShipmentInput, responses={201: OrderSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID) -> Response:
        body = serializers.ShipmentInput.parse(request)
        wish = shipments.ShipmentWish(
            asked=asked_of(body),
            carrier=body["carrier"],
            tracking_number=body["tracking_number"],
            location_id=body.get("location_id"),
        )
        order = shipments.ship(order_id, wish, actor=actor_of(request), claim_id=claim_id_of(request))
        return Response(whole_answer(order, is_staff=True), status=201)


class DeliverView(APIView):
    """A parcel has arrived; again changes nothing."""

    permission_classes = [HandlesOrders(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_deliver"}
    problems = (404, 409)

    @extend_schema(request=None, responses={200: OrderSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID, shipment_id: UUID) -> Response:
        order = shipments.deliver(order_id, shipment_id, actor=actor_of(request))
        return Response(whole_answer(order, is_staff=True))


class RefundsView(APIView):
    """Money given back for an order: what was, to whoever may see it; by staff, some more."""

    operation_ids = {"get": "orders_refunds_list", "post": "orders_refund"}
    problems = (404, 409)
    order: Order

    def get_permissions(self) -> list[Any]:
        return [MaySeeOrder() if self.request.method == "GET" else HandlesOrders(Scope.ORDERS_REFUND)()]

    @extend_schema(parameters=[TOKEN], responses={200: serializers.RefundsSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        found = self.order.refunds.order_by("id").prefetch_related("items")
        return Response({"results": [refund_answer(refund, self.order.currency) for refund in found]})

    @extend_schema(request=serializers.RefundInput, responses={201: OrderSerializer})
    @idempotent(module="orders")
    def post(self, request: Request, order_id: UUID) -> Response:
        body = serializers.RefundInput.parse(request)
        wish = refunds.RefundWish(
            amount=body.get("amount"),
            asked=asked_of(body),
            shipping=body.get("shipping", False),
            reason=body["reason"],
            restock=body.get("restock", False),
        )
        order = refunds.refund(order_id, wish, actor=actor_of(request), claim_id=claim_id_of(request))
        return Response(whole_answer(order, is_staff=True), status=201)


class ReturnsView(APIView):
    """What a buyer sends back: what he asked for before, and one more wish."""

    operation_ids = {"get": "orders_returns_list", "post": "orders_request_return"}
    problems = (403, 409)
    order: Order

    def get_permissions(self) -> list[Any]:
        return [MaySeeOrder() if self.request.method == "GET" else MayChangeOrder()]

    @extend_schema(parameters=[TOKEN], responses={200: serializers.ReturnsSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        found = self.order.returns.order_by("id").prefetch_related("items")
        return Response({"results": [return_answer(wanted) for wanted in found]})

    @extend_schema(parameters=[TOKEN], request=serializers.ReturnInput, responses={201: serializers.ReturnSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID) -> Response:
        body = serializers.ReturnInput.parse(request)
        wanted = returns.request_return(
            order_id,
            [returns.AskedBack(**item) for item in body["items"]],
            actor=actor_of(request),
            by_staff=is_staff(request),
            claim_id=claim_id_of(request),
        )
        return Response(return_answer(wanted), status=201)


class ApproveReturnView(APIView):
    """The buyer may send it; again changes nothing."""

    permission_classes = [HandlesOrders(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_approve_return"}
    problems = (404, 409)

    @extend_schema(request=None, responses={200: serializers.ReturnSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID, return_id: UUID) -> Response:
        return Response(return_answer(returns.approve_return(order_id, return_id, actor=actor_of(request))))


class RejectReturnView(APIView):
    """It is not taken; again changes nothing."""

    permission_classes = [HandlesOrders(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_reject_return"}
    problems = (404, 409)

    @extend_schema(request=serializers.RejectInput, responses={200: serializers.ReturnSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID, return_id: UUID) -> Response:
        answer = serializers.RejectInput.parse(request).get("reason", "")
        return Response(
            return_answer(returns.reject_return(order_id, return_id, answer=answer, actor=actor_of(request)))
        )


class ReceiveReturnView(APIView):
    """It has arrived: its lines' share is given back, and what is as good as new goes on the shelf."""

    permission_classes = [HandlesOrders(Scope.ORDERS_REFUND)]
    operation_ids = {"post": "orders_receive_return"}
    problems = (404, 409)

    @extend_schema(request=serializers.ReceiveInput, responses={200: serializers.ReturnSerializer})
    @idempotent(module="orders")
    def post(self, request: Request, order_id: UUID, return_id: UUID) -> Response:
        restock = serializers.ReceiveInput.parse(request).get("restock", True)
        return Response(
            return_answer(returns.receive_return(order_id, return_id, restock=restock, actor=actor_of(request)))
        )


def _to_ship_answer(left: FromLocation) -> dict[str, Any]:
    """What is to be shipped from a location."""
    location = left.location
    return {
        "location": {"id": location.id, "name": location.name} if location else None,
        "items": [
            {
                "line_id": portion.line.pk,
                "sku": portion.line.sku,
                "title": portion.line.title,
                "quantity": portion.quantity,
            }
            for portion in left.portions
        ],
    }
