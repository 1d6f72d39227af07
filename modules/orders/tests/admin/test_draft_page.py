"""Staff place an order for somebody who rings up, in the admin: what it costs is shown, and it is placed once."""

from typing import Any

import pytest

from ecommerce.kernel.errors import Unavailable
from modules.catalog.contracts import OutOfStock
from modules.orders.models import Order
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import HANDLES, ORDERS, form_of, page_of, said, signed_in, text_of
from modules.orders.tests.world import World
from modules.payments.contracts import PaymentStatus

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]

PAGE = f"{ORDERS}draft/"
TYPED = {
    "add": "SHIRT-L 2",
    "email": "ada@example.com",
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "postal_code": "10117",
    "city": "Berlin",
    "country": "DE",
    "shipping_method": "standard",
    "provider": "sandbox",
    "method": "sandbox_3ds",
    "language": "de",
}


@pytest.fixture
def staff() -> Any:
    return signed_in(*HANDLES)


def shown(client: Any, **typed: str) -> Any:
    return client.post(PAGE, form_of(client.get(PAGE)) | TYPED | typed)


def confirmed(client: Any, page: Any) -> Any:
    sent = dict(page.context["sent"]) | {"seen": page.context["confirmation"].seen, "confirm": ""}
    return client.post(PAGE, sent)


def test_what_it_costs_is_shown_and_it_is_placed_once(staff, shop: World):
    shop.payment_status = PaymentStatus.REQUIRES_ACTION
    shop.put_on_sale()
    assert PAGE in staff.get(ORDERS).content.decode()

    page = shown(staff, note="Rang at noon")

    assert page.context["confirmation"].sentences == [
        "44.88 EUR in all, 7.16 EUR of it tax.",
        "2 × Shirt, 39.98 EUR",
        "Standard: 4.90 EUR",
        "For ada@example.com; its stock is held for 7 days.",
    ]
    assert (Order.objects.count(), page.context["confirmation"].button) == (0, "Place it for 44.88 EUR")
    answers = [confirmed(staff, page) for _ in range(2)]
    order = Order.objects.get()
    assert [answer["Location"] for answer in answers] == [page_of(order)] * 2
    assert f"Order {order.number} is placed. The buyer pays by this link: http" in said(answers[0])[-1]
    assert (order.status, order.language, order.note, order.total_minor) == ("pending", "de", "Rang at noon", 4488)
    # The next one is paid for as this one was, unless somebody says otherwise.
    assert staff.get(PAGE).context["form"]["provider"].value() == "sandbox"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"add": ""}, "This field is required."),
        ({"add": "HAT 1"}, "Nothing is sold as HAT."),
        ({"postal_code": "1"}, "Postal code: This is not valid in that country."),
        ({"country": "XX"}, "Country:"),
        ({"shipping_method": "pigeon"}, "Select a valid choice."),
        ({"country": "FR", "postal_code": "75001"}, "cannot be shipped to"),
    ],
)
def test_what_is_not_right_is_told_and_nothing_placed(staff, shop: World, typed: dict[str, str], told: str):
    shop.put_on_sale()
    assert told in text_of(shown(staff, **typed))
    assert not Order.objects.exists()


def test_another_price_than_was_shown_is_refused(staff, shop: World):
    shop.put_on_sale()
    page = shown(staff)
    shop.variants.clear()
    shop.put_on_sale(minor=2999)
    assert "not what was expected" in text_of(confirmed(staff, page))
    assert not Order.objects.exists()


def test_what_another_module_says_is_told(staff, shop: World):
    shop.put_on_sale()
    page = shown(staff)
    shop.refuse["hold_stock"] = OutOfStock(lines=[{"sku": "SHIRT-L", "requested": 2, "available": 1}])
    assert "SHIRT-L: 2 asked for, 1 left." in text_of(confirmed(staff, page))
    shop.refuse["find_variants"] = Unavailable("Catalog is away.", dependency="catalog")
    assert "Send it again in a while: it is placed once." in text_of(shown(staff))


def test_who_only_reads_places_none(shop: World):
    reader = signed_in("orders.read")
    assert reader.get(PAGE).status_code == 403
    assert PAGE not in reader.get(ORDERS).content.decode()
