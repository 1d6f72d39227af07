"""Stock and attributes in the admin. There is an admin only where users are."""

import pytest
from django.test import Client

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from modules.catalog.logic.locations import open_location
from modules.catalog.models import Attribute, StockLevel, StockMovement
from modules.catalog.tests.factories import journal, make_variant, put, shelves

pytestmark = [
    needs_admin,
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]


@pytest.fixture
def staff() -> Client:
    return signed_in(is_superuser=True)


# ── stock ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_stock_is_changed_at_a_location_with_a_reason(staff):
    variant = make_variant(on_hand=10)
    put(variant.id, "Aachen", 3)
    level = StockLevel.objects.get(variant=variant, location__name="Aachen")
    path = f"/admin/catalog/stocklevel/{level.id}/change/"

    staff.post(path, {"delta": "-2", "found": "", "reason": "damaged"})
    staff.post(path, {"delta": "", "found": "7", "reason": "counted"})

    assert shelves(variant.id) == {"Main warehouse": (10, 0), "Aachen": (7, 0)}
    assert journal(variant.id)[-2:] == [("damaged", -2), ("corrected", 6)]
    assert {str(moved.actor_id) for moved in StockMovement.objects.filter(reason__in=["damaged", "counted"])} == {
        staff.session["_auth_user_id"]
    }
    page = staff.get(path).content.decode()
    assert page.index("+6 counted") < page.index("-2 damaged")


def test_the_first_stock_of_a_variant_at_a_location(staff):
    variant = make_variant(on_hand=10)
    aachen = open_location(name="Aachen")
    form = {"variant": str(variant.id), "location": str(aachen.id), "delta": "5", "found": "", "reason": "received"}

    for _ in range(2):
        assert staff.post("/admin/catalog/stocklevel/add/", form).status_code == 302

    assert shelves(variant.id) == {"Main warehouse": (10, 0), "Aachen": (10, 0)}


def test_a_form_that_is_sent_twice_moves_stock_once(staff):
    variant = make_variant(on_hand=10)
    path = f"/admin/catalog/stocklevel/{variant.levels.get().id}/change/"
    first, second = (str(staff.get(path).context["adminform"].form["reference"].value()) for _ in range(2))

    for reference in (first, first, second):
        form = {"delta": "-3", "found": "", "reason": "damaged", "reference": reference}
        assert staff.post(path, form).status_code == 302

    assert shelves(variant.id) == {"Main warehouse": (4, 0)}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"delta": "", "found": "", "reason": "x"}, "one of them"),
        ({"delta": "1", "found": "2", "reason": "x"}, "one of them"),
        ({"delta": "1", "found": "", "reason": ""}, "This field is required"),
        ({"delta": "-11", "found": "", "reason": "x"}, "Fewer are on hand than would be taken away"),
        ({"delta": "", "found": "-1", "reason": "x"}, "greater than or equal to 0"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(staff, form, said):
    variant = make_variant(on_hand=10)
    level = StockLevel.objects.get(variant=variant)

    answer = staff.post(f"/admin/catalog/stocklevel/{level.id}/change/", form)

    assert said in str(answer.context["errors"])
    assert shelves(variant.id) == {"Main warehouse": (10, 0)}


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_attribute_is_defined_changed_and_forgotten(staff):
    form = {
        "code": "tone", "name": "Tone", "kind": "colour", "unit": "", "position": "3", "is_filterable": "on",
        "choices": '[{"value": "red", "hex": "#c23b3b"}]', "translations": '{"de": {"name": "Ton"}}',
    }  # fmt: skip
    assert staff.post("/admin/catalog/attribute/add/", form).status_code == 302
    tone = Attribute.objects.get()
    assert (tone.choices, tone.translations["de"]["name"]) == ([{"value": "red", "hex": "#c23b3b"}], "Ton")

    staff.post(f"/admin/catalog/attribute/{tone.id}/change/", form | {"name": "Shade", "kind": "text"})
    tone.refresh_from_db()
    assert (tone.name, tone.kind, tone.version) == ("Shade", "colour", 2)
    staff.post(f"/admin/catalog/attribute/{tone.id}/delete/", {"post": "yes"})
    assert not Attribute.objects.exists()


@pytest.mark.parametrize(("field", "text"), [("choices", '[{"name": "Red"}]'), ("translations", '{"xx": {}}')])
def test_an_attribute_that_makes_no_sense_is_refused(staff, field, text):
    form = {"code": "tone", "name": "Tone", "kind": "colour", "position": "0", "choices": "[]", "translations": "{}"}

    answer = staff.post("/admin/catalog/attribute/add/", form | {field: text})

    assert (answer.status_code, Attribute.objects.count()) == (200, 0)


def test_who_has_no_scope_of_the_catalog_changes_no_stock():
    variant = make_variant(on_hand=2)
    level = StockLevel.objects.get()

    answer = signed_in().post(f"/admin/catalog/stocklevel/{level.id}/change/", {"delta": "5", "reason": "x"})

    assert (answer.status_code, shelves(variant.id)) == (403, {"Main warehouse": (2, 0)})
