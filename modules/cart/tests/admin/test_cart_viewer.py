"""Staff look into carts in the admin."""

import pytest

from ecommerce.kernel.admin_testing import signed_in
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.cart.logic import carts, coupons
from modules.cart.tests.admin import office
from modules.cart.tests.admin.office import PROMOTIONS
from modules.cart.tests.factories import coupon, eur, fill_cart
from modules.cart.tests.logic.test_inspection import known

pytestmark = office.pytestmark

VIEWER = f"{PROMOTIONS}carts/"


@pytest.fixture
def staff():
    return signed_in("cart.read", "users.read")


def look(client, wanted):
    return client.post(VIEWER, {"wanted": str(wanted)})


def test_a_guests_cart_is_shown_with_all_that_is_said_of_it(staff, shelf):
    coupon("SUMMER")
    coupon("BIG", currency="EUR", minimum_minor=100)
    shirt, hat = shelf.put(title="Shirt"), shelf.put(title="Hat", price=eur(1000))
    cart_id = fill_cart(None, (shirt, 2), (hat, 1))
    coupons.apply_coupon(basket=carts.get_basket(cart_id=cart_id, caller_id=None), code="SUMMER")
    shelf.take_away(hat)

    answer = look(staff, cart_id)

    assert answer.status_code == 200
    assert answer.context["lines"]["rows"] == [
        ["Shirt (M)", shirt.sku, "19.90 EUR", 2, eur(3980), eur(398), 10],
        ["Hat", hat.sku, "10.00 EUR", 1, eur(0), eur(0), "not for sale"],
    ]
    assert answer.context["discounts"]["rows"] == [["A tenth off", "SUMMER", eur(398)]]
    page = " ".join(answer.content.decode().split())
    for words in ("A guest&#x27;s cart", "version 4", "Hat is no longer for sale.", "total <strong>35.82 EUR</strong>"):
        assert words in page or words.replace("&#x27;", "'") in page
    assert "Codes entered: SUMMER" in page


def test_a_customers_cart_is_shown_by_its_id_his_id_and_his_address(staff, shelf, user_id):
    cart_id = fill_cart(user_id, (shelf.put(), 1))

    with known(user_id):
        pages = [look(staff, wanted) for wanted in (cart_id, user_id, "ada@example.com")]

    for page in pages:
        assert page.context["cart"].basket.id == cart_id
        assert f'href="/admin/users/user/{user_id}/change/"' in page.content.decode()


def test_a_guests_id_is_shown_only_where_it_was_typed_and_written_nowhere(staff, shelf, caplog):
    cart_id = fill_cart(None, (shelf.put(), 1))

    with statements() as sql:
        answer = look(staff, cart_id)

    assert answer.content.decode().count(str(cart_id)) == 1
    assert f'value="{cart_id}"' in answer.content.decode()
    assert str(cart_id) not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    assert "no-store" in answer["Cache-Control"]
    assert str(cart_id) not in caplog.text
    assert not [one for one in sql if str(cart_id) in one or one.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_looking_changes_no_cart(staff, shelf, user_id):
    cart_id = fill_cart(user_id, (shelf.put(), 1))
    before = carts.get_basket(cart_id=cart_id, caller_id=user_id)

    look(staff, cart_id)

    assert carts.get_basket(cart_id=cart_id, caller_id=user_id) == before


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        (new_id(), 404, "There is no such cart."),
        ("nobody@example.com", 404, "No account has this address."),
        ("ada@example.com", 404, "This customer has no cart."),
        ("nonsense", 400, "Give the id of a cart or of a user, or an e-mail address."),
    ],
)
def test_what_is_not_there_is_said(staff, user_id, wanted, status, said):
    with known(user_id):
        answer = look(staff, wanted)

    assert (answer.status_code, said in answer.content.decode()) == (status, True)
    assert "discounts" not in answer.context


def test_nothing_asked_shows_the_form_and_an_empty_one_what_is_missing(staff):
    page, empty = staff.get(VIEWER), look(staff, " ")

    assert (page.status_code, empty.status_code) == (200, 200)
    assert b"This field is required." in empty.content
    assert VIEWER.encode() in staff.get(PROMOTIONS).content


def test_without_redis_the_page_says_so(staff, own_redis):
    own_redis.stop()

    answer = look(staff, new_id())

    assert (answer.status_code, b"Carts cannot be reached now." in answer.content) == (503, True)
    assert b"Traceback" not in answer.content


def test_who_may_not_see_customers_sees_guests_carts_alone(shelf, user_id):
    clerk = signed_in("cart.read")
    guests, customers = fill_cart(None, (shelf.put(), 1)), fill_cart(user_id, (shelf.put(), 1))

    with known(user_id) as asked:
        answers = [look(clerk, wanted) for wanted in (guests, customers, "ada@example.com", user_id)]

    assert [answer.status_code for answer in answers] == [200, 403, 403, 404]
    assert b"only who may see customers sees it" in answers[1].content
    assert asked == []


def test_who_may_not_read_carts_sees_none(shelf):
    stranger, cart_id = signed_in("users.read", "orders.write"), fill_cart(None, (shelf.put(), 1))

    assert [stranger.get(VIEWER).status_code, look(stranger, cart_id).status_code] == [403, 403]
