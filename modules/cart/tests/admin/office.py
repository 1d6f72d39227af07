"""An office where promotions are made."""

from typing import Any

import pytest

from ecommerce.kernel.admin_testing import needs_admin

pytestmark = [needs_admin, pytest.mark.django_db]
PROMOTIONS, COUPONS, REDEMPTIONS = (f"/admin/cart/{name}/" for name in ("promotion", "coupon", "redemption"))


def typed(**changed: Any) -> dict[str, Any]:
    """A form for a tenth off, as a browser sends it."""
    empty = dict.fromkeys(
        ["code", "currency", "minimum_subtotal", "buy_quantity", "get_quantity", "tiers", "product_ids",
         "category_ids", "starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1", "usage_limit",
         "usage_limit_per_customer"], ""
    )  # fmt: skip
    filled = {"title": "A tenth off", "kind": "percentage", "value": "10", "stackable": "on", "priority": "0"}
    return empty | filled | {"seen_version": "1"} | changed
