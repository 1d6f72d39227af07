"""An order that is paid and confirmed is invoiced: once, with the next number, and for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections
from django.test import override_settings

from ecommerce.kernel import driver, registry
from ecommerce.kernel.db import atomic
from ecommerce.kernel.leases import claim
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.logic import documents
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.logic.document_contents import Party, invoice_content
from modules.orders.logic.invoices import issue_invoice
from modules.orders.logic.portions import lines_of
from modules.orders.models import Document, DocumentCounter, Order
from modules.orders.tests.api.after_sale import paid_order
from modules.orders.tests.documents import capture, invoiced_order, issued, promise_invoice, year
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PARTY = Party(
    seller={"name": "", "address": [], "country": "DE"}, ordered_on="2026-11-27", paid_on=None, supplied_on=None
)


def broken_invariants() -> list[str]:
    with connections["default"].cursor() as cursor:
        mine = [one for one in registry.invariants if one.module == "orders"]
        return [one.name for one in mine if cursor.execute(one.sql) and cursor.fetchall()]


def write_invoice(order: Order) -> Document:
    return documents.write(order, invoice_content(order, lines_of(order), PARTY))


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_that_is_captured_is_confirmed_and_invoiced(world: World) -> None:
    order = OrderFactory.create()

    capture(order)
    relay_until_quiet()

    assert Order.objects.get().status == "confirmed"
    assert issued() == [("invoice", f"R-{year()}-000001", 4488)]
    invoice = Document.objects.get()
    assert (invoice.order_id, invoice.tax_minor, invoice.currency, invoice.language) == (order.pk, 716, "EUR", "en")
    assert broken_invariants() == []


def test_what_is_only_authorised_is_invoiced_once_it_is_captured(world: World) -> None:
    order = OrderFactory.create(status="confirmed", payment_status="authorized")

    promise_invoice(order)
    relay_until_quiet()
    assert issued() == []

    capture(order, 4487)
    relay_until_quiet()
    assert issued() == []

    capture(order)
    relay_until_quiet()
    assert issued() == [("invoice", f"R-{year()}-000001", 4488)]


def test_what_was_captured_before_it_is_confirmed_is_invoiced_after_it(world: World) -> None:
    """Authorised, its steps are written without the invoice's; the capture adds that one."""
    order = OrderFactory.create(payment_status="authorized")
    from modules.orders.logic.confirmation import confirm_if_paid

    with atomic(Order):
        confirm_if_paid(Order.objects.get())
    capture(order)
    relay_until_quiet()

    assert [number for _, number, _ in issued()] == [f"R-{year()}-000001"]


def test_an_order_that_costs_nothing_is_invoiced_over_nothing(world: World) -> None:
    free = {"subtotal_minor": 0, "shipping_minor": 0, "shipping_tax_minor": 0, "tax_minor": 0, "total_minor": 0}
    order = OrderFactory.create(status="confirmed", **free)
    order.lines.update(unit_price_minor=0, tax_minor=0, total_minor=0)

    promise_invoice(order)
    relay_until_quiet()

    assert issued() == [("invoice", f"R-{year()}-000001", 0)]
    assert broken_invariants() == []


def test_an_order_that_was_called_off_first_is_not_invoiced(shop: World) -> None:
    order = paid_order(shop)
    promise_invoice(order)

    cancel(order.pk, CancelWish(), actor="guest")
    relay_until_quiet()

    assert issued() == []
    assert Step.objects.using("default").get(name="orders.issue_invoice").status == "skipped"


def test_a_step_that_was_running_while_the_order_was_called_off_issues_nothing(shop: World) -> None:
    order = paid_order(shop, status="cancelled", cancelled_at=datetime(2026, 1, 1, tzinfo=UTC))
    with atomic(Order):
        driver_steps(order)

    relay_until_quiet()

    assert issued() == []


def driver_steps(order: Order) -> None:
    from ecommerce.kernel.steps import add_steps

    add_steps(order.pk, [issue_invoice])


# ── once, and without gaps ───────────────────────────────────────────────────────────────────────────────────────────


