"""In the admin: from which location an order is to be shipped, where its stock was taken from several."""

from typing import Any

import pytest

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.testing import statements
from modules.orders.models import Order, Shipment
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import (
    HANDLES,
    ORDERS,
    act_of,
    do,
    form_of,
    page_of,
    said,
    signed_in,
    text_of,
    units,
)
from modules.orders.tests.api.after_sale import add_line, paid_order
from modules.orders.tests.world import LOCATIONS, World

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]

AWAY = Unavailable("catalog does not answer.", dependency="catalog")


@pytest.fixture
def staff() -> Any:
    return signed_in(*HANDLES)


def split_order(shop: World, **fields: Any) -> Order:
    """Three shirts, one of which was taken from Aachen, and a hat from there."""
    order = paid_order(shop, **fields)
    order.lines.update(quantity=3)
    hat = add_line(order, sku="HAT-1", title="Hat", options={}, quantity=1)
    shop.take(order.stock_reference, Main=2, Aachen=1)
    shop.take(order.stock_reference, hat.variant_id, Aachen=1)
    return order


def ways(page: Any) -> list[tuple[str, str]]:
    return [(way.title, told) for way, told in page.context["act"].ways()]


def from_(name: str) -> str:
    return f"ship/{LOCATIONS[name]}"


def slips(answer: Any) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(slip.origin, [(sku, quantity) for sku, _, quantity in slip.rows]) for slip in answer.context["slips"]]


def act(client: Any, name: str, *orders: Order) -> Any:
    return client.post(ORDERS, {"action": name, "_selected_action": [str(order.pk) for order in orders]})


def test_what_is_left_at_each_location_is_shipped_from_a_page_of_its_own(staff, shop: World):
    order = split_order(shop)
    page = staff.get(act_of(order, "ship"))
    assert ways(page) == [("Main", "2 × Shirt (M)"), ("Aachen", "1 × Shirt (M), 1 × Hat")]
    assert act_of(order, from_("Aachen")) in text_of(page)

    there = staff.get(act_of(order, from_("Aachen")))
    assert ("From Aachen." in text_of(there), ways(there)) == (True, [])
    assert [(row.title, row.left, row.field.value()) for row in there.context["rows"]] == [
        ("Shirt (M)", 1, 1),
        ("Hat", 1, 1),
    ]
    sent = form_of(there) | {"carrier": "DHL"}
    answers = [staff.post(act_of(order, from_("Aachen")), sent) for _ in range(2)]

    assert [said(answer)[-1] for answer in answers] == ["The parcel is noted; the order is processing."] * 2
    parcel = Shipment.objects.get()
    assert (parcel.location_id, parcel.location_name) == (LOCATIONS["Aachen"], "Aachen")
    assert ways(staff.get(act_of(order, "ship"))) == [("Main", "2 × Shirt (M)")]
    [part] = staff.get(page_of(order)).context["shipments"]
    assert part.told[-1] == "from Aachen"


def test_an_order_that_lies_in_one_place_is_asked_about_no_location(staff, shop: World):
    order = paid_order(shop)
    shop.take(order.stock_reference, Aachen=2)

    page = staff.get(act_of(order, "ship"))

    assert (ways(page), "location" in text_of(page)) == ([], False)
    gone = staff.get(act_of(order, from_("Aachen")))
    assert (gone.status_code, gone["Location"]) == (302, page_of(order))
    assert staff.post(act_of(order, "ship"), form_of(page)).status_code == 302
    assert Shipment.objects.get().location_id is None


def test_more_than_is_left_there_is_refused_on_the_form_as_it_was_filled_in(staff, shop: World):
    order = split_order(shop)

    answer = do(staff, order, from_("Aachen"), **units(order, 0, 2))

    assert "SHIRT-M: 2 asked for, 1 left." in text_of(answer)
    assert answer.context["rows"][0].field.value() == "2"
    assert Shipment.objects.count() == 0


def test_a_location_from_which_nothing_is_left_is_not_offered(staff, shop: World):
    order = split_order(shop)
    do(staff, order, from_("Aachen"))

    for name in ("Aachen", "Zurich"):
        answer = staff.get(act_of(order, from_(name)))
        assert (answer.status_code, answer["Location"]) == (302, page_of(order))


