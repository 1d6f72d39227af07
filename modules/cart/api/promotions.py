"""Promotions over HTTP: staff read and write them."""

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
    RegexField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.cart.api.serializers import CurrencyField
from modules.cart.contracts import PromotionKind
from modules.cart.logic import promotions
from modules.cart.logic.promotion_values import written
from modules.cart.models import Promotion as PromotionRow
from modules.users.contracts import Scope

MOST_GOODS, MOST_TIERS, MOST = 500, 10, 2**31 - 1


class Tier(StrictSerializer):
    quantity = IntegerField(min_value=1, max_value=MOST)
    percent = CharField(max_length=10, help_text="From so many units on: 5 is 5 %.")


class PromotionChanges(StrictSerializer):
    title = CharField(max_length=120)
    code = RegexField(
        r"^[A-Za-z0-9_-]{3,50}$",
        required=False,
        allow_null=True,
        help_text="Compared without case; without one it applies by itself.",
    )
    value = CharField(
        max_length=24,
        required=False,
        allow_null=True,
        help_text="Percent (`10` is 10 %), for `fixed` an amount in major units (`5.00`); for `buy_x_get_y` what is"
        " taken off the units that are given, 100 when left out.",
    )
    currency = CurrencyField(required=False, allow_null=True, help_text="Of `value` and `minimum_subtotal`; ISO 4217.")
    minimum_subtotal = CharField(
        max_length=24, required=False, allow_null=True, help_text="Of the whole cart before discounts, in major units."
    )
    buy_quantity = IntegerField(min_value=1, max_value=999, required=False, allow_null=True)
    get_quantity = IntegerField(min_value=1, max_value=999, required=False, allow_null=True)
    tiers = Tier(many=True, required=False, allow_null=True)
    category_ids = ListField(child=UUIDField(), required=False, max_length=MOST_GOODS, help_text="With all below them.")
    product_ids = ListField(child=UUIDField(), required=False, max_length=MOST_GOODS)
    starts_at = AwareDateTimeField(required=False, allow_null=True)
    ends_at = AwareDateTimeField(required=False, allow_null=True)
    usage_limit = IntegerField(min_value=1, max_value=MOST, required=False, allow_null=True)
    usage_limit_per_customer = IntegerField(min_value=1, max_value=MOST, required=False, allow_null=True)
    stackable = BooleanField(required=False, help_text="Whether it is taken beside others; true when left out.")
    priority = IntegerField(min_value=-1000, max_value=1000, required=False, help_text="The higher is taken first.")

    def validate_tiers(self, tiers: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        if tiers and len(tiers) > MOST_TIERS:
            raise ValidationError(f"At most {MOST_TIERS} tiers.", "max_length")
        return tiers


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A code for a tenth off",
            {"title": "Summer", "code": "SUMMER", "kind": "percentage", "value": "10", "usage_limit": 100},
            request_only=True,
        ),
        OpenApiExample(
            "Five euros off from fifty on, by itself",
            {"title": "5 off", "kind": "fixed", "value": "5.00", "currency": "EUR", "minimum_subtotal": "50.00"},
            request_only=True,
        ),
    ]
)
class NewPromotion(PromotionChanges):
    kind = ChoiceField([kind.value for kind in PromotionKind])


class Promotion(StrictSerializer):
    id = UUIDField()
    title = CharField()
    kind = ChoiceField([kind.value for kind in PromotionKind])
    code = CharField(allow_null=True, help_text="The oldest, where there are many.")
    value = CharField(allow_null=True)
    currency = CharField(allow_null=True)
    minimum_subtotal = CharField(allow_null=True)
    buy_quantity = IntegerField(allow_null=True)
    get_quantity = IntegerField(allow_null=True)
    tiers = Tier(many=True, allow_null=True)
    category_ids = ListField(child=UUIDField())
    product_ids = ListField(child=UUIDField())
    starts_at = AwareDateTimeField(allow_null=True)
    ends_at = AwareDateTimeField(allow_null=True)
    usage_limit = IntegerField(allow_null=True)
    usage_limit_per_customer = IntegerField(allow_null=True)
    used = IntegerField(help_text="How many orders use it now.")
    stackable = BooleanField()
    priority = IntegerField()
    version = IntegerField()
    created_at = AwareDateTimeField()


class Promotions(APIView):
    operation_ids = {"get": "promotion_list", "post": "promotion_create"}
    problems = (409,)

    def get_permissions(self) -> list[Any]:
        scope = Scope.CART_READ if self.request.method == "GET" else Scope.CART_WRITE
        return [HasScope(scope)()]

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(Promotion))
    def get(self, request: Request) -> Response:
        """What is, was and will be offered, the newest first."""
        page = paginate(request, PromotionRow.objects.all(), ordering=("-created_at", "-id"))
        codes = promotions.codes_of([row.id for row in page.rows])
        return page_answer(page, [_answer(row, codes.get(row.id)) for row in page.rows])

    @extend_schema(request=NewPromotion, responses={201: Promotion})
    def post(self, request: Request) -> Response:
        """Offer something: at once unless `starts_at` says otherwise, with a code only to whoever enters it."""
        return _respond(promotions.make_promotion(**NewPromotion.parse(request)), status=201)


class OnePromotion(APIView):
    permission_classes = [HasScope(Scope.CART_WRITE)]
    operation_ids = {"patch": "promotion_update", "delete": "promotion_delete"}
    problems = (409, 412)

    @extend_schema(request=PromotionChanges, responses=Promotion)
    def patch(self, request: Request, promotion_id: UUID) -> Response:
        """Change what is given; the kind stays. What is in carts shows it at the next read."""
        changes, versions = PromotionChanges.parse(request, partial=True), expected_versions(request)
        return _respond(promotions.change_promotion(promotion_id=promotion_id, changes=changes, versions=versions))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, promotion_id: UUID) -> Response:
        """Offer it no more; one that an order has used is ended and kept."""
        promotions.delete_promotion(promotion_id=promotion_id, versions=expected_versions(request))
        return Response(status=204)


def _respond(row: PromotionRow, status: int = 200) -> Response:
    answer = _answer(row, promotions.codes_of([row.id]).get(row.id))
    return Response(answer, status=status, headers={"ETag": strong_etag(row.version)})


def _answer(row: PromotionRow, code: str | None) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "kind", "used", "version", "created_at")}
    return plain | written(row) | {"code": code}
