"""Promotions written in the admin."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.admin_testing import signed_in
from ecommerce.kernel.ids import new_id
from modules.cart.logic.promotion_values import written
from modules.cart.logic.promotions import change_promotion, make_promotion
from modules.cart.logic.states import State, state_of
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.admin import office
from modules.cart.tests.admin.office import PROMOTIONS, typed
from modules.cart.tests.factories import PromotionFactory, coupon

pytestmark = office.pytestmark


@pytest.fixture
def staff():
    return signed_in("cart.read", "cart.write")


def page_of(promotion):
    return f"{PROMOTIONS}{promotion.id}/change/"


def errors_of(answer):
    assert answer.status_code == 200
    return {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}


def test_a_promotion_is_offered_as_it_was_typed(staff, shelf):
    shirt, shelf_id, other_id = shelf.put(sku="SHIRT-M"), new_id(), new_id()
    form = typed(
        kind="fixed", value="5.00", currency="eur", minimum_subtotal="50.00", code="Summer", usage_limit="100",
        product_ids=f"SHIRT-M\r\n{other_id}", category_ids=str(shelf_id), starts_at_0="2026-11-27", starts_at_1="08:00",
        usage_limit_per_customer="1", priority="-3",
    )  # fmt: skip
    del form["stackable"]

    answer = staff.post(f"{PROMOTIONS}add/", form)

    assert (answer.status_code, answer["Location"]) == (302, PROMOTIONS)
    made = Promotion.objects.get()
    assert written(made) == {
        "title": "A tenth off",
        "category_ids": [shelf_id],
        "product_ids": [shirt.product_id, other_id],
        "starts_at": datetime(2026, 11, 27, 8, tzinfo=UTC),
        "ends_at": None,
        "usage_limit": 100,
        "usage_limit_per_customer": 1,
        "stackable": False,
        "priority": -3,
        "buy_quantity": None,
        "get_quantity": None,
        "value": "5.00",
        "tiers": None,
        "currency": "EUR",
        "minimum_subtotal": "50.00",
    }
    assert (made.kind, made.needs_code, made.coupons.get().code) == ("fixed", True, "Summer")


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"value": "12.50"}, "12.5 %"),
        ({"kind": "fixed", "value": "500", "currency": "JPY"}, "500 JPY"),
        ({"kind": "free_shipping", "minimum_subtotal": "50.00", "currency": "EUR"}, "shipping, from 50.00 EUR on"),
        ({"kind": "buy_x_get_y", "value": "", "buy_quantity": "2", "get_quantity": "1"}, "buy 2, get 1 free"),
        ({"kind": "buy_x_get_y", "value": "50", "buy_quantity": "1", "get_quantity": "1"},
         "buy 1, get 1 at 50 % off"),
        ({"kind": "tiered", "tiers": "6 = 10 %\r\n3 = 5"}, "5 % from 3 on, 10 % from 6 on"),
        ({"category_ids": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, "10 % of 1 category"),
    ],
)  # fmt: skip
def test_each_kind_takes_what_it_needs_and_is_listed_in_words(staff, form, shown):
    assert staff.post(f"{PROMOTIONS}add/", typed(**form)).status_code == 302

    page = staff.get(PROMOTIONS)
    assert page.context["cl"].model_admin.takes_off(page.context["cl"].result_list[0]) == shown
    assert shown in page.content.decode()


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"value": ""}, "value", "percentage needs it."),
        ({"value": "101"}, "value", "A decimal string from 0.01 to 100, with two decimals at most."),
        ({"kind": "fixed", "value": "5", "currency": "EUR"}, "value", "EUR takes a decimal string with 2 decimals"),
        ({"kind": "fixed", "value": "5.00"}, "currency", "fixed needs it."),
        ({"currency": "EURO"}, "currency", "Ensure this value has at most 3 characters (it has 4)."),
        ({"currency": "XXX", "minimum_subtotal": "5.00"}, "currency", "Give an active ISO 4217 currency code."),
        ({"minimum_subtotal": "5.00"}, "currency", "minimum_subtotal is an amount of money."),
        ({"kind": "tiered", "tiers": "3 = 5\n3 = 6"}, "tiers", "Each quantity once."),
        ({"kind": "tiered", "tiers": "many = 5"}, "tiers", "many = 5: write a quantity, = and a percent."),
        ({"kind": "buy_x_get_y", "buy_quantity": "2"}, "get_quantity", "buy_x_get_y needs it."),
        ({"code": "no spaces"}, "code", "This value does not match the required pattern."),
        ({"product_ids": "NOPE"}, "product_ids",
         "Not for sale: NOPE. What is not for sale yet is named by its id."),
        ({"category_ids": "shirts"}, "category_ids", "shirts: this is no id."),
        ({"usage_limit": "0"}, "usage_limit", "Ensure this value is greater than or equal to 1."),
        ({"ends_at_0": "2026-11-27", "ends_at_1": "08:00", "starts_at_0": "2026-11-28", "starts_at_1": "08:00"},
         "ends_at", "It ends after it starts."),
        ({"code": "taken"}, "code", "Another promotion has this code; codes are compared without case."),
    ],
)  # fmt: skip
def test_what_will_not_do_is_said_at_its_field_and_nothing_is_made(staff, shelf, form, field, said):
    coupon("TAKEN")

    answer = staff.post(f"{PROMOTIONS}add/", typed(**form))

    assert errors_of(answer) == {field: [said]}
    assert (Promotion.objects.count(), Coupon.objects.get().code) == (1, "TAKEN")


def test_what_is_of_another_kind_is_not_on_the_page_and_not_read(staff):
    page = staff.get(f"{PROMOTIONS}add/").content.decode()
    staff.post(f"{PROMOTIONS}add/", typed(kind="free_shipping", value="10", tiers="3 = 5", buy_quantity="2"))

    assert 'x-show="kind == &#x27;tiered&#x27;"' in page
    assert Promotion.objects.get().kind == "free_shipping"


def test_a_change_writes_only_what_was_changed(staff):
    made = coupon("SUMMER", title="Old", usage_limit=5, starts_at=datetime(2026, 1, 1, 8, 0, 0, 123, tzinfo=UTC))
    form = typed(title="New", code="SUMMER", usage_limit="5", starts_at_0="2026-01-01", starts_at_1="08:00:00")

    answer = staff.post(page_of(made), form | {"kind": "fixed"})

    assert answer.status_code == 302
    changed = Promotion.objects.get()
    assert (changed.title, changed.kind, changed.version) == ("New", "percentage", 2)
    assert (changed.starts_at, changed.usage_limit, changed.percent) == (made.starts_at, 5, Decimal("10.00"))
    assert staff.post(page_of(made), form | {"seen_version": "2"}).status_code == 302
    assert Promotion.objects.get().version == 2


def test_a_code_is_changed_and_taken_away(staff):
    made = coupon("OLD")

    staff.post(page_of(made), typed(code="NEW"))
    assert made.coupons.get().code == "NEW"
    staff.post(page_of(made), typed(seen_version="2"))

    assert (made.coupons.count(), Promotion.objects.get().needs_code) == (0, False)


@pytest.mark.parametrize("seen", ["1", ""])
def test_a_promotion_that_was_changed_meanwhile_is_not_overwritten(staff, seen):
    made = make_promotion(title="A tenth off", kind="percentage", value="10")
    change_promotion(promotion_id=made.id, changes={"title": "Theirs"})

    answer = staff.post(page_of(made), typed(title="Mine", seen_version=seen))

    assert errors_of(answer) == {"__all__": ["It was changed since you read it: read it again."]}
    assert (Promotion.objects.get().title, Promotion.objects.get().version) == ("Theirs", 2)


def test_a_code_of_another_is_refused_at_the_code_and_nothing_is_changed(staff):
    coupon("TAKEN")
    made = coupon("MINE", title="Old")

    answer = staff.post(page_of(made), typed(title="New", code="taken"))

    assert errors_of(answer) == {"code": ["Another promotion has this code; codes are compared without case."]}
    made.refresh_from_db()
    assert (made.title, made.version, made.coupons.get().code) == ("Old", 1, "MINE")


def test_where_there_are_many_codes_none_is_changed_here_but_all_else_is(staff):
    made = coupon("ONE")
    made.coupons.create(code="TWO", created_at=clock.now())

    page = staff.get(page_of(made))
    answer = staff.post(page_of(made), typed(title="New", code="THREE"))

    assert page.context["adminform"].form.fields["code"].disabled
    assert answer.status_code == 302
    assert (Promotion.objects.get().title, Promotion.objects.get().needs_code) == ("New", True)
    assert list(made.coupons.order_by("code").values_list("code", flat=True)) == ["ONE", "TWO"]


def test_what_no_order_has_used_is_deleted_with_its_codes(staff):
    made = coupon("SUMMER")

    page = staff.get(f"{PROMOTIONS}{made.id}/delete/").content.decode()
    answer = staff.post(f"{PROMOTIONS}{made.id}/delete/", {"post": "yes", "seen_version": "1"}, follow=True)

    assert 'name="seen_version" value="1"' in page
    assert "A tenth off is deleted." in answer.content.decode()
    assert (Promotion.objects.count(), Coupon.objects.count()) == (0, 0)


def test_what_an_order_has_used_is_ended_and_kept(staff):
    made = coupon("SUMMER", used=3)

    page = staff.get(f"{PROMOTIONS}{made.id}/delete/").content.decode()
    answer = staff.post(f"{PROMOTIONS}{made.id}/delete/", {"post": "yes", "seen_version": "1"}, follow=True)

    assert "3 orders use it, so it is kept" in page
    assert "A tenth off is ended; orders have used it, so it is kept." in answer.content.decode()
    made.refresh_from_db()
    assert state_of(made, at=clock.now()) == State.OVER
    assert (made.version, made.coupons.count()) == (2, 1)


@pytest.mark.parametrize("seen", ["1", "", "x"])
def test_what_was_changed_meanwhile_is_not_deleted(staff, seen):
    made = PromotionFactory.create(version=2)

    answer = staff.post(f"{PROMOTIONS}{made.id}/delete/", {"post": "yes", "seen_version": seen}, follow=True)

    assert "It was changed since you read it" in answer.content.decode()
    assert Promotion.objects.get() == made


def test_who_only_reads_sees_a_promotion_and_changes_nothing():
    made, reader = coupon("SUMMER", usage_limit=5, used=2), signed_in("cart.read")

    page = reader.get(page_of(made)).content.decode()
    acts = [
        reader.get(f"{PROMOTIONS}add/"),
        reader.post(f"{PROMOTIONS}add/", typed()),
        reader.post(page_of(made), typed(title="Mine")),
        reader.post(f"{PROMOTIONS}{made.id}/delete/", {"post": "yes", "seen_version": "1"}),
    ]

    assert all(words in page for words in ("A tenth off", "10 %", "SUMMER", "2 / 5", "running"))
    assert "_save" not in page
    assert [answer.status_code for answer in acts] == [403] * 4
    assert list(Promotion.objects.values_list("title", "version")) == [("A tenth off", 1)]


def test_who_has_no_scope_of_carts_sees_nothing():
    made, stranger = PromotionFactory.create(), signed_in("orders.read", "catalog.write")

    for page in (PROMOTIONS, page_of(made), f"{PROMOTIONS}add/", f"{PROMOTIONS}{made.id}/delete/"):
        assert stranger.get(page).status_code == 403
