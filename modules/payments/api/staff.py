"""What staff do with a payment: take what is authorised, let it go, give money back."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.idempotency import current_claim, idempotent
from ecommerce.kernel.rest.permissions import HasScope
from modules.payments.api import serializers
from modules.payments.logic import authorizations, records, refunds
from modules.users.contracts import Scope


class StaffView(APIView):
    """A view for staff who may move money."""

    permission_classes = [HasScope(Scope.PAYMENTS_WRITE)]
    problems = (404, 409)


class Capture(StaffView):
    """Take what is authorised, once."""

    operation_ids = {"post": "payments_capture"}

    @extend_schema(request=serializers.CaptureInput, responses=serializers.Payment)
    @idempotent(module="payments", required=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        body = serializers.CaptureInput.parse(request)
        payment = records.get_payment(payment_id=payment_id)
        captured = authorizations.capture_payment(
            order_id=payment.order_id, purpose=payment.purpose, amount=body.get("amount")
        )
        return Response(serializers.Payment(captured).data)


class Void(StaffView):
    """Let go what is authorised."""

    operation_ids = {"post": "payments_void"}

    @extend_schema(request=None, responses=serializers.Payment)
    @idempotent(module="payments", required=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        records.get_payment(payment_id=payment_id)
        return Response(serializers.Payment(authorizations.void_payment(payment_id=payment_id)).data)


class Refunds(StaffView):
    """Give money back, beside an order's own refunds: of its goods, nothing is said by it."""

    operation_ids = {"post": "payments_refund"}

    @extend_schema(request=serializers.PaymentRefundInput, responses=serializers.Payment)
    @idempotent(module="payments")
    def post(self, request: Request, payment_id: UUID) -> Response:
        body = serializers.PaymentRefundInput.parse(request)
        payment = records.get_payment(payment_id=payment_id)
        claim = current_claim(request)
        assert claim is not None  # noqa: S101  (the key is required)
        refunds.refund_order(
            order_id=payment.order_id,
            purpose=payment.purpose,
            reference=claim.id,
            amount=body.get("amount"),
            split=None,
            reason=body["reason"],
        )
        return Response(serializers.Payment(records.get_payment(payment_id=payment_id)).data)
