"""An office where shipping and taxes are set."""

from typing import Any

import pytest

from ecommerce.kernel.admin_testing import needs_admin

pytestmark = [needs_admin, pytest.mark.django_db]
ZONES, METHODS, RATES = (f"/admin/orders/{name}/" for name in ("shippingzone", "shippingmethod", "taxrate"))


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form complains of, at which field."""
    assert answer.status_code == 200
    return {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}
