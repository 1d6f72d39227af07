"""Webhooks over HTTP: staff say which programs are told of which events."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import expected_versions, strong_etag
from ecommerce.kernel.rest.pages import page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    ListField,
    StrictSerializer,
    UUIDField,
)
from modules.notifications.api.serializers import DeliverySerializer
from modules.notifications.logic import records
from modules.notifications.logic.webhooks import endpoints
from modules.notifications.logic.webhooks.events import NAMES
from modules.notifications.models import WebhookEndpoint
from modules.users.contracts import Scope


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Orders to an ERP",
            {"url": "https://erp.example/shop-events", "events": ["orders.OrderConfirmed", "orders.OrderCancelled"]},
            request_only=True,
        )
    ]
)
class NewWebhook(StrictSerializer):
    url = CharField(max_length=2000, help_text="https, in the public network.")
    events = ListField(child=ChoiceField(choices=NAMES), allow_empty=False, max_length=len(NAMES))
    description = CharField(max_length=200, required=False, allow_blank=True)


class WebhookChanges(NewWebhook):
    enabled = BooleanField(help_text="Whether it is told of events from now on.")


class Webhook(StrictSerializer):
    id = UUIDField()
    url = CharField()
    description = CharField()
    events = ListField(child=ChoiceField(choices=NAMES))
    enabled = BooleanField(source="is_enabled")
    disabled_reason = ChoiceField(choices=["", *WebhookEndpoint.DisabledReason.values])
    disabled_at = AwareDateTimeField(allow_null=True)
    failing_since = AwareDateTimeField(allow_null=True, help_text="It has taken nothing since.")
    previous_secret_until = AwareDateTimeField(allow_null=True, help_text="Messages are signed with both until then.")
    version = IntegerField()
    created_at = AwareDateTimeField()


class WebhookWithSecret(Webhook):
    secret = CharField(help_text="Shown this once.")


class Webhooks(APIView):
    operation_ids = {"get": "webhook_list", "post": "webhook_create"}

    def get_permissions(self) -> list[Any]:
        return [HasScope(_scope_for(self.request))()]

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(Webhook))
    def get(self, request: Request) -> Response:
        """The newest first."""
        page = paginate(request, endpoints.endpoints(), ordering=records.NEWEST_FIRST)
        return page_answer(page, Webhook(page.rows, many=True).data)

    @extend_schema(request=NewWebhook, responses={201: WebhookWithSecret})
    def post(self, request: Request) -> Response:
        """Tell a program of events from now on, signed by the Standard Webhooks scheme. The secret is shown once."""
        endpoint, secret = endpoints.make_endpoint(**NewWebhook.parse(request))
        return _respond(endpoint, secret, status=201)


class OneWebhook(APIView):
    operation_ids = {"get": "webhook_get", "patch": "webhook_update", "delete": "webhook_delete"}
    problems = (412,)

    def get_permissions(self) -> list[Any]:
        return [HasScope(_scope_for(self.request))()]

    @extend_schema(responses=Webhook)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """As it is now."""
        return _respond(endpoints.get_endpoint(webhook_id))

    @extend_schema(request=WebhookChanges, responses=Webhook)
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        """Change what is given. Another address gets what waits as well."""
        changes = WebhookChanges.parse(request, partial=True)
        return _respond(endpoints.change_endpoint(webhook_id, changes, expected_versions(request)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Tell it nothing any more, not even what waits."""
        endpoints.remove_endpoint(webhook_id, expected_versions(request))
        return Response(status=204)


class Test(APIView):
    permission_classes = [HasScope(Scope.NOTIFICATIONS_WRITE)]
    operation_ids = {"post": "webhook_test"}

    @extend_schema(request=None, responses=DeliverySerializer)
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Post a test event at once, and tell what the program answered; tried only once."""
        return Response(DeliverySerializer(endpoints.send_test(webhook_id)).data)


class RotateSecret(APIView):
    permission_classes = [HasScope(Scope.NOTIFICATIONS_WRITE)]
    operation_ids = {"post": "webhook_rotate_secret"}

    @extend_schema(request=None, responses=WebhookWithSecret)
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """A new secret, shown this once; messages are signed with the one before as well for a day."""
        endpoint, secret = endpoints.rotate_secret(webhook_id)
        return _respond(endpoint, secret)


def _scope_for(request: Request) -> Scope:
    return Scope.NOTIFICATIONS_READ if request.method == "GET" else Scope.NOTIFICATIONS_WRITE


def _respond(endpoint: WebhookEndpoint, secret: str | None = None, status: int = 200) -> Response:
    answer = Webhook(endpoint).data | ({} if secret is None else {"secret": secret})
    return Response(answer, status=status, headers={"ETag": strong_etag(endpoint.version)})
