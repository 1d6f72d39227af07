"""For tests of the admin's pages: members of staff who are signed in. There is an admin only where users are."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local

needs_admin = pytest.mark.skipif(not local("users"), reason="the admin lives where users live")


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
