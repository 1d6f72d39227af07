"""What other modules may ask of cart, called here and over the wire."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.ids import new_capability_id, new_id
from modules.cart import service
from modules.cart.contracts import (
    CartLine,
    CartNotFound,
    CartSnapshot,
    CouponInvalid,
    ExplainedLine,
    LeftOut,
    OrderedLine,
    Origin,
    PricePart,
    RedemptionClosed,
    Requirement,
)
from modules.cart.logic import carts, coupons
from modules.cart.models import Redemption
from modules.cart.tests import factories
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import PromotionFactory, eur, fill_cart, quantities


def ordered(variant, quantity):
    return OrderedLine(variant_id=variant.id, quantity=quantity)


# ── snapshots ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_snapshot_is_the_cart_priced_at_one_version(cart_service, shelf):
    shirt = shelf.put()
    cart_id = fill_cart(None, (shirt, 3))

    assert cart_service.get_snapshot(cart_id=cart_id, caller_id=new_id()) == CartSnapshot(
        cart_id=cart_id,
        version=2,
        currency="EUR",
        owner_id=None,
        lines=[
            CartLine(
                variant_id=shirt.id,
                sku=shirt.sku,
                title="Shirt",
                options={"Size": "M"},
                image="/media/shirt.webp",
                quantity=3,
                unit_price=eur(1990),
                line_total=eur(5970),
                discount=eur(0),
                tax_class="standard",
                weight_g=200,
                available=10,
            )
        ],
        discounts=[],
        codes=[],
        free_shipping=False,
        subtotal=eur(5970),
        discount_total=eur(0),
        total=eur(5970),
        requirements=[],
    )


def test_a_snapshot_tells_where_each_cent_comes_from_when_it_is_asked(cart_service, shelf):
    shirt = shelf.put(price=eur(1995))
    promotion = PromotionFactory.create()
    cart_id = fill_cart(None, (shirt, 1))

    [line] = cart_service.get_snapshot(cart_id=cart_id, caller_id=None, explain=True).explanation

    assert line == ExplainedLine(
        variant_id=shirt.id,
        parts=[
            PricePart(origin=Origin.PRICE, title="1 × 19.95 EUR", amount=Decimal("19.95")),
            PricePart(
                origin=Origin.PROMOTION,
                title="A tenth off",
                amount=Decimal("-1.995"),
                promotion_id=promotion.id,
            ),
            PricePart(origin=Origin.ROUNDING, title="A tenth off", amount=Decimal("0.005"), promotion_id=promotion.id),
            PricePart(origin=Origin.REMAINDER, title="A tenth off", amount=Decimal("-0.01"), promotion_id=promotion.id),
        ],
        total=eur(1795),
    )


def test_a_snapshot_names_what_stands_in_the_way_of_ordering(cart_service, shelf):
    shirt, hat, sock = shelf.put(), shelf.put(title="Hat"), shelf.put(title="Sock", price=eur(300))
    cart_id = fill_cart(None, (shirt, 5), (hat, 1), (sock, 2))
    shelf.replace(replace(shirt, available=3))
    shelf.take_away(hat)

    snapshot = cart_service.get_snapshot(cart_id=cart_id, caller_id=None)

    assert snapshot.requirements == [
        Requirement(code="out_of_stock", detail="Shirt: 3 left.", variant_id=shirt.id, requested=5, available=3),
        Requirement(
            code="not_available", detail="Hat is no longer for sale.", variant_id=hat.id, requested=1, available=0
        ),
    ]
    assert [line.variant_id for line in snapshot.lines] == [shirt.id, sock.id]
    assert snapshot.total == eur(5 * 1990 + 600)


def test_an_empty_cart_says_so(cart_service, shelf):
    cart_id = fill_cart(None)

    snapshot = cart_service.get_snapshot(cart_id=cart_id, caller_id=None)

    assert [requirement.code for requirement in snapshot.requirements] == ["cart_empty"]


def test_a_users_cart_is_a_snapshot_for_him_alone(cart_service, shelf):
    owner_id = new_id()
    cart_id = fill_cart(owner_id)

    assert cart_service.get_snapshot(cart_id=cart_id, caller_id=owner_id).owner_id == owner_id
    for caller_id in (None, new_id()):
        with pytest.raises(CartNotFound):
            cart_service.get_snapshot(cart_id=cart_id, caller_id=caller_id)


# ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_closing_a_cart_that_was_ordered_whole_leaves_nothing(cart_service, shelf):
    shirt, owner_id = shelf.put(), new_id()
    cart_id = fill_cart(owner_id, (shirt, 3))

    for _ in range(2):
        cart_service.close_cart(cart_id=cart_id, order_id=new_id(), lines=[ordered(shirt, 3)])

    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=cart_id, caller_id=owner_id)
    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=owner_id)


def test_what_a_user_added_since_is_in_his_new_cart(cart_service, shelf):
    shirt, hat, sock, owner_id = shelf.put(), shelf.put(), shelf.put(), new_id()
    cart_id = fill_cart(owner_id, (shirt, 5), (hat, 1), (sock, 2))

    for _ in range(2):
        cart_service.close_cart(cart_id=cart_id, order_id=new_id(), lines=[ordered(shirt, 3), ordered(hat, 1)])

    rest = carts.get_own_cart(user_id=owner_id)
    assert rest.basket.id != cart_id
    assert rest.basket.version == 1
    assert quantities(rest) == {shirt.id: 2, sock.id: 2}
    with pytest.raises(CartNotFound) as refusal:
        carts.get_cart(cart_id=cart_id, caller_id=owner_id)
    assert refusal.value.details == {}


def test_a_guests_old_id_says_where_the_rest_went(cart_service, shelf):
    shirt = shelf.put()
    cart_id = fill_cart(None, (shirt, 5))

    for _ in range(2):
        cart_service.close_cart(cart_id=cart_id, order_id=new_id(), lines=[ordered(shirt, 3)])

    with pytest.raises(CartNotFound) as refusal:
        carts.get_cart(cart_id=cart_id, caller_id=None)
    moved_to = UUID(refusal.value.details["moved_to"])
    assert quantities(carts.get_cart(cart_id=moved_to, caller_id=None)) == {shirt.id: 2}


def test_what_was_taken_out_since_is_no_matter(cart_service, shelf):
    shirt, owner_id = shelf.put(), new_id()
    cart_id = fill_cart(owner_id, (shirt, 1))

    cart_service.close_cart(cart_id=cart_id, order_id=new_id(), lines=[ordered(shirt, 3), ordered(shelf.put(), 1)])

    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=owner_id)


def test_closing_a_cart_that_is_gone_is_no_error(cart_service):
    cart_service.close_cart(cart_id=new_capability_id(), order_id=new_id(), lines=[])


# ── redemptions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_redeeming_nothing_is_one_row_however_often(cart_service):
    order_id = new_id()

    for _ in range(3):
        cart_service.redeem(order_id=order_id, promotion_ids=[], codes=[], customer_key="ada")

    (row,) = Redemption.objects.values_list("order_id", "status", "customer_key", "released_at")
    assert row == (order_id, "redeemed", "ada", None)


@pytest.mark.django_db
def test_an_unknown_code_is_refused_and_leaves_no_row(cart_service):
    with pytest.raises(CouponInvalid):
        cart_service.redeem(order_id=new_id(), promotion_ids=[], codes=["SUMMER"], customer_key="ada")
    with pytest.raises(CouponInvalid):
        cart_service.redeem(order_id=new_id(), promotion_ids=[new_id()], codes=[], customer_key="ada")

    assert Redemption.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("seen", [True, False])
def test_what_was_released_is_not_redeemed_again(cart_service, seen):
    order_id = new_id()
    if seen:
        cart_service.redeem(order_id=order_id, promotion_ids=[], codes=[], customer_key="ada")

    for _ in range(2):
        cart_service.release_redemption(order_id=order_id)

    released_at = Redemption.objects.get().released_at
    with pytest.raises(RedemptionClosed):
        cart_service.redeem(order_id=order_id, promotion_ids=[], codes=[], customer_key="ada")
    assert list(Redemption.objects.values_list("status", "released_at")) == [("released", released_at)]


@pytest.mark.django_db
def test_redeeming_and_releasing_nothing_take_one_statement_each(shelf):
    order_id = new_id()
    with CaptureQueriesContext(connection) as queries:
        service.redeem(order_id=order_id, promotion_ids=[], codes=[], customer_key="ada")
        service.release_redemption(order_id=order_id)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2


@pytest.mark.django_db(transaction=True)
def test_a_release_wins_over_any_redeem_at_the_same_time():
    order_id = new_id()
    redeem = partial(service.redeem, order_id=order_id, promotion_ids=[], codes=[], customer_key="ada")

    outcomes = all_at_once(*[redeem] * 7, partial(service.release_redemption, order_id=order_id))

    assert all(outcome is None or isinstance(outcome, RedemptionClosed) for outcome in outcomes)
    assert list(Redemption.objects.values_list("status", flat=True)) == ["released"]


@pytest.mark.django_db
def test_a_code_that_does_not_serve_is_none_of_the_orders(cart_service, shelf):
    served, passed_over = factories.coupon("BETTER", percent=20, stackable=False), factories.coupon("LESS")
    cart_id = fill_cart(None, (shelf.put(), 1))
    for code in ("LESS", "BETTER"):
        coupons.apply_coupon(basket=carts.get_basket(cart_id=cart_id, caller_id=None), code=code)

    snapshot = cart_service.get_snapshot(cart_id=cart_id, caller_id=None)

    assert (snapshot.codes, snapshot.requirements) == (["BETTER"], [])
    ids = [discount.promotion_id for discount in snapshot.discounts]
    cart_service.redeem(order_id=new_id(), promotion_ids=ids, codes=snapshot.codes, customer_key="ada")
    served.refresh_from_db()
    passed_over.refresh_from_db()
    assert (served.used, passed_over.used) == (1, 0)


# ── bought again ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_guests_cart_is_filled_with_what_is_for_sale(cart_service, shelf):
    shirt, scarce, unpriced = shelf.put(), shelf.put(available=2), shelf.put(price=None)
    gone = new_id()
    lines = [ordered(shirt, 1), ordered(scarce, 3), ordered(unpriced, 1), OrderedLine(variant_id=gone, quantity=4)]

    filled = cart_service.fill_cart(caller_id=None, currency="EUR", lines=lines)

    assert quantities(carts.get_cart(cart_id=filled.cart_id, caller_id=None)) == {shirt.id: 1, scarce.id: 2}
    assert filled.left_out == [
        LeftOut(variant_id=scarce.id, requested=3, added=2),
        LeftOut(variant_id=unpriced.id, requested=1, added=0),
        LeftOut(variant_id=gone, requested=4, added=0),
    ]


def test_a_users_own_cart_gets_what_he_buys_again(cart_service, shelf):
    shirt, hat, user_id = shelf.put(), shelf.put(), new_id()
    own = fill_cart(user_id, (shirt, 1))

    filled = cart_service.fill_cart(caller_id=user_id, currency="EUR", lines=[ordered(shirt, 2), ordered(hat, 1)])

    assert (filled.cart_id, filled.left_out) == (own, [])
    assert quantities(carts.get_cart(cart_id=own, caller_id=user_id)) == {shirt.id: 3, hat.id: 1}


def test_nothing_for_sale_leaves_an_empty_cart(cart_service):
    gone = new_id()

    filled = cart_service.fill_cart(caller_id=None, currency="EUR", lines=[OrderedLine(variant_id=gone, quantity=1)])

    assert quantities(carts.get_cart(cart_id=filled.cart_id, caller_id=None)) == {}
    assert filled.left_out == [LeftOut(variant_id=gone, requested=1, added=0)]
