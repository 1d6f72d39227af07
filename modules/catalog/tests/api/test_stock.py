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


def test_staff_change_the_stock_at_a_location_and_read_all_of_it():
    variant = make_variant(on_hand=10)
    aachen = call("post", "/locations/", {"name": "Aachen"}).json()

    for location, on_hand in (("Aachen", 5), (aachen["id"], 4)):
        changed = change(variant.id, {"on_hand": on_hand, "reason": "count", "location": location})
    read = call("get", f"/variants/{variant.id}/stock/").json()

    assert changed.json() == {
        "variant_id": str(variant.id),
        "on_hand": 14,
        "held": 0,
        "available": 14,
        "locations": [
            {"id": str(default_location_id()), "name": "Main warehouse", "on_hand": 10, "held": 0},
            {"id": aachen["id"], "name": "Aachen", "on_hand": 4, "held": 0},
        ],
    }
    moved = read.pop("movements")
    assert read == changed.json()
    assert [(row["kind"], row["delta"], row["location_id"]) for row in moved] == [
        ("corrected", -1, aachen["id"]),
        ("corrected", 5, aachen["id"]),
        ("received", 10, str(default_location_id())),
    ]
    assert (moved[0]["reason"], moved[0]["actor_id"], moved[0]["reference"]) == ("count", str(STAFF.id), None)


@pytest.mark.parametrize("location", ["Nowhere", "0190f3a2-0000-7000-8000-000000000000", "x" * 121, ""])
def test_an_unknown_location_is_refused(location):
    variant = make_variant(on_hand=10)

    assert change(variant.id, {"delta": 1, "reason": "x", "location": location}).status_code == 400
    assert figures(variant.id) == (10, 0)


def test_the_journal_is_read_page_by_page_there_and_back():
    variant, other = make_variant(on_hand=1), make_variant(on_hand=7)
    call("post", "/locations/", {"name": "Aachen"})
    for number in range(2, 6):
        change(variant.id, {"delta": number, "reason": "received"} | ({"location": "Aachen"} if number % 2 else {}))
    change(other.id, {"delta": 1, "reason": "received"})

    first = call("get", f"/stock/movements/?variant={variant.id}&limit=2").json()
    second = follow(first["next"])
    third = follow(second["next"])

    assert [[row["delta"] for row in page["results"]] for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert (first["previous"], third["next"]) == (None, None)
    assert [row["delta"] for row in follow(third["previous"])["results"]] == [3, 2]
    assert set(first["results"][0]) == {
        "id", "location_id", "kind", "delta", "reason", "reference", "actor_id", "created_at"
    }  # fmt: skip


@pytest.mark.parametrize("query", ["", "?variant=x", "?variant={id}&kind=sold", "?variant={id}&cursor=x"])
def test_a_journal_is_one_variants(query):
    assert call("get", f"/stock/movements/{query.format(id=new_id())}").status_code == 400


def test_locations_are_listed_in_the_order_they_are_taken_from():
    for name in ("Zurich", "Aachen"):
        assert call("post", "/locations/", {"name": name}).status_code == 201

    listed = call("get", "/locations/").json()["results"]

    assert [(place["name"], place["is_default"]) for place in listed] == [
        ("Main warehouse", True),
        ("Aachen", False),
        ("Zurich", False),
    ]
    again = call("post", "/locations/", {"name": "Aachen"})
    assert (again.status_code, again.json()["code"]) == (409, "location_taken")
    assert call("post", "/locations/", {"name": ""}).status_code == 400


@pytest.mark.parametrize("path", ["/variants/{id}/stock/", "/stock/movements/", "/locations/"])
@pytest.mark.parametrize(("principal", "status"), [(None, 401), (Principal(id=new_id(), is_staff=True), 403)])
def test_nobody_else_reads_the_stock(path, principal, status):
    assert call("get", path.format(id=new_id()), principal=principal).status_code == status


def test_the_stock_of_an_unknown_variant_is_not_found():
    assert call("get", f"/variants/{new_id()}/stock/").status_code == 404


def call(method: str, path: str, body: Any = None, principal: Principal | None = STAFF) -> Any:
    client = APIClient()
    if principal:
        client.force_authenticate(user=cast(Any, principal))
    return getattr(client, method)(f"/api/v1/catalog{path}", body, format="json")


def follow(url: str) -> Any:
    return call("get", url.partition("/api/v1/catalog")[2]).json()
