"""Members of staff in the admin. There is an admin only where users are."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local

pytestmark = [
    pytest.mark.skipif(not local("users"), reason="the admin lives where users live"),
    pytest.mark.django_db,
]
ZONES, METHODS, RATES = (f"/admin/orders/{name}/" for name in ("shippingzone", "shippingmethod", "taxrate"))


def signed_in(*scopes: str, **user: Any) -> Client:
    """Somebody of the staff with a role of these scopes."""
    made: Any = get_user_model()(email=f"{new_id()}@example.com", is_staff=True, **user)
    made.save()
    if scopes:
        role = apps.get_model("users", "Role").objects.create(name=str(made.id), scopes=list(scopes))
        apps.get_model("users", "RoleAssignment").objects.create(user=made, role=role, granted_by_id=made.id)
    client = Client()
    client.force_login(made)
    return client


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form complains of, at which field."""
    assert answer.status_code == 200
    return {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}
