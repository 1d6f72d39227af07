"""`python -m benchmarks.order_plans QUERY…`: what answering these lists of orders reads, for staff, as JSON.

Run where the shop's variables are set (BenchShop.run_module). Each statement is run once more to be explained.
"""

import json
import os
import sys
from typing import Any
from uuid import UUID

from benchmarks.plans import Plan, explain, summed_up

ORDERS = "/api/v1/orders/"


def main() -> int:
    """One line of JSON: for each query its statements, rows and pages, and the tables read from end to end."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    print(json.dumps({query: summed_up(plans_of(query)) for query in sys.argv[1:]}))
    return 0


def plans_of(query: str, *, customer: UUID | None = None) -> list[Plan]:
    """How PostgreSQL reads each statement that answers a list, for staff or for a customer."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from ecommerce.kernel.db import alias_of

    with CaptureQueriesContext(connections[alias_of("orders")]) as captured:
        answer = client_of(customer).get(f"{ORDERS}?{query}")
    if answer.status_code != 200:
        raise RuntimeError(f"{query}: {answer.status_code} {answer.content[:300]!r}")
    return [plan for one in captured if (plan := explain("orders", one["sql"]))]


def client_of(customer: UUID | None = None) -> Any:
    """A client who is that customer, or staff who may read orders."""
    from django.conf import settings
    from rest_framework.test import APIClient

    from ecommerce.kernel.identity import Principal
    from ecommerce.kernel.ids import new_id
    from modules.users.contracts import Scope

    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS[0] != "*" else "testserver"
    client: Any = APIClient(headers={"Host": host, "X-Forwarded-Proto": "https"})
    scopes: frozenset[str] = frozenset() if customer else frozenset({Scope.ORDERS_READ.value})
    client.force_authenticate(Principal(id=customer or new_id(), is_staff=customer is None, scopes=scopes))
    return client


if __name__ == "__main__":
    sys.exit(main())
