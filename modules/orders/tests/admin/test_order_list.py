"""The list of orders in the admin: found, narrowed, shipped many at a time, and printed."""

from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.logic.search import FREQUENT
from modules.orders.models import Order, Shipment
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import HANDLES, ORDERS, asked_back, delivered_order, form_of, signed_in, text_of
from modules.orders.tests.api.after_sale import add_line, paid_order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World

pytestmark = desk.pytestmark

# The session, who is signed in and what he may; Django's own look for what was done lately.
BESIDE = 4
BULK = f"{ORDERS}ship/"


@pytest.fixture
def staff() -> Client:
    return signed_in(*HANDLES)


def found(client: Client, query: str = "") -> list[Order]:
    """What the list shows, in its order."""
    return list(client.get(f"{ORDERS}{query}").context["cl"].result_list)


def old(days: int, **fields: Any) -> Order:
    """An order that was placed some days ago."""
    order: Order = OrderFactory.create(placed_at=clock.now() - timedelta(days=days), **fields)
    return order


def act(client: Client, name: str, *orders: Order) -> Any:
    chosen = [str(order.pk) for order in orders]
    return client.post(ORDERS, {"action": name, "_selected_action": chosen}, follow=True)


def test_the_newest_come_first_with_their_totals_in_major_units(staff):
    older, newer = old(2, number="1001"), old(1, status="shipped", payment_status="partially_refunded")
    OrderFactory.create(status="opening", number=None, placed_at=None)

    assert found(staff) == [newer, older]
    page = text_of(staff.get(ORDERS))
    assert all(words in page for words in ("1001", "44.88 EUR", "partially refunded", "ada@example.com", "unfulfilled"))
    assert "4488" not in page


def test_orders_are_found_by_number_address_sku_names_and_id(staff):
    one = old(1, number="1001", email="Grace@Example.com", search_name="zoe obrien acme")
    other = old(2, number="1002")
    add_line(other, sku="HAT-1")

    for term in ("1001", "grace@example.com", str(one.pk), "O’Brien, Zoë", "acm"):
        assert found(staff, f"?q={term}") == [one]
    assert found(staff, "?q=HAT-1") == [other]
    assert found(staff, "?q=SHIRT-M") == [one, other]
    assert [found(staff, f"?q={term}") for term in ("100", "grace", "example.com", "HAT", "zoe hopper")] == [[]] * 5


def test_what_is_searched_is_narrowed_like_every_list(staff):
    one, _ = old(1, search_name="grace hopper"), old(2, search_name="grace hopper", status="cancelled")
    OrderFactory.create(status="opening", number=None, placed_at=None, search_name="grace hopper")

    assert found(staff, "?q=grace&status=pending") == [one]
    assert len(found(staff, "?q=grace")) == 2


