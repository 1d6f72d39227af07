"""Staff at the API."""

import json
from typing import Any, cast

from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id

STAFF = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))
READER = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.read"}))
# Who may not write the catalog, and the status that each is answered.
OTHERS = [
    (None, 401),
    (Principal(id=new_id()), 403),
    (Principal(id=new_id(), is_staff=True), 403),
    (Principal(id=new_id(), scopes=frozenset({"catalog.write"})), 403),
    (READER, 403),
]
PRODUCTS = "/api/v1/catalog/products/"
VARIANTS = "/api/v1/catalog/variants/"


def client(principal: Principal | None = STAFF) -> APIClient:
    api = APIClient()
    if principal:
        api.force_authenticate(user=cast(Any, principal))
    return api


def send(method: str, path: str, body: Any = None, *, principal: Principal | None = STAFF, **headers: str) -> Any:
    """The answer; headers by their names with underscores: `if_match='"1"'`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client(principal).generic(method, path, encode(body), content_type="application/json", headers=named)


def encode(body: Any) -> str:
    return "" if body is None else json.dumps(body)


def complaints(answer: Any) -> dict[str, str]:
    """Which field was refused for what."""
    assert answer.status_code == 400, answer.content
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
