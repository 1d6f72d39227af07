"""Many codes at once, beside everything else that happens to their promotion."""

from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connections

from ecommerce.kernel.ids import new_id
from modules.cart.logic import coupon_batches
from modules.cart.logic.coupon_batches import Batch, UnknownOutcome, make_coupons
from modules.cart.logic.promotions import PromotionNotFound, change_promotion, delete_promotion, draft_promotion
from modules.cart.logic.redemptions import redeem
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import PromotionFactory, coupon

pytestmark = pytest.mark.django_db(transaction=True)


class Listed:
    """A list in memory; `meanwhile` happens when its first codes are written, in another connection."""

    place = "memory"

    def __init__(self, meanwhile: Any = None) -> None:
        self.codes: list[str] = []
        self.ends: list[str] = []
        self._meanwhile = meanwhile

    def write(self, codes: list[str]) -> None:
        self.codes += codes
        if self._meanwhile:
            elsewhere(self._meanwhile)
            self._meanwhile = None

    def finish(self) -> None:
        self.ends.append("finished")

    def discard(self) -> None:
        self.ends.append("discarded")


def elsewhere(act: Any) -> None:
    """In a thread and a connection of its own; what waits for the run does not end in time."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive(), "it waits for the run"


def make(promotion: Promotion, onto: Listed, count: int = 3) -> Listed:
    make_coupons(promotion=promotion, batch=Batch(count=count), onto=onto, watch=lambda _: None)
    return onto


def kept() -> set[str]:
    return set(Coupon.objects.values_list("code", flat=True))


def test_large_batches_go_in_by_parts_and_are_told(monkeypatch):
    monkeypatch.setattr(coupon_batches, "AT_ONCE", 4)
    told: list[int] = []

    onto = Listed()
    make_coupons(promotion=PromotionFactory.create(), batch=Batch(count=10), onto=onto, watch=told.append)

    assert (told, onto.ends) == ([4, 4, 2], ["finished"])
    assert (len(kept()), kept()) == (10, set(onto.codes))


def test_runs_at_once_all_make_their_codes():
    promotion = PromotionFactory.create()
    lists = [Listed() for _ in range(4)]

    all_at_once(*[partial(make, promotion, onto, 500) for onto in lists])

    assert [onto.ends for onto in lists] == [["finished"]] * 4
    assert kept() == {code for onto in lists for code in onto.codes}
    assert (len(kept()), Promotion.objects.get().version) == (2000, 2)


def test_orders_are_placed_while_a_list_is_written():
    promotion = coupon("FIRST")
    order = partial(redeem, order_id=new_id(), promotion_ids=[promotion.id], codes=["FIRST"], customer_key="ada")

    onto = make(promotion, Listed(order))

    assert onto.ends == ["finished"]
    assert Promotion.objects.get().used == 1


def test_staff_who_take_the_code_away_meanwhile_have_not_given_it_to_all():
    promotion = coupon("FIRST")

    onto = make(promotion, Listed(partial(change_promotion, promotion_id=promotion.id, changes={"code": None})))

    assert kept() == set(onto.codes)
    assert list(Promotion.objects.values_list("needs_code", "version")) == [(True, 3)]


def test_a_promotion_that_is_deleted_meanwhile_gets_no_codes():
    promotion = coupon("FIRST")
    onto = Listed(partial(delete_promotion, promotion_id=promotion.id))

    with pytest.raises(PromotionNotFound):
        make(promotion, onto)

    assert (onto.ends, kept()) == (["discarded"], set())


def test_a_list_that_breaks_off_undoes_everything():
    def broken() -> None:
        raise KeyboardInterrupt

    promotion = draft_promotion(kind="percentage", needs_code=True, title="Tenth", value="10")
    onto = Listed()
    onto.write = lambda codes: broken()  # type: ignore[method-assign]

    with pytest.raises(KeyboardInterrupt):
        make(promotion, onto)

    assert (onto.ends, kept(), Promotion.objects.count()) == (["discarded"], set(), 0)


@pytest.mark.parametrize("end", [OperationalError, KeyboardInterrupt])
def test_a_list_whose_codes_may_count_is_kept(monkeypatch, end):
    def lost(promotion_id: Any) -> None:
        raise end

    monkeypatch.setattr(coupon_batches, "_require_code", lost)
    onto = Listed()

    with pytest.raises(UnknownOutcome, match="if the codes were made, memory lists them"):
        make(PromotionFactory.create(), onto)

    assert (onto.ends, len(onto.codes)) == ([], 3)
