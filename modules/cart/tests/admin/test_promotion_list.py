"""Lists of promotions, of codes and of their uses: found, filtered, and opened by few statements."""

from datetime import timedelta
from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.admin_testing import signed_in
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.cart.logic.redemptions import redeem, release_redemption
from modules.cart.models import Redemption
from modules.cart.tests.admin import office
from modules.cart.tests.admin.office import COUPONS, PROMOTIONS, REDEMPTIONS
from modules.cart.tests.factories import PromotionFactory, coupon

pytestmark = office.pytestmark

# The session, who is signed in and what he may; Django's own look for what was done lately.
BESIDE = 4
# Ids tell what was made when.
LAST = UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")


@pytest.fixture
def staff():
    return signed_in("cart.read")


def found(client, address):
    """What a list shows, in its order."""
    return list(client.get(address).context["cl"].result_list)


def asked(client, address):
    """How many statements of cart's a page takes; none counts."""
    with statements() as sql:
        assert client.get(address).status_code == 200
    own = [one for one in sql if "cart_" in one and "django_admin_log" not in one]
    assert not [one for one in own if "COUNT(" in one.upper()]
    assert len(sql) <= len(own) + BESIDE
    return len(own)


def test_promotions_are_found_by_words_of_their_title_and_by_a_whole_code(staff):
    summer = coupon("SAVE10", title="Summer sale", id=UUID(int=1))
    winter = coupon("SAVE20", title="Winter sale", id=UUID(int=2))

    assert found(staff, PROMOTIONS) == [winter, summer]
    assert found(staff, f"{PROMOTIONS}?q=SALE") == [winter, summer]
    assert found(staff, f"{PROMOTIONS}?q=save10") == [summer]
    assert found(staff, f"{PROMOTIONS}?q=save") == []


def test_promotions_are_filtered_by_kind_and_by_where_they_stand(staff):
    now, hour = clock.now(), timedelta(hours=1)
    running = PromotionFactory.create()
    planned = PromotionFactory.create(kind="free_shipping", percent=None, starts_at=now + hour)
    over = PromotionFactory.create(ends_at=now - hour)
    used_up = PromotionFactory.create(usage_limit=1, used=1)

    assert found(staff, f"{PROMOTIONS}?kind=free_shipping") == [planned]
    states = {"running": running, "planned": planned, "over": over, "used_up": used_up}
    assert {state: found(staff, f"{PROMOTIONS}?state={state}") for state in states} == {
        state: [one] for state, one in states.items()
    }
    assert len(found(staff, f"{PROMOTIONS}?state=nonsense&kind=")) == 4


def test_a_list_shows_whose_code_it_is_and_how_often_it_is_used(staff):
    coupon("SUMMER", usage_limit=5, used=2)
    coupon("ONE", title="Many").coupons.create(code="TWO", created_at=clock.now())
    PromotionFactory.create(title="By itself")

    page = staff.get(PROMOTIONS).content.decode()

    assert all(words in page for words in (">SUMMER</a>", "2 / 5", ">many codes</a>", "by itself"))


def test_codes_are_those_of_a_promotion_the_newest_first_and_found_whole(staff):
    one, other = coupon("A-1", code_limit=3), coupon("B-1")
    second = one.coupons.create(id=LAST, code="A-2", used=1, usage_limit=1, created_at=clock.now())

    assert [c.code for c in found(staff, f"{COUPONS}?promotion__id__exact={one.id}")] == ["A-2", "A-1"]
    assert [c.code for c in found(staff, f"{COUPONS}?q=b-1")] == ["B-1"]
    assert found(staff, f"{COUPONS}?promotion__id__exact={other.id}&q=a-1") == []
    assert "1 / 1" in staff.get(f"{COUPONS}{second.id}/change/").content.decode()


def test_uses_are_found_by_code_order_and_customer_and_name_nobody(staff):
    promotion, order_id, other_id, customer = coupon("SUMMER"), new_id(), new_id(), new_id()
    redeem(order_id=order_id, promotion_ids=[promotion.id], codes=["SUMMER"], customer_key=str(customer))
    redeem(order_id=other_id, promotion_ids=[], codes=[], customer_key="e" * 64)
    release_redemption(order_id=order_id)
    Redemption.objects.filter(order_id=other_id).update(id=LAST)

    first, second = Redemption.objects.get(order_id=order_id), Redemption.objects.get(order_id=other_id)
    assert found(staff, REDEMPTIONS) == [second, first]
    assert found(staff, f"{REDEMPTIONS}?status__exact=released") == [first]
    for term in ("summer", order_id, customer):
        assert found(staff, f"{REDEMPTIONS}?q={term}") == [first]
    pages = [staff.get(one).content.decode() for one in (REDEMPTIONS, f"{REDEMPTIONS}{first.id}/change/")]
    for page in pages:
        assert f"…{str(customer)[-8:]}" in page
        assert (str(customer) in page, "e" * 64 in page) == (False, False)
    assert "A tenth off" in pages[1]


@pytest.mark.parametrize("count", [2, 20])
def test_lists_open_by_as_few_statements_whatever_they_hold(staff, count):
    for number in range(count):
        promotion = coupon(f"CODE-{number}")
        redeem(order_id=new_id(), promotion_ids=[promotion.id], codes=[f"CODE-{number}"], customer_key="k")

    pages = [PROMOTIONS, f"{PROMOTIONS}?state=running", f"{PROMOTIONS}?q=code-1", COUPONS, f"{COUPONS}?q=code-1",
             f"{COUPONS}?promotion__id__exact={promotion.id}", REDEMPTIONS, f"{REDEMPTIONS}?q=code-1"]  # fmt: skip
    assert [asked(staff, page) for page in pages] == [1, 1, 2, 1, 1, 1, 1, 1]


def test_codes_and_uses_are_only_read():
    promotion, owner = coupon("SUMMER"), signed_in(is_superuser=True)
    redeem(order_id=new_id(), promotion_ids=[promotion.id], codes=["SUMMER"], customer_key="k")
    code, use = promotion.coupons.get(), Redemption.objects.get()

    for page, row in ((COUPONS, code), (REDEMPTIONS, use)):
        acts = [owner.post(f"{page}add/", {}), owner.post(f"{page}{row.pk}/change/", {"code": "X"})]
        assert [answer.status_code for answer in [*acts, owner.post(f"{page}{row.pk}/delete/", {"post": "yes"})]] == [
            403
        ] * 3
    code.refresh_from_db()
    assert code.code == "SUMMER"


@pytest.mark.parametrize("page", [COUPONS, REDEMPTIONS])
def test_who_has_no_scope_of_carts_sees_neither_codes_nor_uses(page):
    assert signed_in("orders.read").get(page).status_code == 403
