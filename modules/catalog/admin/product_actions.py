"""What staff do with many products at once: each product is a change of its own, and one refusal stops no other."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from ecommerce.kernel.errors import ServiceError
from modules.catalog.admin import repricing
from modules.catalog.logic import products
from modules.catalog.models import Product

# Of one act: a page of the list holds 50, and somebody waits for it.
MOST_AT_ONCE = 500
SHOWN = 10


class ProductActions:
    """The acts of the list of products."""

    actions = ("publish", "take_back", "archive", "change_prices")

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Product]) -> None:
        _set_status(request, chosen, Product.Status.PUBLISHED)

    @admin.action(description="Take back: drafts again", permissions=["change"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Product]) -> None:
        _set_status(request, chosen, Product.Status.DRAFT)

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Product]) -> None:
        _set_status(request, chosen, Product.Status.ARCHIVED)

    @admin.action(description="Change prices by percent …", permissions=["change"])
    def change_prices(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse | None:
        ids = _ids(request, chosen)
        return repricing.ask(cast(Any, self).admin_site, request, ids) if ids else None


def _set_status(request: HttpRequest, chosen: QuerySet[Product], status: str) -> None:
    _each(request, _ids(request, chosen), lambda one: products.change_product(key=str(one), status=status))


def _each(request: HttpRequest, ids: list[UUID], act: Callable[[UUID], Any]) -> None:
    refused: dict[UUID, str] = {}
    for product_id in ids:
        try:
            act(product_id)
        except ServiceError as refusal:
            errors = refusal.details.get("errors") or [{"detail": refusal.detail}]
            refused[product_id] = errors[0]["detail"]
    if len(refused) < len(ids):
        messages.success(request, f"{len(ids) - len(refused)} products are as you wish.")
    titles = dict(Product.objects.filter(id__in=list(refused)[:SHOWN]).values_list("id", "title"))
    for product_id, title in titles.items():
        messages.error(request, f"{title}: {refused[product_id]}")
    if len(refused) > SHOWN:
        messages.error(request, f"… and {len(refused) - SHOWN} more.")


def _ids(request: HttpRequest, chosen: QuerySet[Product]) -> list[UUID]:
    """The chosen products; none where they are too many for one act."""
    ids = list(chosen.order_by("id").values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    if len(ids) <= MOST_AT_ONCE:
        return ids
    messages.error(request, f"At most {MOST_AT_ONCE} products at once.")
    return []
