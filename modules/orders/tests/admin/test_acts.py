"""What staff do to an order in the admin: a page asks, and what is confirmed is done, once."""

from typing import Any

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet, statements
from modules.orders.models import Order, Return, Shipment
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import (
    HANDLES,
    act_of,
    asked_back,
    delivered_order,
    do,
    form_of,
    page_of,
    said,
    signed_in,
    text_of,
    units,
)
from modules.orders.tests.api.after_sale import add_line, paid_order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff() -> Any:
    return signed_in(*HANDLES)


def now(order: Order) -> Order:
    order.refresh_from_db()
    return order


def state(order: Order) -> tuple[Any, ...]:
    """What an act could change."""
    lines = order.lines.order_by("position").values_list("fulfilled", "cancelled", "refunded")
    rows = [one.count() for one in (order.shipments, order.returns, order.refunds, order.timeline)]
    return (now(order).status, order.version, list(lines), rows)


def test_all_that_is_left_is_shipped_unless_less_is_chosen(staff, shop: World):
    order = paid_order(shop)
    add_line(order, quantity=1)

    first = do(staff, order, "ship", **units(order, 0, 1), carrier="DHL", tracking_number="0034")

    assert (first.status_code, first["Location"]) == (302, page_of(order))
    assert said(first) == ["The parcel is noted; the order is processing."]
    sent = Shipment.objects.get()
    assert (sent.carrier, sent.tracking_number) == ("DHL", "0034")
    assert list(sent.items.order_by("line__position").values_list("line__position", "quantity")) == [(0, 1), (1, 1)]
    assert order.timeline.get(event="shipment_sent").actor.startswith("user:")

    page = staff.get(act_of(order, "ship"))
    assert [(row.title, row.left, row.field.value()) for row in page.context["rows"]] == [("Shirt (M)", 1, 1)]
    rest = staff.post(act_of(order, "ship"), form_of(page))
    assert said(rest) == ["The parcel is noted; the order is shipped."]
    assert now(order).fulfilment_status == "fulfilled"


