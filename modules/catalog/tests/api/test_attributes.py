"""Attributes over HTTP."""

from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.catalog.models import Attribute

pytestmark = pytest.mark.django_db

ATTRIBUTES = "/api/v1/catalog/attributes/"
COLOUR: dict[str, Any] = {
    "code": "colour",
    "name": "Colour",
    "kind": "colour",
    "choices": [{"value": "red", "name": "Red", "hex": "#c23b3b"}, {"value": "teal"}],
    "translations": {"de": {"name": "Farbe", "choices": {"red": "Rot"}}},
}


@pytest.fixture
def staff() -> APIClient:
    client = APIClient()
    client.force_authenticate(cast(Any, Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))))
    return client


def test_staff_define_an_attribute_and_everybody_reads_it_in_his_language(staff):
    made = staff.post(ATTRIBUTES, COLOUR, format="json")
    english = APIClient().get(ATTRIBUTES)
    german = APIClient().get(ATTRIBUTES, headers={"Accept-Language": "de-AT, en;q=0.5"})

    colour = {
        "code": "colour",
        "name": "Colour",
        "kind": "colour",
        "unit": "",
        "choices": [
            {"value": "red", "name": "Red", "hex": "#c23b3b"},
            {"value": "teal", "name": "teal", "hex": None},
        ],
        "is_filterable": True,
        "position": 0,
        "version": 1,
    }
    assert (made.status_code, made.json(), made["ETag"]) == (201, colour, '"1"')
    assert english.json() == {"results": [colour], "next": None, "previous": None}
    [farbe] = german.json()["results"]
    assert (farbe["name"], [choice["name"] for choice in farbe["choices"]]) == ("Farbe", ["Rot", "teal"])
    assert (german["Content-Language"], "Accept-Language" in german["Vary"]) == ("de", True)


def test_a_change_may_leave_out_fields_but_not_parts_of_them(staff):
    staff.post(ATTRIBUTES, COLOUR, format="json")

    answer = staff.patch(f"{ATTRIBUTES}colour/", {"choices": [{"name": "Blue"}]}, format="json")

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [{"field": "choices.0.value", "code": "required", "detail": "This field is required."}],
    )
    assert Attribute.objects.get().version == 1


@pytest.mark.parametrize("wrong", [{"code": 0}, {"choices": [{"value": "red", "hex": 123456}]}])
def test_a_number_is_no_text(staff, wrong):
    assert staff.post(ATTRIBUTES, COLOUR | wrong, format="json").status_code == 400
    assert Attribute.objects.count() == 0


def test_it_is_changed_unless_somebody_was_quicker(staff):
    staff.post(ATTRIBUTES, COLOUR, format="json")
    path = f"{ATTRIBUTES}colour/"

    changed = staff.patch(path, {"name": "Shade"}, format="json", headers={"If-Match": '"1"'})
    late = staff.patch(path, {"name": "Hue"}, format="json", headers={"If-Match": '"1"'})

    assert (changed.status_code, changed.json()["name"], changed["ETag"]) == (200, "Shade", '"2"')
    assert (late.status_code, Attribute.objects.get().name) == (412, "Shade")


def test_it_is_forgotten(staff):
    staff.post(ATTRIBUTES, COLOUR, format="json")

    assert staff.delete(f"{ATTRIBUTES}colour/").status_code == 204
    assert staff.delete(f"{ATTRIBUTES}colour/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"code": "Colour"}, "code"),
        ({"code": ""}, "code"),
        ({"kind": "tint"}, "kind"),
        ({"name": ""}, "name"),
        ({"choices": [{"value": "red"}, {"value": "red"}]}, "choices"),
        ({"choices": [{"value": "red", "hex": "red"}]}, "choices.0.hex"),
        ({"translations": {"fr": {"name": "Couleur"}}}, "translations"),
        ({"shape": 1}, "shape"),
    ],
)
def test_what_will_not_do_is_refused_by_name(staff, changes, where):
    answer = staff.post(ATTRIBUTES, COLOUR | changes, format="json")

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [where])
    assert not Attribute.objects.exists()


def test_a_code_that_is_taken_is_refused(staff):
    staff.post(ATTRIBUTES, COLOUR, format="json")

    answer = staff.post(ATTRIBUTES, COLOUR | {"name": "Other"}, format="json")

    assert (answer.status_code, answer.json()["code"], Attribute.objects.get().name) == (
        409,
        "attribute_taken",
        "Colour",
    )


def test_the_kind_of_an_attribute_stays(staff):
    staff.post(ATTRIBUTES, COLOUR, format="json")

    answer = staff.patch(f"{ATTRIBUTES}colour/", {"kind": "text"}, format="json")

    assert (answer.status_code, Attribute.objects.get().kind) == (400, "colour")


@pytest.mark.parametrize(
    ("caller", "status"), [(None, 401), (Principal(id=new_id()), 403), (Principal(id=new_id(), is_staff=True), 403)]
)
def test_only_staff_with_the_scope_write(caller, status):
    client = APIClient()
    if caller:
        client.force_authenticate(cast(Any, caller))

    assert client.post(ATTRIBUTES, {}, format="json").status_code == status
    assert client.patch(f"{ATTRIBUTES}colour/", {}, format="json").status_code == status
    assert client.delete(f"{ATTRIBUTES}colour/").status_code == status