def test_while_catalog_is_away_that_is_said_and_an_order_is_shipped_without_a_location(staff, shop: World):
    order = split_order(shop)
    sent = form_of(staff.get(act_of(order, from_("Aachen"))))
    shop.refuse["find_allocations"] = AWAY

    pages = [staff.get(act_of(order, path)) for path in ("ship", from_("Aachen"))]
    assert ["Where its stock lies is not known just now" in text_of(page) for page in pages] == [True, True]
    refused = staff.post(act_of(order, from_("Aachen")), sent)
    assert (refused.status_code, "Nothing was shipped." in text_of(refused)) == (200, True)
    assert Shipment.objects.count() == 0

    staff.post(act_of(order, "ship"), form_of(pages[0]))
    assert Shipment.objects.get().location_id is None


def test_a_form_that_is_sent_again_while_catalog_is_away_has_been_done(staff, shop: World):
    order = split_order(shop)
    sent = form_of(staff.get(act_of(order, from_("Aachen"))))
    staff.post(act_of(order, from_("Aachen")), sent)
    shop.refuse["find_allocations"] = AWAY

    again = staff.post(act_of(order, from_("Aachen")), sent)

    assert said(again)[-1] == "The parcel is noted; the order is processing."
    assert Shipment.objects.count() == 1


def test_who_may_not_ship_does_not_ship_from_a_location(shop: World):
    order, clerk = split_order(shop), signed_in("orders.read", "orders.refund")

    address = act_of(order, from_("Aachen"))

    assert [clerk.get(address).status_code, clerk.post(address, {}).status_code] == [403, 403]


def test_there_is_a_packing_slip_for_each_location_that_something_is_left_at(staff, shop: World):
    order, whole = split_order(shop), paid_order(shop)
    shop.take(whole.stock_reference, Main=2)

    answer = act(staff, "print_packing_slips", order, whole)

    main, aachen = ("Main", [("SHIRT-M", 2)]), ("Aachen", [("SHIRT-M", 1), ("HAT-1", 1)])
    assert slips(answer) == [main, aachen, ("", [("SHIRT-M", 2)])]
    assert text_of(answer).count("Shipped from") == 2

    do(staff, order, from_("Aachen"))
    parcel = Shipment.objects.get()
    assert slips(staff.get(act_of(order, f"shipments/{parcel.pk}/packing-slip"))) == [aachen]
    assert slips(staff.get(act_of(order, "packing-slip"))) == [main]
    do(staff, order, from_("Main"))
    assert slips(staff.get(act_of(order, "packing-slip"))) == [("", [("SHIRT-M", 3), ("HAT-1", 1)])]


def test_while_catalog_is_away_slips_are_those_of_a_whole_order(staff, shop: World):
    order = split_order(shop)
    shop.refuse["find_allocations"] = AWAY

    assert slips(staff.get(act_of(order, "packing-slip"))) == [("", [("SHIRT-M", 3), ("HAT-1", 1)])]


def test_of_many_orders_those_that_lie_in_several_places_are_told(staff, shop: World):
    order, whole = split_order(shop, number="1"), paid_order(shop, number="2")
    shop.take(whole.stock_reference, Main=2)

    page = act(staff, "ship_chosen", order, whole)
    assert [row[2] for row in page.context["form"].rows()] == ["Main, Aachen", ""]
    assert "It lies at Main, Aachen: a parcel from each" in text_of(page)

    shop.refuse["find_allocations"] = AWAY
    assert [row[2] for row in act(staff, "ship_chosen", order, whole).context["form"].rows()] == ["", ""]


@pytest.mark.parametrize("count", [1, 4])
def test_pages_of_split_orders_take_as_few_statements_however_many_there_are(staff, shop: World, count: int):
    orders = [split_order(shop) for _ in range(count)]
    for order in orders:
        do(staff, order, from_("Aachen"), **units(order, 0, 0))
    shop.asked.clear()

    def asked(ask: Any) -> int:
        with statements() as sql:
            assert ask().status_code == 200
        return len([one for one in sql if "orders_" in one])

    # The chosen ones, their lines, what left them.
    assert asked(lambda: act(staff, "print_packing_slips", *orders)) == 3
    assert asked(lambda: act(staff, "ship_chosen", *orders)) == 3
    assert asked(lambda: staff.get(act_of(orders[0], "ship"))) == 3
    assert asked(lambda: staff.get(act_of(orders[0], from_("Main")))) == 3
    assert [name for name, _ in shop.asked] == ["find_allocations"] * 4