def test_a_form_that_is_sent_twice_ships_once_and_a_changed_one_ships_anew(staff, shop: World):
    order = paid_order(shop)
    sent = form_of(staff.get(act_of(order, "ship"))) | units(order, 0, 1)

    answers = [staff.post(act_of(order, "ship"), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Shipment.objects.count(), order.lines.get().fulfilled) == (1, 1)
    staff.post(act_of(order, "ship"), sent | {"tracking_number": "2"})
    assert (Shipment.objects.count(), now(order).status) == (2, "shipped")
    # Also the last one, now that nothing may be shipped any more.
    assert staff.post(act_of(order, "ship"), sent | {"tracking_number": "2"}).status_code == 302
    assert Shipment.objects.count() == 2


def test_more_than_is_left_and_nothing_at_all_are_refused_on_the_form_as_it_was_filled_in(staff, shop: World):
    order = paid_order(shop)
    before = state(order)

    much = do(staff, order, "ship", **units(order, 0, 3), carrier="DHL")
    none = do(staff, order, "ship", **units(order, 0, 0))

    assert (much.status_code, none.status_code) == (200, 200)
    assert "SHIRT-M: 3 asked for, 2 left." in text_of(much)
    assert (much.context["form"]["carrier"].value(), much.context["rows"][0].field.value()) == ("DHL", "3")
    assert "nothing is" in text_of(none)
    assert state(order) == before


def test_a_quantity_that_is_none_is_told_at_its_line(staff, shop: World):
    order = paid_order(shop)

    answer = do(staff, order, "ship", **{next(iter(units(order, 0, 0))): "-1"})

    assert "greater than or equal to 0" in text_of(answer)
    assert Shipment.objects.count() == 0


def test_a_parcel_has_arrived_and_again_changes_nothing(staff, shop: World):
    order = paid_order(shop)
    do(staff, order, "ship", carrier="DHL", tracking_number="0034")
    path = f"shipments/{Shipment.objects.get().pk}/deliver"
    page = staff.get(act_of(order, path))

    assert "DHL 0034" in text_of(page)
    assert Shipment.objects.get().status == "shipped"
    answers = [staff.post(act_of(order, path), form_of(page)) for _ in range(2)]

    assert [said(answer)[-1] for answer in answers] == ["The parcel has arrived; the order is delivered."] * 2
    assert order.timeline.filter(event="shipment_delivered").count() == 1


def test_an_order_is_called_off_whole_for_a_reason(staff, shop: World):
    order = paid_order(shop)
    shop.cancel_outcome = shop.cancel_outcome.CAPTURED
    page = staff.get(act_of(order, "cancel"))

    answers = [staff.post(act_of(order, "cancel"), form_of(page) | {"reason": "Out of stock"}) for _ in range(2)]
    relay_until_quiet()

    assert [said(answer)[-1] for answer in answers] == ["The order is cancelled."] * 2
    assert now(order).status == "cancelled"
    assert order.timeline.get(event="cancelled").detail == {"reason": "Out of stock"}
    assert list(shop.refunds.values()) == [4488]


def test_an_unpaid_order_is_called_off_whole_without_asking_for_lines(staff, shop: World):
    order = OrderFactory.create()

    page = staff.get(act_of(order, "cancel"))
    assert (page.context["rows"], "The whole order is called off" in text_of(page)) == ([], True)
    staff.post(act_of(order, "cancel"), form_of(page))

    assert now(order).status == "cancelled"


def test_units_are_called_off_refunded_and_put_back_once(staff, shop: World):
    order = paid_order(shop)
    sent = form_of(staff.get(act_of(order, "cancel"))) | units(order, 0, 1) | {"reason": "One is broken"}

    answers = [staff.post(act_of(order, "cancel"), sent) for _ in range(2)]

    assert [said(answer)[-1] for answer in answers] == ["The units are called off."] * 2
    line = order.lines.get()
    assert (now(order).status, line.cancelled, line.refunded) == ("confirmed", 1, 1)
    assert list(shop.refunds.values()) == [1999]
    assert [name for name in shop.names() if name == "return_stock"] == ["return_stock"]


def test_of_what_was_sent_in_part_the_rest_is_called_off(staff, shop: World):
    order = paid_order(shop)
    do(staff, order, "ship", **units(order, 0, 1))
    page = staff.get(act_of(order, "cancel"))
    told = text_of(page)
    assert ("What was sent stays sold." in told, "whole order" in told) == (True, False)

    answer = staff.post(act_of(order, "cancel"), form_of(page))

    assert said(answer)[-1] == "The units are called off."
    line = order.lines.get()
    assert (now(order).status, line.fulfilled, line.cancelled) == ("shipped", 1, 1)
    assert list(shop.refunds.values()) == [1999]


def test_what_is_shipped_is_not_called_off(staff, shop: World):
    order = paid_order(shop)
    sent = form_of(staff.get(act_of(order, "cancel")))
    do(staff, order, "ship")
    before = state(order)

    answer = staff.post(act_of(order, "cancel"), sent)

    assert (answer.status_code, "state does not allow that" in text_of(answer)) == (200, True)
    assert state(order) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [("ship", "pending"), ("cancel", "delivered"), ("refund", "pending"), ("returns", "confirmed")],
)
def test_what_the_orders_state_does_not_allow_is_not_asked(staff, path, status):
    order = OrderFactory.create(status=status)

    answer = staff.get(act_of(order, path))

    assert (answer.status_code, answer["Location"]) == (302, page_of(order))
    assert said(answer)[0].endswith("the order's state does not allow that.")


def test_a_return_is_asked_for_on_behalf_of_the_buyer_once(staff, shop: World):
    order = delivered_order(shop)
    page = staff.get(act_of(order, "returns"))
    assert [(row.left, row.field.value()) for row in page.context["rows"]] == [(2, 0)]
    sent = form_of(page) | units(order, 0, 1) | {"reason": "Too small"}

    answers = [staff.post(act_of(order, "returns"), sent) for _ in range(2)]

    assert [said(answer)[-1] for answer in answers] == ["The return is asked for."] * 2
    wanted = Return.objects.get()
    assert list(wanted.items.values_list("quantity", "reason")) == [(1, "Too small")]
    assert "This field is required." in text_of(staff.post(act_of(order, "returns"), sent | {"reason": ""}))


