"""A bearer's token is verified without a statement: a request outside of users costs what it costs a stranger."""

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="the pages are other modules'"),
]

CREDENTIALS = {
    "a customer": {"email": "customer@example.com", "password": "customer-demo-password"},
    "staff": {"email": "staff@example.com", "password": "staff-demo-password"},
}
PAGES = ("/api/v1/payments/methods/", "/api/v1/catalog/categories/", "/api/v1/catalog/products/")


def cost(api: APIClient, page: str) -> int:
    with statements() as sql:
        assert api.get(page).status_code == 200
    return len(sql)


@pytest.mark.parametrize("who", CREDENTIALS)
def test_a_bearer_costs_a_page_outside_of_users_no_statement(api: APIClient, who: str) -> None:
    access = api.post("/api/v1/users/token/", CREDENTIALS[who]).json()["access"]
    bearer = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    for page in PAGES:
        # The keys that verify, and what pages remember, are read once.
        bearer.get(page)
        assert cost(bearer, page) == cost(api, page)
    assert cost(bearer, PAGES[0]) == 0
