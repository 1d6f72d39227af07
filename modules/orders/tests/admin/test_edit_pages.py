"""Staff edit paid orders and exchange returns in the admin: what it comes to is shown, confirmed, and done once."""

from typing import Any

import pytest

from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.models import Order, OrderEdit
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import (
    HANDLES,
    act_of,
    asked_back,
    delivered_order,
    do,
    page_of,
    said,
    signed_in,
    text_of,
    units,
)
from modules.orders.tests.api.after_sale import paid_order, ship
from modules.orders.tests.world import World

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff() -> Any:
    return signed_in(*HANDLES)


def confirmed(client: Any, address: str, page: Any) -> Any:
    sent = dict(page.context["sent"]) | {"seen": page.context["confirmation"].seen, "confirm": ""}
    return client.post(address, sent)


def test_what_an_edit_comes_to_is_shown_confirmed_and_begun_once(staff, shop: World):
    order = paid_order(shop)
    shop.put_on_sale(minor=5000, sku="COAT", title="Coat")

    page = do(staff, order, "edit", add="COAT 2\n\n", **units(order, 0, 1), reason="Rang")

    assert page.context["confirmation"].sentences == [
        "80.01 EUR are left to pay: it takes effect when they are paid.",
        "Off: 1 × Shirt (M), 19.99 EUR",
        "Added: 2 × Coat, 100.00 EUR",
        "What comes off goes on the shelf.",
    ]
    assert (OrderEdit.objects.count(), page.context["confirmation"].button) == (0, "Edit, and charge 80.01 EUR")
    for _ in range(2):
        answer = confirmed(staff, act_of(order, "edit"), page)
        assert answer["Location"] == page_of(order)
    assert said(answer)[-1].startswith("It takes effect when 80.01 EUR are paid, by this link: http")
    edit = OrderEdit.objects.get()
    assert (edit.status, edit.reason, edit.restock, edit.due_minor) == ("waiting", "Rang", True, 8001)

    shown = text_of(staff.get(page_of(order)))
    assert "due 80.01 EUR" in shown
    assert "added 2 × Coat" in shown
    assert "an edit waits for its payment" in shown
    answer = do(staff, order, f"edits/{edit.pk}/call-off")
    assert said(answer)[-1] == "The edit is called off."
    assert OrderEdit.objects.get().status == "cancelled"
    answer = staff.get(act_of(order, f"edits/{edit.pk}/call-off"))
    assert "does not allow" in said(answer)[-1]


def test_units_alone_are_taken_off_at_once(staff, shop: World):
    order = paid_order(shop)
    page = do(staff, order, "edit", **units(order, 0, 1), restock="")
    assert page.context["confirmation"].sentences == [
        "19.99 EUR go back to the buyer.",
        "Off: 1 × Shirt (M), 19.99 EUR",
        "What comes off does not go on the shelf.",
    ]
    assert said(confirmed(staff, act_of(order, "edit"), page))[-1] == "The order is changed."
    relay_until_quiet()
    assert Order.objects.get().refunded_minor == 1999


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Add something, or take something off."),
        ({"add": "COAT"}, "Nothing is sold as COAT."),
        ({"add": "COAT x"}, "write a SKU, a space and how many"),
        ({"add": "COAT 0"}, "write a SKU, a space and how many"),
    ],
)
def test_what_makes_no_sense_is_told(staff, shop: World, typed: dict[str, str], told: str):
    order = paid_order(shop)
    assert told in text_of(do(staff, order, "edit", **typed))
    assert not OrderEdit.objects.exists()


def test_what_was_sent_in_part_is_not_offered_to_be_edited(staff, shop: World):
    order = paid_order(shop)
    assert act_of(order, "edit") in staff.get(page_of(order)).content.decode()
    ship(order, 1)
    assert act_of(order, "edit") not in staff.get(page_of(order)).content.decode()
    assert "does not allow" in said(staff.get(act_of(order, "edit")))[-1]


def test_a_return_is_exchanged(staff, shop: World):
    order = delivered_order(shop)
    wanted = asked_back(order)
    shop.put_on_sale(minor=1999, sku="SHIRT-L")
    path = f"returns/{wanted.pk}/exchange"
    assert act_of(order, path) in staff.get(page_of(order)).content.decode()

    page = do(staff, order, path, add="SHIRT-L")

    assert page.context["confirmation"].sentences[0] == "No money moves."
    assert said(confirmed(staff, act_of(order, path), page))[-1] == "The order is changed."
    wanted.refresh_from_db()
    order.refresh_from_db()
    assert (wanted.status, order.status) == ("received", "processing")
    without_money = signed_in("orders.read", "orders.write")
    assert without_money.get(act_of(order, path)).status_code == 403
