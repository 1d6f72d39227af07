"""The demonstration shop's past: `manage.py seed --orders`."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum

from ecommerce.kernel import clock, registry
from modules.orders.logic import expiry, past_orders
from modules.orders.logic.demo_orders import BEGAN_AT, LASTED, add_order
from modules.orders.logic.demo_rows import TABLES, Rows
from modules.orders.logic.names import search_name
from modules.orders.models import Order, OrderLine, Refund, Return, ShipmentItem, TimelineEntry

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 1500


def seed(number: int = ORDERS, seed: int = 1) -> dict[str, int]:
    return past_orders.seed_past_orders(number, seed, lambda *_: None)


def test_every_invariant_holds_among_orders_of_every_status() -> None:
    made = seed()

    assert made["order"] == Order.objects.count() == ORDERS
    for invariant in [one for one in registry.invariants if one.module == "orders"]:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name
    assert set(Order.objects.values_list("status", flat=True)) == set(Order.Status.values) - set(Order.INTERNAL)
    assert set(Order.objects.values_list("payment_status", flat=True)) == set(Order.PaymentStatus.values)
    assert set(Order.objects.values_list("fulfilment_status", flat=True)) == set(Order.FulfilmentStatus.values)


def test_what_was_sent_and_given_back_is_what_the_orders_and_lines_say() -> None:
    seed()

    assert (
        OrderLine.objects.aggregate(n=Sum("fulfilled"))["n"] == ShipmentItem.objects.aggregate(n=Sum("quantity"))["n"]
    )
    refunds = Refund.objects.values("order").annotate(given=Sum("amount_minor")).values_list("order", "given")
    assert dict(refunds) == dict(Order.objects.filter(refunded_minor__gt=0).values_list("id", "refunded_minor"))
    for refund in Refund.objects.prefetch_related("items__line"):
        items = refund.items.all()
        assert refund.amount_minor == sum(item.amount_minor for item in items) + refund.shipping_minor
        assert refund.tax_minor == sum(item.tax_minor for item in items) + refund.shipping_tax_minor
        assert all((item.line.refunded, item.line.cancelled) == (item.quantity, item.cancelled) for item in items)
    returned = Order.objects.filter(fulfilment_status="returned")
    assert set(Return.objects.values_list("order", flat=True)) == set(returned.values_list("id", flat=True))
    paid = Order.objects.filter(payment_status__in=["paid", "partially_refunded", "refunded"])
    assert not paid.exclude(captured_minor=F("total_minor"), paid_at__isnull=False).exists()


def test_they_lie_in_two_years_with_guests_and_customers_who_come_again() -> None:
    seed()
    placed = Order.objects.order_by("placed_at").values_list("placed_at", flat=True)

    assert (placed[0], placed[ORDERS - 1]) == (BEGAN_AT, BEGAN_AT + LASTED * (ORDERS - 1) / ORDERS)
    assert list(Order.objects.order_by("id").values_list("placed_at", flat=True)) == list(placed)
    assert BEGAN_AT + LASTED + timedelta(days=30) < clock.now()
    customers = Counter(Order.objects.values_list("customer_id", flat=True))
    assert 500 < customers.pop(None) < 700
    assert max(customers.values()) > 5
    assert not TimelineEntry.objects.filter(at__gt=BEGAN_AT + LASTED + timedelta(days=30)).exists()


def test_they_are_found_by_the_words_that_a_checkout_writes() -> None:
    seed(200)

    for order in Order.objects.all():
        assert order.search_name == search_name(order.shipping_address, order.billing_address)


def test_repeating_it_adds_nothing_and_what_is_missing_is_made_as_it_was() -> None:
    seed(50)
    before = list(Order.objects.order_by("id").values())
    Order.objects.filter(number__in=["P7", "P50"]).delete()

    assert seed(50)["order"] == 2
    assert seed(50) == {}
    assert list(Order.objects.order_by("id").values()) == before


def test_another_seed_makes_other_orders() -> None:
    first: Rows = {table: [] for table in TABLES}
    other: Rows = {table: [] for table in TABLES}

    add_order(first, 1, 3, 10)
    add_order(other, 2, 3, 10)

    assert first["orders_order"][0][0] != other["orders_order"][0][0]


def test_what_waits_for_a_transfer_does_not_expire() -> None:
    seed()

    assert Order.objects.filter(status="pending").count() > 0
    assert expiry.expire_due() == 0
