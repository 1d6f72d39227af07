"""Users' part of the API's document, as who generates a client from it reads it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

REF = re.compile(r'"#/components/schemas/(\w+)"')


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        if path.startswith("/api/v1/users/"):
            yield from methods.values()


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from holder.get("content", {}).values()


def test_every_body_has_an_example(document):
    bodies = {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]
        for operation in operations(document)
        if "requestBody" in operation
    }
    assert len(bodies) >= 25
    assert [name for name, body in bodies.items() if not body.get("examples")] == []


def test_every_example_has_what_its_schema_requires_and_nothing_else(document):
    schemas = document["components"]["schemas"]
    for content in [content for operation in operations(document) for content in contents(operation)]:
        for example in content.get("examples", {}).values():
            schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            assert set(schema.get("required", ())) <= set(example["value"]) <= set(schema["properties"])


def test_no_two_schemas_say_the_same(document):
    names = set(REF.findall(json.dumps(list(operations(document)))))
    told = [json.dumps(document["components"]["schemas"][name], sort_keys=True) for name in sorted(names)]
    assert len(set(told)) == len(told)


def test_operation_ids_are_short_and_begin_with_the_module(document):
    ids = [operation["operationId"] for operation in operations(document)]
    assert [name for name in ids if not re.fullmatch(r"users(_[a-z]+){1,4}", name)] == []
    assert {"users_roles_list", "users_roles_create", "users_roles_retrieve", "users_roles_update"} <= set(ids)


def test_what_is_always_answered_is_required(document):
    schemas = document["components"]["schemas"]
    answered = set(REF.findall(json.dumps([operation["responses"] for operation in operations(document)])))
    optional = {
        name: set(schemas[name]["properties"]) - set(schemas[name].get("required", ()))
        for name in answered - {"Problem", "Scope", "ExportStatus"}
    }
    assert {name: fields for name, fields in optional.items() if fields} == {}