def test_fifty_at_once_are_numbered_one_to_fifty(world: World) -> None:
    orders = [paid_order(world) for _ in range(50)]
    for order in orders:
        promise_invoice(order)

    def drive(order: Order) -> None:
        try:
            lease = claim("orders", order.pk)
            assert lease is not None
            driver.drive(lease)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=50) as threads:
        list(threads.map(drive, orders))

    assert [number for _, number, _ in issued()] == [f"R-{year()}-{n:06d}" for n in range(1, 51)]
    assert {one.order_id for one in Document.objects.all()} == {order.pk for order in orders}
    instants = list(Document.objects.order_by("position").values_list("issued_at", flat=True))
    assert instants == sorted(instants)
    assert broken_invariants() == []


def test_what_fails_half_way_gives_its_number_back(world: World) -> None:
    first, second, third = (paid_order(world) for _ in range(3))

    with atomic(Order):
        write_invoice(first)
    with pytest.raises(RuntimeError, match=f"R-{year()}-000002"), atomic(Order):
        raise RuntimeError(write_invoice(second).number)
    with atomic(Order):
        write_invoice(third)

    assert [number for _, number, _ in issued()] == [f"R-{year()}-000001", f"R-{year()}-000002"]
    assert broken_invariants() == []


def test_repeating_the_step_issues_nothing_twice(world: World) -> None:
    order = invoiced_order(world)
    Step.objects.using("default").filter(name="orders.issue_invoice").update(status="pending")
    lease = claim("orders", order.pk)
    assert lease is not None

    driver.drive(lease)

    assert [number for _, number, _ in issued()] == [f"R-{year()}-000001"]
    assert DocumentCounter.objects.get().last == 1


def test_the_database_refuses_a_second_invoice_and_keeps_its_number(world: World) -> None:
    order = invoiced_order(world)

    with pytest.raises(IntegrityError, match="order_document_one_invoice"), atomic(Order):
        write_invoice(order)

    assert DocumentCounter.objects.get().last == 1


@override_settings(SHOP_TIME_ZONE="Europe/Berlin", INVOICE_PREFIX="RE")
def test_a_year_begins_by_the_shops_clock(world: World) -> None:
    for instant in ("2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z", "2027-06-01T00:00:00Z"):
        with time_machine.travel(instant, tick=False):
            invoiced_order(world)

    assert [number for _, number, _ in issued()] == ["RE-2026-000001", "RE-2027-000001", "RE-2027-000002"]
    days = [one.snapshot["issued_on"] for one in Document.objects.order_by("series", "position")]
    assert days == ["2026-12-31", "2027-01-01", "2027-06-01"]


# ── for good ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", [{"number": "R-1"}, {"snapshot": {}}, {"total_minor": 1}])
def test_what_was_issued_is_not_changed(world: World, change: dict[str, Any]) -> None:
    invoiced_order(world)
    before = Document.objects.values().get()

    with pytest.raises(IntegrityError, match="neither changed nor deleted"):
        Document.objects.update(**change)

    assert Document.objects.values().get() == before


def test_what_was_issued_is_not_deleted(world: World) -> None:
    invoiced_order(world)

    with pytest.raises(IntegrityError, match="neither changed nor deleted"):
        Document.objects.all().delete()

    assert Document.objects.count() == 1


@pytest.mark.parametrize("last", [0, 1, 3])
def test_a_series_counts_one_by_one(world: World, last: int) -> None:
    invoiced_order(world)

    with pytest.raises(IntegrityError, match="one by one"):
        DocumentCounter.objects.update(last=last)
    with pytest.raises(IntegrityError, match="one by one"):
        DocumentCounter.objects.all().delete()

    assert DocumentCounter.objects.get().last == 1


def test_a_number_that_is_missing_is_told_by_the_invariants(world: World) -> None:
    invoiced_order(world)
    DocumentCounter.objects.update(last=2)

    assert broken_invariants() == ["the numbers of each series are 1 to n without gaps"]


def test_an_invoice_that_is_not_its_orders_is_told_by_the_invariants(world: World) -> None:
    order = invoiced_order(world)
    Order.objects.filter(pk=order.pk).update(shipping_minor=491, total_minor=4489)

    assert broken_invariants() == ["an invoice's total is its order's"]