def test_of_what_many_orders_share_the_newest_are_found(staff, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("modules.orders.admin.order_search.MOST_FOUND", 2)
    _, *newest = [old(days, search_name="grace hopper") for days in (3, 2, 1)]

    assert found(staff, "?q=grace") == newest[::-1]


def test_what_is_to_be_shipped_is_shown_oldest_first(staff):
    older = old(5, status="processing", fulfilment_status="partial")
    newer = old(1, status="confirmed")
    for status in ("pending", "shipped", "cancelled"):
        old(2, status=status)

    assert found(staff, "?queue=to_ship") == [older, newer]
    page = staff.get(f"{ORDERS}?queue=to_ship").context
    assert page["queues"] == [
        ("", "All", False), ("to_ship", "To ship today", True), ("unpaid", "Unpaid", False),
        ("to_receive", "Returns to receive", False),
    ]  # fmt: skip


def test_what_is_unpaid_is_what_still_waits_for_its_money(staff):
    unpaid, declined, partly = old(1), old(2, payment_status="failed"), old(3, payment_status="partially_paid")
    old(1, status="confirmed", payment_status="paid")
    old(1, status="expired")

    assert found(staff, "?queue=unpaid") == [unpaid, declined, partly]


def test_returns_to_receive_are_shown_by_how_long_they_wait(staff, world: World):
    first, second = delivered_order(world), delivered_order(world)
    waiting, asked, over = delivered_order(world), delivered_order(world), delivered_order(world)
    asked_back(waiting, "approved")
    asked_back(asked)
    asked_back(over, "rejected")
    asked_back(over, "rejected")

    assert found(staff, "?queue=to_receive") == [waiting, asked]
    assert {first, second, over}.isdisjoint(found(staff, "?queue=to_receive"))


def test_orders_are_narrowed_by_each_status_and_by_their_customer(staff):
    customer = new_id()
    one = old(1, status="confirmed", payment_status="paid", customer_id=customer)
    two = old(2, status="shipped", payment_status="paid", fulfilment_status="fulfilled")

    assert found(staff, "?status=confirmed") == [one]
    assert found(staff, "?payment=paid") == [one, two]
    assert found(staff, "?payment=paid&fulfilment=fulfilled") == [two]
    assert found(staff, f"?customer_id={customer}") == [one]
    assert found(staff, "?status=opening&queue=nonsense") == [one, two]


@pytest.mark.parametrize("count", [2, 30])
def test_lists_open_by_as_few_statements_whatever_they_hold_and_count_nothing(staff, world: World, count: int):
    for number in range(count):
        asked_back(paid_order(world, number=f"N{number}", search_name="ada lovelace"))

    def asked(query: str) -> int:
        with statements() as sql:
            assert staff.get(f"{ORDERS}{query}").status_code == 200
        own = [one for one in sql if "orders_" in one and "django_admin_log" not in one]
        # How frequent a name is, is counted up to a limit.
        assert not [one for one in own if "COUNT(" in one.upper() and f"LIMIT {FREQUENT}" not in one]
        assert len(sql) <= len(own) + BESIDE
        return len(own)

    queries = ["", "?queue=to_ship", "?queue=unpaid", "?queue=to_receive", "?status=confirmed"]
    assert [asked(query) for query in queries] == [1] * 5
    assert [asked(query) for query in ("?q=ada@example.com", "?q=N1", "?q=SHIRT-M", "?q=ada")] == [2, 3, 3, 3]


def test_what_is_to_be_shipped_is_not_looked_for_among_all_that_ever_was(staff):
    first = old(900, status="delivered")
    placed_at = first.placed_at
    assert placed_at is not None
    past = [copy(first) for _ in range(3000)]
    for number, order in enumerate(past):
        order.status = "delivered" if number < 2700 else "confirmed"
        order.pk, order.number, order.cart_id, order.idempotency_id = new_id(), f"P{number}", new_id(), None
        order.placed_at = placed_at + timedelta(minutes=number)
    Order.objects.bulk_create(past)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")

    with statements() as sql:
        assert found(staff, "?queue=to_ship") == past[2700:2750]
    with connection.cursor() as cursor:
        # So small a table is else read whole.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {next(one for one in sql if 'orders_order' in one)}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    # Along the index by time, the oldest first, all that was sent long ago would be read before them.
    assert ("order_by_status" in plan, "order_newest" in plan) == (True, False)


def test_chosen_orders_are_shipped_each_on_its_own(staff, world: World):
    one, other, unpaid = paid_order(world, number="1"), paid_order(world, number="2"), OrderFactory.create(number="3")

    page = act(staff, "ship_chosen", one, other, unpaid)
    assert [row[0] for row in page.context["form"].rows()] == [one, other, unpaid]
    sent = form_of(page) | {"carrier": "DHL", f"tracking_{one.pk}": "0034"}
    answers = [staff.post(BULK, sent) for _ in range(2)]

    for answer in answers:
        assert [(order.number, told, done) for order, told, done in answer.context["outcomes"]] == [
            ("1", "The order is shipped.", True),
            ("2", "The order is shipped.", True),
            ("3", "The order's state does not allow that.", False),
        ]
    assert sorted(Shipment.objects.values_list("order__number", "carrier", "tracking_number")) == [
        ("1", "DHL", "0034"), ("2", "DHL", ""),
    ]  # fmt: skip


def test_a_form_that_makes_no_sense_ships_nothing(staff, world: World):
    order = paid_order(world)
    sent = form_of(act(staff, "ship_chosen", order))

    long = staff.post(BULK, sent | {"carrier": "x" * 41})
    assert "at most 40 characters" in text_of(long)
    for orders in ("", "nonsense", str(new_id())):
        assert "Choose the orders again." in text_of(staff.post(BULK, sent | {"orders": orders}))
    assert "Choose the orders again." in text_of(staff.get(BULK))
    assert Shipment.objects.count() == 0


def test_too_many_at_once_are_refused(staff, world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("modules.orders.admin.bulk_ship.MOST_AT_ONCE", 1)

    for name in ("ship_chosen", "print_packing_slips"):
        assert "At most 1 orders at once." in text_of(act(staff, name, paid_order(world), paid_order(world)))


def test_who_may_only_read_ships_nothing(world: World):
    clerk, order = signed_in("orders.read"), paid_order(world)

    assert [name for name, _ in clerk.get(ORDERS).context["action_form"].fields["action"].choices if name] == [
        "print_packing_slips"
    ]
    assert clerk.post(BULK, {"orders": str(order.pk)}).status_code == 403
    act(clerk, "ship_chosen", order)
    assert Shipment.objects.count() == 0


def test_packing_slips_tell_what_is_still_to_be_sent_and_no_price(staff, world: World):
    order = paid_order(world, number="1001", language="de-at", note="Bitte klingeln")
    add_line(order, sku="HAT-1", title="Hat", options={}, quantity=3, fulfilled=1)
    other = paid_order(world, number="1002", language="fr")

    answer = act(staff, "print_packing_slips", order, other)

    first, second = answer.context["slips"]
    assert (first.words["title"], first.rows) == ("Lieferschein", [("SHIRT-M", "Shirt (M)", 2), ("HAT-1", "Hat", 2)])
    assert (second.words["title"], second.rows) == ("Packing slip", [("SHIRT-M", "Shirt (M)", 2)])
    page = text_of(answer)
    assert all(words in page for words in ("1001", "1002", "Ada Lovelace", "10117 Berlin", "Bitte klingeln"))
    assert not any(price in page for price in ("EUR", "19.99", "44.88", "1999"))


def test_a_parcel_has_a_packing_slip_of_its_own_and_a_sent_order_of_all_that_was(world: World):
    clerk, order = signed_in("orders.read"), delivered_order(world)
    parcel = Shipment.objects.create(order=order, shipped_at=clock.now())
    parcel.items.create(line=order.lines.get(), quantity=1)

    whole = clerk.get(f"{ORDERS}{order.pk}/packing-slip/")
    part = clerk.get(f"{ORDERS}{order.pk}/shipments/{parcel.pk}/packing-slip/")

    assert [answer.context["slips"][0].rows for answer in (whole, part)] == [
        [("SHIRT-M", "Shirt (M)", 2)], [("SHIRT-M", "Shirt (M)", 1)],
    ]  # fmt: skip
    missing = [f"{ORDERS}{new_id()}/packing-slip/", f"{ORDERS}{order.pk}/shipments/{new_id()}/packing-slip/"]
    assert [clerk.get(address).status_code for address in missing] == [404, 404]
    assert signed_in("catalog.read").get(f"{ORDERS}{order.pk}/packing-slip/").status_code == 403


@pytest.mark.parametrize("count", [1, 5])
def test_packing_slips_take_as_few_statements_however_many_there_are(staff, world: World, count: int):
    orders = [paid_order(world) for _ in range(count)]

    with statements() as sql:
        act(staff, "print_packing_slips", *orders)

    # The chosen ones, their lines.
    assert len([one for one in sql if "orders_" in one]) == 2
