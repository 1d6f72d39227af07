"""Payments in the admin: to look at."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.test import RequestFactory

from ecommerce.kernel.testing import local
from modules.payments import models
from modules.payments.tests.factories import captured

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not local("users"), reason="the admin is where users is"),
]

MODELS: list[Any] = [models.Payment, models.ProviderEvent, models.Entry]


def admin_of(model: Any) -> Any:
    from django.contrib import admin

    return admin.site.get_model_admin(model)


def staff_request() -> Any:
    request = cast(Any, RequestFactory().get("/admin/"))
    request.user = SimpleNamespace(is_active=True, is_staff=True, is_superuser=True, has_perm=lambda *_: True)
    return request


@pytest.mark.parametrize("model", MODELS)
def test_staff_may_look_and_nothing_else(model):
    shown, request = admin_of(model), staff_request()
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_reads_its_columns_without_a_query_per_row(model, django_assert_max_num_queries):
    captured()
    captured()
    shown, request = admin_of(model), staff_request()
    with django_assert_max_num_queries(3):
        page = shown.get_changelist_instance(request)
        for row in page.result_list:
            for column in shown.list_display:
                assert getattr(shown, column)(row) if hasattr(shown, column) else hasattr(row, column)
        assert len(page.result_list) >= 2


@pytest.mark.parametrize(
    ("model", "shown", "hidden"),
    [(models.Payment, "status", "token_hash"), (models.ProviderEvent, "type", "body")],
)
def test_secrets_and_raw_bodies_are_not_shown(model, shown, hidden):
    fields = flatten_fieldsets(admin_of(model).get_fieldsets(staff_request(), model()))
    assert shown in fields
    assert hidden not in fields
