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
PROMOTIONS, COUPONS, REDEMPTIONS = (f"/admin/cart/{name}/" for name in ("promotion", "coupon", "redemption"))


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


def typed(**changed: Any) -> dict[str, Any]:
    """A form for a tenth off, as a browser sends it."""
    empty = dict.fromkeys(
        ["code", "currency", "minimum_subtotal", "buy_quantity", "get_quantity", "tiers", "product_ids",
         "category_ids", "starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1", "usage_limit",
         "usage_limit_per_customer"], ""
    )  # fmt: skip
    filled = {"title": "A tenth off", "kind": "percentage", "value": "10", "stackable": "on", "priority": "0"}
    return empty | filled | {"seen_version": "1"} | changed
