"""Stock over HTTP: for staff."""

from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.catalog.logic.locations import default_location_id
from modules.catalog.models import StockMovement
from modules.catalog.tests.factories import figures, journal, make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

STAFF = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))


def test_staff_change_the_stock_by_a_difference():
    variant = make_variant(on_hand=10)

    answer = change(variant.id, {"delta": -3, "reason": "damaged"})

    main = {"id": str(default_location_id()), "name": "Main warehouse", "on_hand": 7, "held": 0}
    assert (answer.status_code, answer.json()) == (
        200,
        {"variant_id": str(variant.id), "on_hand": 7, "held": 0, "available": 7, "locations": [main]},
    )
    assert journal(variant.id) == [("received", 10), ("damaged", -3)]
    assert StockMovement.objects.latest("created_at").actor_id == STAFF.id


def test_staff_count_the_stock():
    variant = make_variant(on_hand=10)

    assert change(variant.id, {"on_hand": 0, "reason": "Stock-take"}).json()["on_hand"] == 0
    assert journal(variant.id) == [("received", 10), ("corrected", -10)]


def test_the_same_key_changes_the_stock_once():
    variant = make_variant(on_hand=10)

    first = change(variant.id, {"delta": 5, "reason": "received"}, key="delivery-1")
    again = change(variant.id, {"delta": 5, "reason": "received"}, key="delivery-1")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (200, first.content, "true")
    assert figures(variant.id) == (15, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "x"}, "delta"),
        ({"delta": 1, "on_hand": 1, "reason": "x"}, "delta"),
        ({"delta": 0, "reason": "x"}, "delta"),
        ({"delta": 1}, "reason"),
        ({"delta": 1, "reason": ""}, "reason"),
        ({"delta": "1", "reason": "x"}, "delta"),
        ({"delta": 10**12, "reason": "x"}, "delta"),
        ({"on_hand": -1, "reason": "x"}, "on_hand"),
        ({"delta": 1, "reason": "x", "held": 0}, "held"),
    ],
)
def test_what_makes_no_sense_changes_nothing(body, field):
    variant = make_variant(on_hand=10)

    answer = change(variant.id, body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert journal(variant.id) == [("received", 10)]


def test_more_than_can_be_counted_is_refused():
    variant = make_variant(on_hand=10)

    assert change(variant.id, {"delta": 2**31 - 1, "reason": "received"}).status_code == 400
    assert figures(variant.id) == (10, 0)


@pytest.mark.parametrize(
    ("principal", "status"),
    [
        (None, 401),
        (Principal(id=new_id()), 403),
        (Principal(id=new_id(), is_staff=True), 403),
        (Principal(id=new_id(), scopes=frozenset({"catalog.write"})), 403),
    ],
)
def test_nobody_else_changes_the_stock(principal, status):
    variant = make_variant(on_hand=10)

    assert change(variant.id, {"delta": 1, "reason": "received"}, principal=principal).status_code == status
    assert journal(variant.id) == [("received", 10)]


def test_an_unknown_variant_has_no_stock():
    answer = change(new_id(), {"delta": 1, "reason": "received"})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_variant")


def change(variant_id: Any, body: Any, *, principal: Principal | None = STAFF, key: str | None = None) -> Any:
    client = APIClient()
    if principal:
        client.force_authenticate(user=cast(Any, principal))
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/catalog/variants/{variant_id}/stock/", body, format="json", headers=headers)
