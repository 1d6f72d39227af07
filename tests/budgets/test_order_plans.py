"""How PostgreSQL reads the lists of orders, staff's search and a customer's history: an index serves each statement,
and no page meets more rows than the first. `make bench-checkout ARGS=--history` shows the same at a million orders.
"""

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from benchmarks import order_plans, plans
from ecommerce.kernel.admin_testing import needs_admin, signed_in
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.logic import past_orders, search
from modules.orders.models import Order

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("order plans"),  # one history for all of them
    pytest.mark.skipif("orders" in settings.REMOTE_MODULES, reason="these are orders' own plans"),
]

ORDERS = 3000
PER_PAGE = 2
# Filters leave out some here and some there.
A_FEW = 10
CUSTOMER = new_id()
COMMON_SKU = "BACKPACK-0000"
LISTS = {
    "all": "",
    "by status": "status=delivered",
    "by payment": "payment_status=paid",
    "by fulfilment": "fulfilment_status=fulfilled",
    "since": "placed_after=2024-06-01T00:00:00Z",
    "until": "placed_before=2025-06-01T00:00:00Z",
    "by status in a time": "status=delivered&placed_after=2024-06-01T00:00:00Z&placed_before=2025-06-01T00:00:00Z",
    "search by SKU": f"search={COMMON_SKU}",
    "search by SKU and status": f"search={COMMON_SKU}&status=delivered",
    "search by address": "search=Regular@example.com",
}
OTHERS = {
    "states that never meet": "status=delivered&payment_status=unpaid",
    "search by number": "search=P77",
    "search by name": "search=grace+hoff",
    "search by a beginning": "search=b",
    "search by name and status": "search=brontë&status=delivered",
    "search for nobody": "search=nobody",
}


@pytest.fixture(scope="module", autouse=True)
def history(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One seeded past for all of them, undone at the end."""
    with django_db_blocker.unblock(), atomic(Order):
        past_orders.seed_past_orders(ORDERS, 1, lambda what, done, of: None)
        regular = Order.objects.order_by("cart_id").values_list("pk", flat=True)[: ORDERS // 4]
        Order.objects.filter(pk__in=list(regular)).update(customer_id=CUSTOMER, email="regular@example.com")
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        connection.set_rollback(True)


@pytest.mark.parametrize("query", (LISTS | OTHERS).values(), ids=LISTS | OTHERS)
def test_an_index_serves_every_statement_for_staff(query: str) -> None:
    """Where a table is small the planner may read it whole, and rightly so: here it must not if it can help it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert plans.whole_tables(read(query)) == set()


@needs_admin
@pytest.mark.parametrize("text", ["P77", COMMON_SKU, "Regular@example.com", "grace hoff", "b"])
def test_an_index_serves_every_statement_of_the_admins_search(text: str) -> None:
    client = signed_in("orders.read")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    with statements() as sql:
        page = client.get("/admin/orders/order/", {"q": text})

    read = [plan for one in sql if "orders_" in one and (plan := plans.explain("orders", one))]
    # How frequent such a name is; which orders; the page of them.
    assert (page.status_code, len(read)) == (200, 2 if "@" in text else 3)
    assert plans.whole_tables(read) == set()


@pytest.mark.parametrize("query", [query for name, query in LISTS.items() if "search" not in name])
def test_an_index_serves_every_statement_for_a_customer(query: str) -> None:
    assert plans.whole_tables(read(query, of=CUSTOMER)) == set()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_reads_no_table_whole_even_where_it_may(name: str) -> None:
    assert plans.whole_tables(read(f"{LISTS[name]}&limit={PER_PAGE}")) == set()


@pytest.mark.parametrize("name", LISTS)
def test_page_50_meets_no_more_rows_than_page_1(name: str) -> None:
    first, far = f"{LISTS[name]}&limit={PER_PAGE}", page_50(LISTS[name])

    assert plans.summed_up(read(far))["rows"] <= plans.summed_up(read(first))["rows"] + A_FEW


@pytest.mark.parametrize("text", ["anna", "b"])
def test_a_frequent_name_is_read_from_the_newest_on(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as FREQUENT are counted, and then no more than fill the page."""
    monkeypatch.setattr(search, "FREQUENT", 20)

    assert plans.summed_up(read(f"search={text}&limit=2"))["rows"] <= ORDERS / 3


def read(query: str, of: UUID | None = None) -> list[plans.Plan]:
    """The plans of the statements that answer a list, for staff or for a customer."""
    return order_plans.plans_of(query, customer=of)


def page_50(query: str) -> str:
    """The query of the fiftieth page of two."""
    following = order_plans.client_of().get(f"{order_plans.ORDERS}?{query}&limit={49 * PER_PAGE}").json()["next"]
    cursor = following.partition("cursor=")[2].partition("&")[0]
    return f"{query}&{urlencode({'limit': PER_PAGE})}&cursor={cursor}"
