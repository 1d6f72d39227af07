"""Staff give money back in the admin: what it comes to is shown, confirmed, and given once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.models import Order, Refund
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import HANDLES, act_of, do, form_of, page_of, said, signed_in, text_of, units
from modules.orders.tests.api.after_sale import add_line, paid_order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World
from modules.payments.contracts import RefundRefused

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff() -> Any:
    return signed_in(*HANDLES)


def shown(client: Any, order: Order, **typed: str) -> Any:
    """What a refund comes to, as it is shown before it is confirmed."""
    return do(client, order, "refund", reason="Torn", **typed)


def confirmed(client: Any, order: Order, page: Any) -> Any:
    """The same, confirmed."""
    sent = dict(page.context["sent"]) | {"seen": page.context["confirmation"].seen, "confirm": ""}
    return client.post(act_of(order, "refund"), sent)


def test_an_amount_is_shown_confirmed_and_given_back(staff, shop: World):
    order = paid_order(shop)
    asked = staff.get(act_of(order, "refund"))
    assert "44.88 EUR of 44.88 EUR are left." in text_of(asked)

    page = shown(staff, order, amount="10")

    assert (Refund.objects.count(), page.context["confirmation"].button) == (0, "Give 10.00 EUR back")
    assert page.context["confirmation"].sentences == [
        "10.00 EUR go back to the buyer, 1.59 EUR of it tax.",
        "Shipping: 1.09 EUR",
        "34.88 EUR are left after it.",
        "Why: Torn",
    ]
    answer = confirmed(staff, order, page)
    assert (answer["Location"], said(answer)) == (page_of(order), ["10.00 EUR are given back."])
    made = Refund.objects.get()
    assert (made.status, made.amount_minor, made.reason, made.restock) == ("succeeded", 1000, "Torn", False)
    assert made.actor.startswith("user:")


def test_units_are_given_back_with_the_shipping_and_put_on_the_shelf(staff, shop: World):
    order = paid_order(shop)
    add_line(order, quantity=1)

    page = shown(staff, order, **units(order, 0, 1), shipping="on", restock="on")

    assert page.context["confirmation"].sentences == [
        "24.89 EUR go back to the buyer, 3.97 EUR of it tax.",
        "1 × Shirt (M): 19.99 EUR",
        "Shipping: 4.90 EUR",
        "1 of them were not shipped, and will not be.",
        "The units go back on the shelf.",
        "19.99 EUR are left after it.",
        "Why: Torn",
    ]
    confirmed(staff, order, page)
    made = Refund.objects.get()
    assert (made.amount_minor, made.shipping_minor, made.restock) == (2489, 490, True)
    assert shop.names() == ["refund_order", "return_stock"]


def test_a_confirmation_that_is_sent_twice_gives_back_once(staff, shop: World):
    order = paid_order(shop)
    page = shown(staff, order, amount="30.00")

    answers = [confirmed(staff, order, page) for _ in range(2)]

    assert [said(answer)[-1] for answer in answers] == ["30.00 EUR are given back."] * 2
    assert (Refund.objects.count(), list(shop.refunds.values())) == (1, [3000])


def test_a_confirmation_that_is_sent_many_times_at_once_gives_back_once(staff, shop: World):
    order = paid_order(shop)
    page = shown(staff, order, amount="30.00")

    def confirm(_: int) -> int:
        try:
            status: int = confirmed(staff, order, page).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(confirm, range(4))) == [302] * 4

    assert (Refund.objects.count(), list(shop.refunds.values())) == (1, [3000])


def test_what_comes_to_something_else_by_now_is_refused(staff, shop: World):
    order = paid_order(shop)
    page = shown(staff, order, **units(order, 0, 1))
    assert page.context["confirmation"].seen == "19.99"
    confirmed(staff, order, shown(staff, order, amount="10.00"))

    answer = confirmed(staff, order, page)

    assert (answer.status_code, "another amount: look again" in text_of(answer)) == (200, True)
    assert (Refund.objects.count(), order.lines.get().refunded) == (1, 0)
    # What is shown then may be confirmed.
    again = staff.post(act_of(order, "refund"), form_of(answer))
    assert again.context["confirmation"].seen == "15.54"
    confirmed(staff, order, again)
    assert list(shop.refunds.values()) == [1000, 1554]


def test_more_than_is_left_is_refused_before_anything_is_confirmed(staff, shop: World):
    order = paid_order(shop)

    much, many = shown(staff, order, amount="44.89"), shown(staff, order, **units(order, 0, 3))

    assert "More would be refunded than was captured." in text_of(much)
    assert "SHIRT-M: 3 asked for, 2 left." in text_of(many)
    assert Refund.objects.count() == 0


def test_what_would_leave_nothing_to_ship_is_refused_before_anything_is_confirmed(staff, shop: World):
    order = paid_order(shop)

    answer = shown(staff, order, **units(order, 0, 2))

    assert "Nothing would be left to ship: cancel the order instead." in text_of(answer)
    assert (Refund.objects.count(), order.lines.get().refunded) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "one of them"),
        ({"amount": "5", "shipping": "on"}, "one of them"),
        ({"amount": "5.001"}, "5.001 is no amount in EUR."),
        ({"amount": "-5"}, "-5 is no amount in EUR."),
        ({"amount": "NaN"}, "NaN is no amount in EUR."),
        ({"amount": "1e400"}, "1e400 is no amount in EUR."),
        ({"amount": "5", "restock": "on"}, "Only units are put on the shelf."),
        ({"amount": "5", "reason": ""}, "This field is required."),
    ],
)
def test_what_makes_no_sense_is_told_on_the_form(staff, shop: World, typed, told):
    order = paid_order(shop)

    answer = do(staff, order, "refund", **({"reason": "Torn"} | typed))

    assert (told in text_of(answer), answer.context["confirmation"]) == (True, None)
    assert Refund.objects.count() == 0


def test_who_looks_again_finds_the_form_as_it_was_filled_in(staff, shop: World):
    order = paid_order(shop)
    page = shown(staff, order, amount="10.00")

    answer = staff.post(act_of(order, "refund"), dict(page.context["sent"]) | {"change": ""})

    assert (answer.context["confirmation"], answer.context["form"]["amount"].value()) == (None, "10.00")
    assert Refund.objects.count() == 0


def test_what_the_provider_refuses_is_told_and_may_be_tried_again(staff, shop: World):
    order = paid_order(shop)
    shop.refuse["refund_order"] = RefundRefused()

    answer = confirmed(staff, order, shown(staff, order, amount="10.00"))

    assert (answer.status_code, "has refused this refund" in text_of(answer)) == (200, True)
    assert Refund.objects.get().status == "failed"
    shop.refuse.clear()
    again = staff.post(act_of(order, "refund"), form_of(answer))
    assert said(confirmed(staff, order, again)) == ["10.00 EUR are given back."]
    assert list(shop.refunds.values()) == [1000]


def test_a_refund_whose_outcome_is_not_known_goes_on_by_itself(staff, shop: World):
    order = paid_order(shop)
    shop.refuse["refund_order"] = Unavailable(dependency="payments")
    page = shown(staff, order, amount="10.00")

    answer = confirmed(staff, order, page)

    assert answer["Location"] == page_of(order)
    assert said(answer) == ["payments does not answer. It goes on by itself; look here again in a while."]
    assert Refund.objects.get().status == "pending"
    shop.refuse.clear()
    assert said(confirmed(staff, order, page))[-1].startswith("The refund's outcome is not known yet.")
    Step.objects.filter(status="pending").update(next_attempt_at=F("created_at"))
    Saga.objects.exclude(next_run_at=None).update(next_run_at=clock.now())
    relay_until_quiet()
    assert list(shop.refunds.values()) == [1000]
    assert said(confirmed(staff, order, page))[-1] == "10.00 EUR are given back."


def test_yen_are_typed_without_decimals(staff, shop: World):
    order = OrderFactory.create(currency="JPY", status="confirmed", payment_status="paid", captured_minor=4488)
    shop.add_payment(order.pk, currency="JPY")

    assert "10.5 is no amount in JPY." in text_of(shown(staff, order, amount="10.5"))
    page = shown(staff, order, amount="1000")
    assert page.context["confirmation"].button == "Give 1000 JPY back"
    confirmed(staff, order, page)
    assert list(shop.refunds.values()) == [1000]
