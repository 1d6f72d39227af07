"""The process that drives a checkout is killed at each of its points: one order, one hold, one payment, or none.

A handful of points runs with every `make test`, all of them with `make test-kills`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest
from django.conf import settings
from django.db.models import F

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.testing import relay_until_quiet
from tests.faults.dying import Point, around, die_doing, instead_of
from tests.faults.sale import (
    ON_HAND,
    QUANTITY,
    Sale,
    Standing,
    let_leases_run_out,
    require_nothing_twice,
    restart,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

ALL = os.environ.get("KILLS") == "all"

STEPS = "modules.orders.logic.checkout_steps"
HOLD = "modules.catalog.service.hold_stock"
REDEEM = "modules.cart.service.redeem"
CREATE = "modules.payments.logic.providers.sandbox.Sandbox.create"
START = "modules.payments.service.start_payment"
CANCEL = "modules.payments.service.cancel_payment"
RELEASE_COUPONS = "modules.cart.service.release_redemption"
RELEASE_STOCK = "modules.catalog.service.release_hold"
PLACE = "modules.orders.logic.checkout_steps.place"

FORWARD = [
    # Before it: the key is claimed and nothing is written. After it: the order is, with its steps and its lease.
    *around("modules.orders.logic.checkout.write"),
    *around(HOLD, REDEEM, START, CREATE),
    # After it: in the transaction that places the order, before its commit.
    *around(PLACE),
    # Before it the order is placed; after it the answer is kept too.
    *around("ecommerce.kernel.rest.claims.finish"),
]
SOME_FORWARD = [Point("after", HOLD), Point("after", CREATE), Point("after", PLACE)]

PENDING = Standing(["pending"], ["held"], ON_HAND, QUANTITY, 1, ["pending"], 1, 0, 0)


def confirmed(total: int) -> Standing:
    return Standing(["confirmed"], ["committed"], ON_HAND - QUANTITY, 0, 1, ["captured"], 1, total, 0)


@pytest.fixture
def sale(transactional_db: None) -> Iterator[Sale]:
    yield Sale()
    require_nothing_twice()


@pytest.mark.parametrize("point", FORWARD if ALL else SOME_FORWARD, ids=str)
def test_a_checkout_killed(point: Point, sale: Sale) -> None:
    die_doing(sale.check_out, point)

    if point != Point("after", "ecommerce.kernel.rest.claims.finish"):
        # Its claim and its lease are still held: nobody else may act yet.
        early = sale.check_out()
        assert (early.status_code, early.json()["code"]) == (409, "idempotency_in_progress")
    relay_until_quiet()

    let_leases_run_out()
    relay_until_quiet()
    answers = [sale.check_out() for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    order, payment = answers[0].json()["order"], answers[0].json()["payment"]
    assert (order["status"], payment["status"], payment["amount"]) == ("pending", "pending", order["total"])
    assert sale.standing() == PENDING

    restart()
    assert sale.standing() == confirmed(cents(order))
    assert sale.check_out().content == answers[0].content


def stock_goes(sale: Sale) -> AbstractContextManager[Any]:
    def hold(original: Callable[..., Any], **asked: Any) -> Any:
        sale.somebody_takes(ON_HAND - 1)
        return original(**asked)

    return instead_of(HOLD, hold)


def coupon_goes(sale: Sale) -> AbstractContextManager[Any]:
    def redeem(original: Callable[..., Any], **asked: Any) -> Any:
        sale.somebody_redeems()
        return original(**asked)

    return instead_of(REDEEM, redeem)


def answer_is_lost(sale: Sale, *, is_captured: bool = False) -> AbstractContextManager[Any]:
    """The provider has taken the payment, its answer does not come, and then the time to pay is over."""

    def start(original: Callable[..., Any], **asked: Any) -> Any:
        from modules.orders.logic import checkout_steps  # only where orders is installed
        from modules.payments.models import SandboxPayment

        original(**asked)
        if is_captured:
            SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
        too_late = SimpleNamespace(now=lambda: asked["payable_until"])
        # This process dies before anybody minds.
        cast(Any, checkout_steps).clock = too_late
        raise Unavailable("No answer.", dependency="sandbox")

    return instead_of(START, start)


class Refusal(NamedTuple):
    """What comes between a cart's quote and its order, what the buyer is told, and what stays of it."""

    happens: Callable[[Sale], AbstractContextManager[Any]]
    code: str
    # What somebody else holds and uses, and how often the provider was asked.
    held: int = 0
    coupon_used: int = 0
    charges: int = 0


REFUSALS = {
    "stock": Refusal(stock_goes, "out_of_stock", held=ON_HAND - 1),
    "coupon": Refusal(coupon_goes, "coupon_exhausted", coupon_used=1),
    "answer": Refusal(answer_is_lost, "order_not_placed", charges=1),
}
# In the transaction that writes the refusal and the steps that undo.
TURNING = around(f"{STEPS}.add_steps")
UNDOING = [*around(CANCEL, RELEASE_COUPONS, RELEASE_STOCK), Point("after", f"{STEPS}.states.move")]
UNDONE = [
    # An answer that is lost before the refusal is written is asked for again, and comes.
    *((why, point) for why in ("stock", "coupon") for point in TURNING),
    *((why, point) for why in REFUSALS for point in UNDOING),
]
SOME_UNDONE = [("coupon", Point("after", CANCEL)), ("answer", Point("before", RELEASE_STOCK))]


@pytest.mark.parametrize(("why", "point"), UNDONE if ALL else SOME_UNDONE, ids=str)
def test_a_refused_checkout_killed(why: str, point: Point, sale: Sale) -> None:
    refusal = REFUSALS[why]
    die_doing(sale.check_out, point, [partial(refusal.happens, sale)])
    # Before the provider says that it has taken the money: that would lead forward again.
    let_leases_run_out()
    relay_until_quiet()
    restart()

    answers = [sale.check_out() for _ in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, refusal.code)] * 2
    assert answers[0].content == answers[1].content
    assert sale.standing() == Standing(
        ["abandoned"],
        ["released"],
        ON_HAND,
        refusal.held,
        refusal.coupon_used,
        ["cancelled"],
        refusal.charges,
        captured=0,
        refunded=0,
    )
    orders_anew(sale, charges=refusal.charges + 1)


def orders_anew(sale: Sale, *, charges: int) -> None:
    """The cart is free again: once the others have given back what they took, it is ordered."""
    sale.somebody_gives_back()
    answer = sale.check_out("another key")
    assert answer.status_code == 201, answer.content
    restart()
    total = cents(answer.json()["order"])
    assert sale.standing() == Standing(
        ["abandoned", "confirmed"],
        ["released", "committed"],
        ON_HAND - QUANTITY,
        0,
        1,
        ["cancelled", "captured"],
        charges,
        total,
        0,
    )


PAID_AFTER_ALL = [*TURNING, *around(CANCEL, "modules.payments.service.get_payments", PLACE)]


@pytest.mark.parametrize("point", PAID_AFTER_ALL if ALL else [Point("after", CANCEL)], ids=str)
def test_a_checkout_that_was_given_up_and_is_paid_after_all_killed(point: Point, sale: Sale) -> None:
    die_doing(sale.check_out, point, [partial(answer_is_lost, sale, is_captured=True)])
    restart()

    answers = [sale.check_out() for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert sale.standing() == confirmed(cents(answers[0].json()["order"]))


def cents(order: dict[str, Any]) -> int:
    return round(float(order["total"]["amount"]) * 100)
