"""What a promotion would take off, before anybody has it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.testing import statements
from modules.cart.contracts import TotalTooLarge
from modules.cart.logic import carts, coupons
from modules.cart.logic.offers import find_offers, offered
from modules.cart.logic.previews import Example, preview
from modules.cart.logic.promotions import CouponTaken, draft_promotion, make_promotion
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.factories import PromotionFactory, coupon, eur, fill_cart

pytestmark = pytest.mark.django_db

TENTH = {"title": "A tenth off", "kind": "percentage", "value": "10"}
KINDS = [
    TENTH,
    {"title": "5 off", "kind": "fixed", "value": "5.00", "currency": "EUR", "minimum_subtotal": "20.00"},
    {"title": "Shipping", "kind": "free_shipping"},
    {"title": "3 for 2", "kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1},
    {"title": "Half", "kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1, "value": "50"},
    {"title": "More", "kind": "tiered", "tiers": [{"quantity": 2, "percent": "5"}, {"quantity": 3, "percent": "12.5"}]},
]


@pytest.fixture
def shirt(shelf):
    return shelf.put(sku="SHIRT", title="Shirt")


@pytest.fixture
def hat(shelf):
    return shelf.put(sku="HAT", title="Hat", price=eur(999))


def draft(code=None, **values):
    return draft_promotion(needs_code=code is not None, **TENTH | values)


def example(*codes, at=None, currency="EUR", **quantities):
    return Example(quantities=quantities, currency=currency, codes=codes, at=at)


@pytest.mark.parametrize("values", KINDS, ids=lambda values: values["title"])
@pytest.mark.parametrize("code", [None, "MINE"])
def test_it_tells_what_a_real_cart_then_gets(shirt, hat, values, code):
    PromotionFactory.create(percent=Decimal(5), priority=3)
    typed = draft_promotion(needs_code=code is not None, **values)

    tried = preview(promotion=typed, example=example(SHIRT=2, HAT=1), code=code)

    made = make_promotion(**values, code=code)
    cart = carts.get_cart(cart_id=fill_cart(None, (shirt, 2), (hat, 1)), caller_id=None)
    if code:
        cart = coupons.apply_coupon(basket=cart.basket, code=code)
    titles = [(one.title, one.code, one.amount) for one in cart.discounts]
    assert [(one.title, one.code, one.amount) for one in tried.cart.discounts] == titles
    assert [line.line for line in tried.lines] == [priced.line for priced in cart.lines]
    assert (tried.cart.total, tried.cart.free_shipping) == (cart.total, cart.free_shipping)
    assert (tried.promotion.title, tried.promotion.why) == (made.title, None)
    assert tried.promotion.amount == next(one.amount for one in cart.discounts if one.promotion_id == made.id)


def test_nothing_is_written(shirt):
    coupon("OTHER")
    before = list(Promotion.objects.values()), list(Coupon.objects.values())

    with statements() as sql:
        preview(promotion=draft("MINE"), example=example("OTHER", SHIRT=1), code="MINE")

    assert (list(Promotion.objects.values()), list(Coupon.objects.values())) == before
    assert [one.lstrip().split()[0] for one in sql] == ["SELECT", "SELECT", "SELECT", "WITH"]


def test_each_line_is_shown_with_what_falls_on_it(shirt, hat):
    PromotionFactory.create(percent=Decimal(50), product_ids=[hat.product_id], priority=1)

    tried = preview(promotion=draft(), example=example(SHIRT=2, HAT=1))

    assert [(one.line.sku, one.off, one.off_by_others, one.left) for one in tried.lines] == [
        ("SHIRT", eur(398), eur(0), eur(3582)),
        ("HAT", eur(50), eur(500), eur(449)),
    ]
    assert (tried.promotion.amount, tried.alone) == (eur(448), eur(498))
    assert [(one.title, one.amount, one.why) for one in tried.others] == [("A tenth off", eur(500), None)]


def test_as_it_is_edited_it_stands_in_the_place_of_what_is_saved(shirt):
    saved = coupon("OLD", title="Saved", percent=Decimal(10))

    tried = preview(promotion=draft("NEW", value="20"), example=example("OLD", SHIRT=1), code="NEW", saved=saved)

    assert (tried.promotion.code, tried.promotion.amount, tried.others) == ("NEW", eur(398), [])
    assert [(one.code, one.coupon) for one in tried.cart.requirements] == [("coupon_invalid", "OLD")]
    assert Promotion.objects.get().percent == Decimal(10)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"starts_at": timedelta(hours=1)}, "not_yet"),
        ({"ends_at": -timedelta(hours=1)}, "expired"),
        ({"minimum_subtotal": "20.00", "currency": "EUR"}, "minimum_not_met"),
        ({"minimum_subtotal": "10.00", "currency": "USD"}, "other_currency"),
        ({"category_ids": ["01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"]}, "no_goods"),
    ],
)
def test_where_it_does_not_apply_it_says_why(shirt, values, why):
    values = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in values.items()}

    tried = preview(promotion=draft(**values), example=example(SHIRT=1))

    assert (tried.promotion.why, tried.promotion.amount, tried.alone) == (why, eur(0), eur(0))
    assert tried.cart.total == eur(1990)


def test_what_is_planned_is_tried_at_its_time(shirt):
    starts_at = clock.now() + timedelta(days=3)
    PromotionFactory.create(title="Planned too", percent=Decimal(50), starts_at=starts_at)
    typed = draft(starts_at=starts_at)

    now = preview(promotion=typed, example=example(SHIRT=1))
    then = preview(promotion=typed, example=example(SHIRT=1, at=starts_at))

    assert (now.promotion.why, [one.why for one in now.others]) == ("not_yet", ["not_yet"])
    assert (then.promotion.amount, [one.amount for one in then.others]) == (eur(100), [eur(995)])


def test_beside_something_better_it_tells_what_it_would_take_off_alone(shirt):
    PromotionFactory.create(title="Half", percent=Decimal(50), stackable=False)

    tried = preview(promotion=draft(), example=example(SHIRT=1))

    assert (tried.promotion.why, tried.promotion.amount, tried.alone) == ("not_best", eur(0), eur(199))
    assert [(one.title, one.amount, one.why) for one in tried.others] == [("Half", eur(995), None)]


def test_what_else_is_offered_is_told_with_the_reason_why_it_is_not_taken(shirt):
    coupon("GONE", title="Gone", usage_limit=1, used=1)
    PromotionFactory.create(title="In dollars", currency="USD", minimum_minor=1)

    tried = preview(promotion=draft(), example=example("GONE", SHIRT=1))

    assert sorted((one.title, one.code, one.why) for one in tried.others) == [
        ("Gone", "GONE", "used_up"),
        ("In dollars", None, "other_currency"),
    ]


def test_used_as_often_as_it_may_be_it_takes_nothing_off_until_its_limit_is_raised(shirt):
    saved = PromotionFactory.create(usage_limit=5, used=5)

    spent = preview(promotion=draft(usage_limit=5), example=example(SHIRT=1), saved=saved)
    raised = preview(promotion=draft(usage_limit=6), example=example(SHIRT=1), saved=saved)

    assert (spent.promotion.why, spent.promotion.amount, spent.alone) == ("used_up", eur(0), eur(0))
    assert (raised.promotion.why, raised.promotion.amount) == (None, eur(199))


def test_of_many_codes_that_of_the_example_counts_or_one_that_is_left(shirt):
    saved = coupon("two", code_limit=1)
    saved.coupons.update(used=1)
    saved.coupons.create(code="ONE", usage_limit=1, created_at=clock.now())

    one = preview(promotion=saved, example=example(SHIRT=1))
    two = preview(promotion=saved, example=example("TWO", SHIRT=1))

    assert (one.promotion.code, one.promotion.amount) == ("ONE", eur(199))
    assert (two.promotion.code, two.promotion.why) == ("TWO", "used_up")


def test_a_code_of_another_promotion_is_refused(shirt):
    coupon("TAKEN")

    with pytest.raises(CouponTaken):
        preview(promotion=draft("taken"), example=example(SHIRT=1), code="taken")


def test_what_is_not_for_sale_is_named(shirt, shelf):
    shelf.put(sku="PRICELESS", price=None)

    tried = preview(promotion=draft(), example=example(NOPE=1, PRICELESS=1, SHIRT=1))

    assert tried.unknown_skus == ["NOPE"]
    assert [(one.line.sku, one.line.line_total) for one in tried.lines] == [("PRICELESS", eur(0)), ("SHIRT", eur(1990))]
    assert [one.code for one in tried.cart.requirements] == ["not_available"]


def test_an_example_that_no_amount_of_money_could_hold_is_refused(shelf):
    shelf.put(sku="MOON", price=eur(2**62))

    with pytest.raises(TotalTooLarge):
        preview(promotion=draft(), example=example(MOON=2))


@pytest.mark.parametrize("values", KINDS, ids=lambda values: values["title"])
def test_a_row_is_offered_as_it_is_found(values):
    row = make_promotion(**values, priority=3, stackable=False, starts_at=clock.now())
    row.refresh_from_db()

    assert [one.promotion for one in find_offers()] == [offered(row)]
