"""What products are described by."""

from typing import Any

import pytest

from modules.catalog.logic.attributes import (
    AttributeDraft,
    AttributeInUse,
    AttributeTaken,
    InvalidAttributes,
    change_attribute,
    check,
    define_attribute,
    delete_attribute,
)
from modules.catalog.models import Attribute, Product
from modules.catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db


def define(code: str, kind: str, **fields: Any) -> Attribute:
    return define_attribute(AttributeDraft(code=code, name=code.title(), kind=kind, **fields))


def test_a_code_that_is_new_to_the_shop_is_defined_by_its_first_value():
    values = {"material": "linen", "weight_kg": 1.5, "washable": True, "certificates": ["GOTS", "GOTS", "OEKO-TEX"]}

    assert check(values) == values | {"certificates": ["GOTS", "OEKO-TEX"]}

    kinds = Attribute.objects.order_by("code").values_list("code", "name", "kind")
    assert list(kinds) == [
        ("certificates", "Certificates", "text"),
        ("material", "Material", "text"),
        ("washable", "Washable", "boolean"),
        ("weight_kg", "Weight kg", "number"),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", " linen ", "linen"),
        ("number", 2.0, 2),
        ("number", -0.5, -0.5),
        ("boolean", False, False),
        ("choice", "m", "m"),
        ("choice", ["m", "l"], ["m", "l"]),
        ("colour", "m", "m"),
    ],
)
def test_a_value_that_fits_is_kept(kind, value, kept):
    define("what", kind, choices=[{"value": "m"}, {"value": "l"}] if kind in ("choice", "colour") else [])

    assert check({"what": value}) == {"what": kept}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("text", 5, "not_a_text"),
        ("text", "", "not_a_text"),
        ("text", "a\0b", "not_a_text"),
        ("text", None, "not_a_text"),
        ("text", "x" * 5001, "max_length"),
        ("text", [], "invalid"),
        ("text", ["a", 1], "not_a_text"),
        ("text", {"a": 1}, "not_a_text"),
        ("number", "5", "not_a_number"),
        ("number", True, "not_a_number"),
        ("number", 10**16, "max_value"),
        ("boolean", 1, "not_a_boolean"),
        ("choice", "xxl", "not_a_choice"),
        ("colour", ["m", "xxl"], "not_a_choice"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(kind, value, code):
    define("what", kind, choices=[{"value": "m"}] if kind in ("choice", "colour") else [])

    with pytest.raises(InvalidAttributes) as refusal:
        check({"what": value, "new": "x"})

    assert [(one["field"], one["code"]) for one in refusal.value.details["errors"]] == [("attributes.what", code)]
    assert not Attribute.objects.filter(code="new").exists()


@pytest.mark.parametrize("code", ["", "Größe", "a b", "-a", "x" * 61])
def test_a_code_that_no_address_could_hold_is_refused(code):
    with pytest.raises(InvalidAttributes) as refusal:
        check({code: "x"})

    assert [one["code"] for one in refusal.value.details["errors"]] == ["invalid_code"]


def test_a_product_has_a_hundred_attributes_at_most():
    with pytest.raises(InvalidAttributes):
        check({f"a{n}": "x" for n in range(101)})

    assert not Attribute.objects.exists()


def test_a_code_is_defined_once():
    define("colour", "colour")

    with pytest.raises(AttributeTaken):
        define("colour", "text")

    assert Attribute.objects.get().kind == "colour"


def test_changing_it_is_another_version():
    define("colour", "colour")

    changed = change_attribute(code="colour", changes={"name": "Shade", "is_filterable": False}, versions={1})

    assert (changed.name, changed.is_filterable, changed.version) == ("Shade", False, 2)


def test_one_that_describes_a_product_stays():
    define("material", "text")
    product = make_product()
    Product.objects.filter(id=product.id).update(attributes={"material": "linen"})

    with pytest.raises(AttributeInUse):
        delete_attribute(code="material")
    assert Attribute.objects.get().code == "material"

    Product.objects.update(attributes={})
    delete_attribute(code="material")
    assert not Attribute.objects.exists()