def test_a_return_is_approved_and_received_with_its_refund_and_put_on_the_shelf(staff, shop: World):
    order = delivered_order(shop)
    wanted = asked_back(order)

    approved = do(staff, order, f"returns/{wanted.pk}/approve")
    page = staff.get(act_of(order, f"returns/{wanted.pk}/receive"))
    received = [staff.post(act_of(order, f"returns/{wanted.pk}/receive"), form_of(page)) for _ in range(2)]

    assert (said(approved)[-1], said(received[1])[-1]) == ("The return is approved.", "The return is received.")
    assert "1 × Shirt (M): Too small" in text_of(page)
    assert list(shop.refunds.values()) == [1999]
    assert shop.names().count("return_stock") == 1
    wanted.refresh_from_db()
    assert (wanted.status, order.lines.get().refunded) == ("received", 1)


def test_what_is_not_as_good_as_new_is_received_without_going_on_the_shelf(staff, shop: World):
    order = delivered_order(shop)
    path = f"returns/{asked_back(order).pk}/receive"
    sent = form_of(staff.get(act_of(order, path)))
    assert sent.pop("restock") == "on"

    staff.post(act_of(order, path), sent)

    assert (shop.names().count("refund_order"), shop.names().count("return_stock")) == (1, 0)


def test_a_return_is_rejected_with_an_answer_and_then_not_received(staff, shop: World):
    order = delivered_order(shop)
    wanted = asked_back(order)

    do(staff, order, f"returns/{wanted.pk}/reject", reason="It was worn")
    late = staff.post(act_of(order, f"returns/{wanted.pk}/receive"), {"form_id": str(new_id())})

    wanted.refresh_from_db()
    assert (wanted.status, wanted.answer) == ("rejected", "It was worn")
    assert (late.status_code, "state does not allow that" in text_of(late)) == (200, True)
    assert shop.refunds == {}


def test_parts_of_other_orders_and_orders_that_are_not_there_are_not_found(staff, shop: World):
    order, other = delivered_order(shop), delivered_order(shop)
    wanted, form = asked_back(other), {"form_id": str(new_id())}

    posts = [f"returns/{wanted.pk}/approve", f"shipments/{new_id()}/deliver"]

    assert [staff.post(act_of(order, path), form).status_code for path in posts] == [404, 404]
    assert staff.get(f"{desk.ORDERS}{new_id()}/ship/").status_code == 404
    assert now(other).returns.get().status == "requested"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("ship", "orders.write"),
        ("cancel", "orders.write"),
        ("returns", "orders.write"),
        ("refund", "orders.refund"),
        ("returns/{part}/approve", "orders.write"),
        ("returns/{part}/reject", "orders.write"),
        ("returns/{part}/receive", "orders.refund"),
        ("shipments/{part}/deliver", "orders.write"),
    ],
)
def test_who_lacks_the_scope_of_an_act_neither_asks_nor_does_it(shop: World, path, scope):
    order = delivered_order(shop)
    address = act_of(order, path.format(part=asked_back(order).pk))
    others = {"orders.write", "orders.refund"} - {scope}
    clerk = signed_in("orders.read", *others)
    before = state(order)

    assert [clerk.get(address).status_code, clerk.post(address, {}).status_code] == [403, 403]
    assert state(order) == before


@pytest.mark.parametrize("count", [1, 8])
def test_an_acts_page_takes_as_few_statements_however_long_the_order_is(staff, shop: World, count: int):
    paid, sent = paid_order(shop), delivered_order(shop)
    for order in (paid, sent):
        for _ in range(count):
            add_line(order, fulfilled=2 * (order is sent))

    def asked(order: Order, path: str) -> int:
        with statements() as sql:
            assert staff.get(act_of(order, path)).status_code == 200
        return len([one for one in sql if "orders_" in one])

    wanted = asked_back(sent)
    assert [asked(paid, path) for path in ("ship", "cancel", "refund")] == [2, 2, 3]
    assert [asked(sent, path) for path in ("returns", f"returns/{wanted.pk}/receive")] == [4, 5]


def test_a_form_without_its_id_is_not_taken(staff, shop: World):
    order = paid_order(shop)

    answer = staff.post(act_of(order, "ship"), units(order, 0, 1))

    assert (answer.status_code, Shipment.objects.count()) == (200, 0)


def test_nobody_is_led_to_an_act_by_a_page_of_somebody_else(shop: World):
    order, client = paid_order(shop), signed_in(*HANDLES)
    client.handler.enforce_csrf_checks = True

    assert client.post(act_of(order, "ship"), {"form_id": str(new_id())}).status_code == 403
    assert Shipment.objects.count() == 0
