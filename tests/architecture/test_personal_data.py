"""Every field of every table is personal data or not, and somebody has said which.

A model's PERSONAL names the fields that may hold what tells something about a person; an erasure blanks them and an
export hands them over. Keys, references (an id alone names nobody once its account is erased), numbers, truth values,
instants, and text that is one of fixed choices cannot. Everything else can, so whoever adds such a field decides: it
goes into PERSONAL, or into impersonal.py beside this file. A new one in neither fails here, with the line to write.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from tests.architecture.impersonal import IMPERSONAL

HARMLESS = (
    models.AutoField,
    models.UUIDField,
    models.ForeignKey,
    models.IntegerField,
    models.DecimalField,
    models.BooleanField,
    models.DateTimeField,
)


def tables() -> Iterator[Any]:
    """Every table of ours: the modules', the kernel's, the roof's."""
    for app in apps.get_app_configs():
        if app.name.startswith(("modules.", "ecommerce.")):
            for model in app.get_models():
                yield pytest.param(model, id=model._meta.label)


def personal(model: type[models.Model]) -> frozenset[str]:
    named: frozenset[str] = model.__dict__.get("PERSONAL", frozenset())
    return named


def impersonal(model: type[models.Model]) -> set[str]:
    return set(IMPERSONAL.get(model._meta.label, "").split())


def doubtful(model: type[models.Model]) -> set[str]:
    """The fields that might hold anything."""
    fields = model._meta.concrete_fields
    return {field.name for field in fields if not isinstance(field, HARMLESS) and not field.choices}


@pytest.mark.parametrize("model", tables())
def test_every_field_is_classified_as_personal_or_not(model: type[models.Model]) -> None:
    neither = doubtful(model) - personal(model) - impersonal(model)

    told = " ".join(sorted(impersonal(model) | neither))
    assert neither == set(), f'Into PERSONAL, or into impersonal.py: "{model._meta.label}": "{told}",'


@pytest.mark.parametrize("model", tables())
def test_what_is_classified_exists_and_is_not_both(model: type[models.Model]) -> None:
    fields = {field.name for field in model._meta.concrete_fields}

    assert personal(model) <= fields
    assert impersonal(model) <= doubtful(model)
    assert personal(model) & impersonal(model) == set()


@pytest.mark.parametrize("model", [table for table in tables() if "kernel." not in str(table.id)])
def test_every_model_of_a_module_says_what_is_personal_even_if_nothing_is(model: type[models.Model]) -> None:
    assert isinstance(model.__dict__.get("PERSONAL"), frozenset), f"{model._meta.label} needs PERSONAL"


@pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="the list is of every module")
def test_no_table_is_listed_that_is_gone() -> None:
    assert IMPERSONAL.keys() <= {str(table.id) for table in tables()}
