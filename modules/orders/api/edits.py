"""What staff change of a paid order, over HTTP: edits before it is shipped, exchanges of what comes back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.idempotency import idempotent, is_dry_run
from modules.catalog.contracts import StockLine
from modules.orders.api import edit_serializers as serializers
from modules.orders.api.permissions import HandlesOrders, MaySeeOrder, actor_of
from modules.orders.api.serializers import DryRunFilter
from modules.orders.api.views import TOKEN, claim_id_of
from modules.orders.logic import edits, tokens
from modules.orders.logic.after_sale import edit_answer, preview_answer
from modules.orders.logic.portions import Asked
from modules.orders.models import Order
from modules.users.contracts import Scope

RESPONSES = {200: serializers.EditPreviewSerializer, 201: serializers.BegunEditSerializer}


class EditsView(APIView):
    """Change what a paid order is made of, while nothing of it is shipped: the difference is charged, or goes back."""

    operation_ids = {"get": "orders_edits_list", "post": "orders_edit"}
    problems = (404, 409)
    order: Order

    def get_permissions(self) -> list[Any]:
        return [MaySeeOrder() if self.request.method == "GET" else HandlesOrders(Scope.ORDERS_WRITE)()]

    @extend_schema(parameters=[TOKEN], responses={200: serializers.EditsSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        found = self.order.edits.order_by("id").prefetch_related("lines")
        return Response({"results": [edit_answer(edit, self.order.currency) for edit in found]})

    @extend_schema(request=serializers.EditInput, parameters=[DryRunFilter], responses=RESPONSES)
    @idempotent(module="orders", dry_runs=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        return _begin(request, order_id, _wish(serializers.EditInput.parse(request)))


class ExchangeView(APIView):
    """What comes back is here, and pays for what is sent instead: the difference is charged, or goes back."""

    permission_classes = [HandlesOrders(Scope.ORDERS_REFUND)]
    operation_ids = {"post": "orders_exchange"}
    problems = (404, 409)

    @extend_schema(request=serializers.ExchangeInput, parameters=[DryRunFilter], responses=RESPONSES)
    @idempotent(module="orders", dry_runs=True)
    def post(self, request: Request, order_id: UUID, return_id: UUID) -> Response:
        return _begin(request, order_id, _wish(serializers.ExchangeInput.parse(request), return_id))


class CallOffEditView(APIView):
    """An edit that waits for its payment does not take effect; again changes nothing."""

    permission_classes = [HandlesOrders(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_call_off_edit"}
    problems = (404, 409)

    @extend_schema(request=None, responses={200: serializers.EditSerializer})
    @idempotent(module="orders", required=False)
    def post(self, request: Request, order_id: UUID, edit_id: UUID) -> Response:
        edit = edits.call_off_edit(order_id, edit_id, actor=actor_of(request))
        return Response(edit_answer(edit, edit.order.currency))


def _begin(request: Request, order_id: UUID, wish: edits.EditWish) -> Response:
    DryRunFilter.parse_query(request)
    if is_dry_run(request):
        proposal = edits.preview_edit(order_id, wish)
        return Response(preview_answer(proposal.edit, proposal.lines, proposal.edit.order.currency))
    edit = edits.begin_edit(order_id, wish, actor=actor_of(request), claim_id=claim_id_of(request))
    return Response({"edit": edit_answer(edit, edit.order.currency), "link": tokens.link(edit.order)}, status=201)


def _wish(body: dict[str, Any], return_id: UUID | None = None) -> edits.EditWish:
    payment = body.get("payment", {})
    return edits.EditWish(
        add=[StockLine(**one) for one in body.get("add", [])],
        remove=[Asked(**one) for one in body.get("remove", [])],
        return_id=return_id,
        restock=body.get("restock", True),
        reason=body.get("reason", ""),
        provider=payment.get("provider"),
        method=payment.get("method"),
        payable_for=timedelta(days=body.get("payable_days", serializers.DEFAULT_DAYS)),
        expected_due=body.get("expected_due"),
    )
