"""Products and variants over HTTP as staff write them; the addresses are those at which shoppers read."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.etags import expected_versions, strong_etag
from ecommerce.kernel.rest.idempotency import current_claim, idempotent
from modules.catalog.api import bodies, list_views, serializers, views
from modules.catalog.api.addresses import MOVED, moved_answer
from modules.catalog.api.filters import CurrencyParameter
from modules.catalog.api.permissions import MayWrite, WrittenByStaff
from modules.catalog.api.staff_answers import full_answer, variant_answer
from modules.catalog.logic import product_variants, products
from modules.catalog.logic.details import Moved
from modules.catalog.logic.drafts import ProductDraft, VariantDraft
from modules.catalog.logic.staff_details import FullProduct, get_full_product
from modules.users.contracts import Scope


class Products(WrittenByStaff, list_views.Products):
    problems = (409,)

    @extend_schema(request=bodies.ProductInput, responses={201: serializers.Product})
    @idempotent(module="catalog", required=False)
    def post(self, request: Request) -> Response:
        """A new product with its variants, prices and first stock."""
        body = bodies.ProductInput.parse(request)
        draft = _product_draft(request, body)
        products.create_product(draft=draft, actor_id=caller_of(request).id)
        full = _read(str(draft.id))
        return _answer(full, full_answer(full), status=201, where=f"{request.path}{full.detail.slug}/")


class Product(WrittenByStaff, views.Product):
    operation_ids = {"get": "product_retrieve", "patch": "product_update", "delete": "product_delete"}
    problems = (409, 412)

    @extend_schema(parameters=[CurrencyParameter], responses={200: serializers.Product, 301: MOVED})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A published product, by slug or id; 301 from a slug that it had before. Staff with a scope of the catalog
        see every product, with a strong ETag and what shoppers are not shown."""
        if not _sees_all(request):
            return super().get(request, slug)
        full = get_full_product(slug_or_id=slug, currency=CurrencyParameter.read(request)["currency"])
        return moved_answer(request, full.slug) if isinstance(full, Moved) else _answer(full, full_answer(full))

    @extend_schema(request=bodies.ProductChange, responses=serializers.Product)
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given, by id or slug; of variants too, which also have addresses of their own."""
        body = bodies.ProductChange.parse(request)
        product_id = products.change_product(key=slug, versions=expected_versions(request), **body)
        full = _read(str(product_id))
        return _answer(full, full_answer(full))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Delete what was never sold, archive what was."""
        products.remove_product(key=slug, versions=expected_versions(request))
        return Response(status=204)


class Variants(APIView):
    permission_classes = [MayWrite]
    operation_ids = {"post": "variant_create"}
    problems = (409, 412)

    @extend_schema(request=bodies.NewVariantInput, responses={201: serializers.Variant})
    @idempotent(module="catalog", required=False)
    def post(self, request: Request, slug: str) -> Response:
        """A new variant of the product, behind the others; the ETag and If-Match are the product's."""
        draft = _variant_draft(bodies.NewVariantInput.parse(request), id=_new_id(request))
        product_variants.add_variant(
            key=slug, draft=draft, actor_id=caller_of(request).id, versions=expected_versions(request)
        )
        full = _read(slug)
        return _answer(full, variant_answer(full, draft.id), status=201)


class Variant(APIView):
    permission_classes = [MayWrite]
    operation_ids = {"patch": "variant_update", "delete": "variant_delete"}
    problems = (409, 412)

    @extend_schema(request=bodies.VariantChange, responses=serializers.Variant)
    def patch(self, request: Request, variant_id: UUID) -> Response:
        """Change what is given, and the prices in the given currencies; the ETag and If-Match are the product's."""
        body = bodies.VariantChange.parse(request)
        product_id = product_variants.change_variant(variant_id=variant_id, versions=expected_versions(request), **body)
        full = _read(str(product_id))
        return _answer(full, variant_answer(full, variant_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, variant_id: UUID) -> Response:
        """Delete what was never sold, archive what was; not the last one of a product that is published."""
        product_variants.remove_variant(variant_id=variant_id, versions=expected_versions(request))
        return Response(status=204)


def _sees_all(request: Request) -> bool:
    caller = caller_of(request)
    return caller.may(Scope.CATALOG_READ) or caller.may(Scope.CATALOG_WRITE)


def _read(key: str) -> FullProduct:
    full = get_full_product(slug_or_id=key, currency=settings.DEFAULT_CURRENCY)
    # Somebody gave it another slug since our change.
    return _read(full.slug) if isinstance(full, Moved) else full


def _answer(full: FullProduct, data: Any, *, status: int = 200, where: str | None = None) -> Response:
    headers = {"ETag": strong_etag(full.version), "Cache-Control": "private, no-store"}
    return Response(data, status=status, headers=headers | ({"Location": where} if where else {}))


def _product_draft(request: Request, body: dict[str, Any]) -> ProductDraft:
    variants = [_variant_draft(variant) for variant in body.pop("variants")]
    return ProductDraft(**{"slug": ""} | body, id=_new_id(request), variants=variants)


def _variant_draft(body: dict[str, Any], **values: Any) -> VariantDraft:
    prices = [wish.price for wish in body.pop("prices")]
    return VariantDraft(**body, **values, prices=prices)


def _new_id(request: Request) -> UUID:
    """The claim's, so that a request that is taken up again after a crash makes nothing twice."""
    claim = current_claim(request)
    return claim.id if claim else new_id()
