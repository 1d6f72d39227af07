"""What an import graph cannot see: the shapes of modules, their tables, their migrations."""

import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader

from ecommerce.kernel import steps, wire
from ecommerce.kernel.events import event_name, routes
from ecommerce.kernel.registry import invariants

ROOT = Path(settings.BASE_DIR)
LOCAL = settings.LOCAL_MODULES
FILES = {
    "__init__", "apps", "service", "contracts", "events", "remote", "models", "handlers", "tasks", "admin",
}  # fmt: skip
FOLDERS = {
    "logic",
    "migrations",
    "api",
    "admin",
    "tests",
    "management",
    "models",
    "templates",
    "static",
    "locale",
    "fonts",
}
PERSONAL_WORDS = {"email", "phone", "name", "first_name", "last_name", "address", "shipping_address", "note", "token"}
BANNED_NAMES = {"utils", "util", "helpers", "common", "manager", "managers", "services", "misc"}


def public(module: str, file: str) -> ModuleType | None:
    path = ROOT / "modules" / module / f"{file}.py"
    return importlib.import_module(f"modules.{module}.{file}") if path.exists() else None


def functions() -> Iterator[Any]:
    for module in LOCAL:
        if (service := public(module, "service")) is not None:
            for name in service.__all__:
                yield pytest.param(module, name, id=f"{module}.{name}")


def events() -> Iterator[Any]:
    for module in LOCAL:
        if (file := public(module, "events")) is not None:
            for name, value in vars(file).items():
                if inspect.isclass(value) and value.__module__ == file.__name__:
                    yield pytest.param(value, id=f"{module}.{name}")


def tables() -> Iterator[Any]:
    for module in LOCAL:
        for model in apps.get_app_config(module).get_models(include_auto_created=True):
            yield pytest.param(model, id=model._meta.label)


@pytest.mark.parametrize("module", LOCAL)
def test_a_module_has_the_same_files_as_every_other(module: str) -> None:
    entries = list((ROOT / "modules" / module).iterdir())

    assert {entry.stem for entry in entries if entry.suffix == ".py"} <= FILES
    assert {entry.name for entry in entries if entry.is_dir()} - {"__pycache__"} <= FOLDERS


def test_no_file_has_a_name_that_says_nothing() -> None:
    found = (ROOT / "modules").rglob("*.py")

    assert [path for path in found if path.stem in BANNED_NAMES] == []


@pytest.mark.parametrize(("module", "name"), functions())
def test_a_public_function_is_keyword_only_annotated_and_documented(module: str, name: str) -> None:
    function = inspect.unwrap(getattr(public(module, "service"), name))
    parameters = inspect.signature(function).parameters.values()
    hints = typing.get_type_hints(function)

    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    assert {parameter.name for parameter in parameters} | {"return"} == set(hints)
    assert function.__doc__


@pytest.mark.parametrize(("module", "name"), functions())
def test_the_far_end_has_the_near_ends_signature(module: str, name: str) -> None:
    near = inspect.unwrap(getattr(public(module, "service"), name))
    far = getattr(public(module, "remote"), name)

    assert typing.get_type_hints(near) == typing.get_type_hints(far)
    assert inspect.signature(near).parameters.keys() == inspect.signature(far).parameters.keys()


@pytest.mark.parametrize("module", LOCAL)
def test_a_service_has_at_most_ten_functions(module: str) -> None:
    service = public(module, "service")

    assert service is None or len(service.__all__) <= 10


@pytest.mark.parametrize("event", events())
def test_an_event_is_frozen_says_first_what_it_is_about(event: type) -> None:
    assert is_dataclass(event)
    assert event.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has it
    first = fields(event)[0]
    assert first.name.endswith("_id")
    assert typing.get_type_hints(event)[first.name] is UUID
    assert re.search(r"(ed|Erased|Paid|Shipped)$", event.__name__), "past tense"


@pytest.mark.parametrize("event", events())
def test_an_event_carries_no_personal_data(event: type) -> None:
    assert {field.name for field in fields(event)} & PERSONAL_WORDS == set()


@pytest.mark.parametrize("name", sorted(steps._steps))
def test_a_step_is_told_no_personal_data(name: str) -> None:
    """Its arguments are kept with its row when it is done; it reads what it needs from its own tables."""
    told = wire.arguments_of(steps._steps[name]).__struct_fields__

    assert set(told) & PERSONAL_WORDS == set()


@pytest.mark.parametrize("model", tables())
def test_no_foreign_key_leaves_its_module(model: type[models.Model]) -> None:
    own = model._meta.app_label
    # The user table is Django's too: permissions and groups are part of what a user is.
    allowed = {own} | ({"auth", "contenttypes"} if own == "users" else set())
    targets = {
        field.related_model._meta.app_label
        for field in model._meta.get_fields()
        if isinstance(field, (models.ForeignKey, models.ManyToManyField)) and not isinstance(field.related_model, str)
    }

    assert targets <= allowed


def test_no_migration_depends_on_another_modules() -> None:
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    crossing = [
        (app, name, parent.key)
        for (app, name), node in graph.node_map.items()
        if app in settings.MODULES
        for parent in node.parents
        if parent.key[0] != app and parent.key[0] in settings.MODULES
    ]

    assert crossing == []


@pytest.mark.parametrize("module", LOCAL)
def test_a_modules_invariants_name_its_own_tables_only(module: str) -> None:
    others = "|".join(other for other in settings.MODULES if other != module)
    foreign = re.compile(rf"\b(?:FROM|JOIN)\s+(?:{others})_\w+", re.IGNORECASE)
    of_module = [one for one in invariants if one.module == module]

    assert [one.name for one in of_module if foreign.search(one.sql)] == []


def test_no_sql_in_the_code_names_two_modules_tables() -> None:
    table = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(settings.MODULES)})_\w+")
    mixed = [
        path
        for module in settings.MODULES
        for path in (ROOT / "modules" / module).rglob("*.py")
        if {match[1] for match in table.finditer(path.read_text())} - {module}
    ]

    assert mixed == []


@pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="routes are generated where every module is installed")
def test_the_routes_are_those_of_the_handlers() -> None:
    assert routes() == settings.EVENT_ROUTES


def test_every_event_that_is_listened_to_exists() -> None:
    known = {event_name(param.values[0]) for param in events()}
    from_here = {name for name in settings.EVENT_ROUTES if name.split(".")[0] in LOCAL}

    assert from_here <= known


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
