"""Payments over HTTP."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.idempotency import idempotent
from modules.payments import contracts
from modules.payments.api import serializers
from modules.payments.api.permissions import MayActOnPayment, MaySeePayment, shown_token
from modules.payments.logic import retrying, webhooks
from modules.payments.logic.providers import configured_providers

TOKEN = OpenApiParameter("token", str, OpenApiParameter.QUERY, description="The order's token, for a guest.")


class Methods(APIView):
    """How one may pay here."""

    operation_ids = {"get": "payments_methods"}

    @extend_schema(responses=serializers.Methods)
    def get(self, request: Request) -> Response:
        results = [
            {"provider": provider.name, "public_key": provider.public_key, "methods": list(provider.methods)}
            for provider in configured_providers()
        ]
        return Response({"results": results})


class PaymentView(APIView):
    """A view of one payment that the caller may see."""

    permission_classes = [MaySeePayment]
    payment: contracts.Payment


class Payment(PaymentView):
    """How a payment stands."""

    @extend_schema(parameters=[TOKEN], responses=serializers.Payment)
    def get(self, request: Request, payment_id: UUID) -> Response:
        return Response(serializers.Payment(self.payment).data)


class Confirm(PaymentView):
    """The buyer has done his part."""

    permission_classes = [MayActOnPayment]
    operation_ids = {"post": "payments_confirm"}
    problems = (403,)

    @extend_schema(parameters=[TOKEN], request=serializers.ConfirmInput, responses=serializers.Payment)
    @idempotent(module="payments", scope=shown_token, required=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        body = serializers.ConfirmInput.parse(request)
        payment = retrying.confirm_payment(payment_id=payment_id, **body)
        return Response(serializers.Payment(payment).data)


class Retry(PaymentView):
    """Try again after a decline."""

    permission_classes = [MayActOnPayment]
    operation_ids = {"post": "payments_retry"}
    problems = (403, 409)

    @extend_schema(parameters=[TOKEN], request=serializers.RetryInput, responses=serializers.Payment)
    @idempotent(module="payments", scope=shown_token, required=False)
    def post(self, request: Request, payment_id: UUID) -> Response:
        body = serializers.RetryInput.parse(request)
        payment = retrying.retry_payment(payment_id=payment_id, **body)
        return Response(serializers.Payment(payment).data)


class Webhook(APIView):
    """A provider tells what happened; proven by its signature alone."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    operation_ids = {"post": "payments_webhook"}

    @extend_schema(request={"application/json": dict}, responses={200: None})
    def post(self, request: Request, provider: str) -> Response:
        webhooks.receive_event(provider=provider, headers=request.headers, body=request._request.body)
        return Response(status=200)
