"""What staff change of a paid order, over HTTP: edits before it is shipped, exchanges of what comes back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.rest.idempotency import idempotent
from modules.catalog.contracts import StockLine
from modules.orders.api import edit_serializers as serializers
from modules.orders.api.permissions import HandlesOrders, MaySeeOrder, actor_of
from modules.orders.api.views import TOKEN, claim_id_of
from modules.orders.logic import edits, tokens
from modules.orders.logic.portions import Asked
from modules.orders.models import EditLine, Order, OrderEdit
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

    @extend_schema(request=serializers.EditInput, parameters=[serializers.DryRunFilter], responses=RESPONSES)
    @idempotent(module="orders")
    def post(self, request: Request, order_id: UUID) -> Response:
        return _begin(request, order_id, _wish(serializers.EditInput.parse(request)))


class ExchangeView(APIView):
    """What comes back is here, and pays for what is sent instead: the difference is charged, or goes back."""

    permission_classes = [HandlesOrders(Scope.ORDERS_REFUND)]
    operation_ids = {"post": "orders_exchange"}
    problems = (404, 409)

    @extend_schema(request=serializers.ExchangeInput, parameters=[serializers.DryRunFilter], responses=RESPONSES)
    @idempotent(module="orders")
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


def edit_answer(edit: OrderEdit, currency: str) -> dict[str, Any]:
    """An edit with what it adds and takes off; not why staff made it."""
    return preview_answer(edit, sorted(edit.lines.all(), key=lambda line: line.position), currency) | {
        "id": edit.pk,
        "status": edit.status,
        "payment_id": edit.payment_id,
        "created_at": edit.created_at,
        "payable_until": edit.payable_until,
        "finished_at": edit.finished_at,
    }


def preview_answer(edit: OrderEdit, lines: list[EditLine], currency: str) -> dict[str, Any]:
    """What an edit comes to, whether it is written or not."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=currency))

    return {
        "return_id": edit.return_of_id,
        "added": [
            {
                "variant_id": line.variant_id,
                "sku": line.sku,
                "title": line.title,
                "options": line.options,
                "quantity": line.quantity,
                "unit_price": money(line.unit_price_minor),
                "tax": money(line.tax_minor),
                "total": money(line.total_minor),
            }
            for line in lines
        ],
        "removed": [
            {"line_id": one["line_id"], "quantity": one["quantity"], "amount": money(one["amount_minor"])}
            for one in edit.removed
        ],
        "added_total": money(edit.added_minor),
        "removed_total": money(edit.removed_minor),
        "due": money(edit.due_minor),
        "refund": money(edit.back_minor),
    }


def _begin(request: Request, order_id: UUID, wish: edits.EditWish) -> Response:
    if serializers.DryRunFilter.parse_query(request).get("dry_run") == "true":
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
