"""A promotion tried on an example cart beside its form."""

from decimal import Decimal

import pytest

from ecommerce.kernel.admin_testing import signed_in
from ecommerce.kernel.ids import new_id
from modules.cart.logic import carts
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.admin import office
from modules.cart.tests.admin.office import PROMOTIONS, typed
from modules.cart.tests.factories import PromotionFactory, coupon, eur, fill_cart

pytestmark = office.pytestmark

NEW = f"{PROMOTIONS}preview/"


@pytest.fixture
def staff():
    return signed_in("cart.read", "cart.write")


@pytest.fixture
def shirt(shelf):
    return shelf.put(sku="SHIRT M", title="Shirt")


def of(promotion):
    return f"{PROMOTIONS}{promotion.id}/preview/"


def ask(client, address=NEW, lines="SHIRT M 2", codes="", currency="EUR", at=("", ""), **form):
    """What the page's script asks."""
    example = {"example-quantities": lines, "example-codes": codes, "example-currency": currency}
    times = {"example-at_0": at[0], "example-at_1": at[1]}
    return client.post(address, typed(**form) | example | times, headers={"X-Fragment": "1"})


def test_what_is_typed_is_shown_line_by_line_and_saved_nowhere(staff, shirt, shelf):
    shelf.put(sku="HAT", price=eur(1000))
    PromotionFactory.create(title="Half a hat", percent=Decimal(50), product_ids=[shelf.put(sku="X").product_id])
    before = list(Promotion.objects.values())

    answer = ask(staff, lines="SHIRT M 2\r\nHAT", code="MINE")

    page = answer.content.decode()
    assert (answer.status_code, "<html" in page) == (200, False)
    assert "It takes off 4.98 EUR." in page
    assert "MINE was entered." in page
    assert answer.context["lines"]["rows"] == [
        ["Shirt (SHIRT M)", 2, eur(3980), "3.98 EUR", eur(3582)],
        ["Shirt (HAT)", 1, eur(1000), "1.00 EUR", eur(900)],
    ]
    assert answer.context["others"]["rows"] == [
        ["Half a hat", "-", "The cart holds none of its goods, or too few of them."]
    ]
    assert (list(Promotion.objects.values()), Coupon.objects.count()) == (before, 0)


def test_the_preview_is_what_a_cart_then_gets(staff, shirt):
    PromotionFactory.create(percent=Decimal(5), priority=1)
    form = {"kind": "tiered", "tiers": "2 = 12.5", "value": ""}

    seen = ask(staff, **form).context["preview"]
    assert seen.lines[0].off_by_others == eur(199)
    assert staff.post(f"{PROMOTIONS}add/", typed(**form)).status_code == 302

    cart = carts.get_cart(cart_id=fill_cart(None, (shirt, 2)), caller_id=None)
    assert (seen.cart.total, [one.amount for one in seen.cart.discounts]) == (
        cart.total,
        [one.amount for one in cart.discounts],
    )
    assert [one.line.discount for one in seen.lines] == [priced.line.discount for priced in cart.lines] == [eur(672)]


def test_without_the_script_it_is_a_page_of_its_own(staff, shirt):
    answer = staff.post(NEW, typed() | {"example-quantities": "SHIRT M", "example-currency": "EUR"})

    page = answer.content.decode()
    assert (answer.status_code, "<html" in page, "It takes off 1.99 EUR." in page) == (200, True, True)


def test_an_edited_promotion_is_shown_as_it_is_typed_and_not_beside_itself(staff, shirt):
    saved = coupon("SUMMER", percent=Decimal(50))

    answer = ask(staff, of(saved), value="20", code="SUMMER")

    assert "It takes off 7.96 EUR." in answer.content.decode()
    assert (answer.context["preview"].others, Promotion.objects.get().percent) == ([], Decimal(50))


def test_it_says_why_nothing_is_taken_off(staff, shirt):
    PromotionFactory.create(title="Half", percent=Decimal(50), stackable=False)
    planned = {"starts_at_0": "2199-01-01", "starts_at_1": "08:00"}

    said = [ask(staff, **form).content.decode() for form in ({}, planned, {"category_ids": str(new_id())})]

    assert "Something else takes off more. Alone it would take off 3.98 EUR." in said[0]
    assert "It has not begun." in said[1]
    assert "The cart holds none of its goods, or too few of them." in said[2]
    at_its_time = ask(staff, stackable="on", at=("2199-01-01", "08:00"), **planned)
    assert at_its_time.context["preview"].alone == eur(398)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"value": "110"}, "Value: A decimal string from 0.01 to 100, with two decimals at most."),
        ({"value": "ten"}, "Value: A decimal string from 0.01 to 100, with two decimals at most."),
        ({"title": ""}, "Title: This field is required."),
        ({"code": "taken"}, "Another promotion has this code; codes are compared without case."),
        ({"lines": "SHIRT M 1000"}, "What is in it: A cart holds at most 100 lines, and 999 of each."),
        ({"lines": "SHIRT M 0"}, "What is in it: SHIRT M 0: at least one."),
        ({"currency": "EURO"}, "Currency: Ensure this value has at most 3 characters (it has 4)."),
        ({"currency": "ABC"}, "Currency: Give an active ISO 4217 currency code."),
        ({"codes": " ".join(f"CODE{number}" for number in range(11))}, "Codes: A cart holds at most 10 codes."),
        ({"at": ("tomorrow", "")}, "When: Enter a valid date."),
    ],
)
def test_what_will_not_do_is_said_instead(staff, shirt, form, said):
    coupon("TAKEN")

    answer = ask(staff, **form)

    assert answer.status_code == 200
    assert said in answer.context["problems"]


def test_what_is_not_for_sale_is_named_and_an_empty_example_asks_for_lines(staff, shirt):
    assert "Not for sale: NOPE" in ask(staff, lines="NOPE 2").content.decode()
    assert "Write what is in the example cart" in ask(staff, lines="").content.decode()


def test_words_of_a_promotion_are_shown_as_words(staff, shirt):
    PromotionFactory.create(title="<script>alert(1)</script>")

    page = ask(staff).content.decode()

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_who_only_reads_sees_what_is_saved_on_the_example(shirt):
    saved, reader = coupon("SUMMER", percent=Decimal(20)), signed_in("cart.read")

    assert "It takes off 7.96 EUR." in ask(reader, of(saved), value="50").content.decode()
    assert ask(reader).status_code == 403
    assert f'data-url="{of(saved)}"' in reader.get(f"{PROMOTIONS}{saved.id}/change/").content.decode()


def test_nobody_else_sees_a_preview(staff, shirt):
    saved, stranger = PromotionFactory.create(), signed_in("orders.read")

    assert [ask(stranger).status_code, ask(stranger, of(saved)).status_code] == [403, 403]
    assert ask(staff, f"{PROMOTIONS}{new_id()}/preview/").status_code == 404
    assert [staff.get(address).status_code for address in (NEW, of(saved))] == [405, 405]


def test_the_example_stays_on_the_page_that_is_refused(staff, shirt):
    page = staff.post(
        f"{PROMOTIONS}add/", typed(value="") | {"example-quantities": "SHIRT M 2", "example-currency": "USD"}
    ).content.decode()

    assert ("SHIRT M 2</textarea>" in page, 'value="USD"' in page) == (True, True)
