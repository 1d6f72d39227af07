"""The structs that are answered have the shape that the serializers describe."""

import types
import typing
from typing import Any

import msgspec
import pytest
from rest_framework import serializers as drf

from ecommerce.kernel.rest.serializers import MoneyField, MoneyStruct
from modules.catalog.api import (
    answers,
    category_answers,
    list_answers,
    list_serializers,
    review_answers,
    review_serializers,
    serializers,
)
from modules.catalog.logic.categories import CategoryNode

PAIRS = [
    (answers.CategoryTree, serializers.CategoryTree),
    (answers.Category, serializers.Category),
    (category_answers.CategorySheet, category_answers.StaffCategory),
    (answers.ProductCard, serializers.ProductCard),
    (review_answers.Review, review_serializers.Review),
    (answers.Product, serializers.Product),
    (answers.Stock, serializers.Stock),
    (list_answers.ProductCardPage, list_serializers.ProductCardPage),
    (list_answers.SuggestionList, list_serializers.SuggestionList),
]


@pytest.mark.parametrize(("struct", "serializer"), PAIRS)
def test_a_struct_is_what_its_serializer_describes(struct, serializer):
    assert shape_of_struct(struct) == shape_of_serializer(serializer())


def shape_of_struct(struct: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(struct)
    return {field.name: shape_of(hints[field.name]) for field in msgspec.structs.fields(struct)}


def shape_of(hint: Any) -> Any:
    """("optional", …) where it may be left out, ("maybe", …) where it may be null,
    [ … ] for a list, a dict for a struct, else only that it is there."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        members = typing.get_args(hint)
        [inner] = [one for one in members if one not in (type(None), msgspec.UnsetType)]
        shape = ("maybe", shape_of(inner)) if type(None) in members else shape_of(inner)
        return ("optional", shape) if msgspec.UnsetType in members else shape
    if typing.get_origin(hint) is list:
        [inner] = typing.get_args(hint)
        return ["node"] if inner is CategoryNode else [shape_of(inner)]
    if hint is MoneyStruct:
        return "money"
    return shape_of_struct(hint) if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else "value"


def shape_of_serializer(serializer: Any) -> dict[str, Any]:
    return {name: shape_of_field(field) for name, field in serializer.fields.items()}


def shape_of_field(field: Any) -> Any:
    if not field.required:
        field.required = True
        return ("optional", shape_of_field(field))
    if field.allow_null:
        field.allow_null = False
        return ("maybe", shape_of_field(field))
    if isinstance(field, serializers.Children):
        return ["node"]
    if isinstance(field, drf.ListSerializer | drf.ListField):
        # `many=True` hands its own arguments on.
        child: Any = field.child
        child.required = True
        return ["node"] if isinstance(child, serializers.CategoryNode) else [shape_of_field(child)]
    if isinstance(field, MoneyField):
        return "money"
    return shape_of_serializer(field) if isinstance(field, drf.Serializer) else "value"
