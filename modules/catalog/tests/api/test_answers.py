"""The structs that are answered have the shape that the serializers describe."""

import types
import typing
from typing import Any

import msgspec
import pytest
from rest_framework import serializers as drf

from ecommerce.kernel.rest.serializers import MoneyField, MoneyStruct
from modules.catalog.api import answers, category_answers, serializers
from modules.catalog.logic.categories import CategoryNode

PAIRS = [
    (answers.CategoryTree, serializers.CategoryTree),
    (answers.Category, serializers.Category),
    (category_answers.CategorySheet, category_answers.StaffCategory),
    (answers.ProductCard, serializers.ProductCard),
    (answers.Product, serializers.Product),
    (answers.Stock, serializers.Stock),
]


@pytest.mark.parametrize(("struct", "serializer"), PAIRS)
def test_a_struct_is_what_its_serializer_describes(struct, serializer):
    assert shape_of_struct(struct) == shape_of_serializer(serializer())


def shape_of_struct(struct: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(struct)
    return {field.name: shape_of(hints[field.name]) for field in msgspec.structs.fields(struct)}


def shape_of(hint: Any) -> Any:
    """("maybe", …) where it may be null, [ … ] for a list, a dict for a struct, else only that it is there."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        [inner] = [one for one in typing.get_args(hint) if one is not type(None)]
        return ("maybe", shape_of(inner))
    if typing.get_origin(hint) is list:
        [inner] = typing.get_args(hint)
        return ["node"] if inner is CategoryNode else [shape_of(inner)]
    if hint is MoneyStruct:
        return "money"
    return shape_of_struct(hint) if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else "value"


def shape_of_serializer(serializer: Any) -> dict[str, Any]:
    return {name: shape_of_field(field) for name, field in serializer.fields.items()}


def shape_of_field(field: Any) -> Any:
    if field.allow_null:
        field.allow_null = False
        return ("maybe", shape_of_field(field))
    if isinstance(field, serializers.Children):
        return ["node"]
    if isinstance(field, drf.ListSerializer | drf.ListField):
        child = field.child
        return ["node"] if isinstance(child, serializers.CategoryNode) else [shape_of_field(child)]
    if isinstance(field, MoneyField):
        return "money"
    return shape_of_serializer(field) if isinstance(field, drf.Serializer) else "value"
