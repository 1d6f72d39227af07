"""Staff's acts on categories, over HTTP."""

from typing import Any, cast

from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.models import Category

CATEGORIES = "/api/v1/catalog/categories/"
STAFF = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))


def client_of(principal: Principal | None) -> APIClient:
    client = APIClient()
    if principal:
        client.force_authenticate(user=cast(Any, principal))
    return client


def send(act: Any, url: str, *, headers: Any = None, **body: Any) -> Any:
    return act(url, body, format="json", headers=headers or {})


def id_of(slug: str) -> str:
    return str(Category.objects.get(slug=slug).id)


def places(parent: Category) -> list[tuple[str, int, int]]:
    below = Category.objects.filter(parent=parent).order_by("position", "name")
    return list(below.values_list("slug", "position", "version"))


def announced() -> list[Any]:
    events = OutboxEvent.objects.using(alias_of("catalog")).filter(name="catalog.CategoryChanged")
    return list(events.order_by("position").values_list("aggregate_id", flat=True))
