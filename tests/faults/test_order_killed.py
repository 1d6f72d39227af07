"""What is done to a placed order, by a request or by the relay, is killed at each of its points: it ends as if not.

Every act is repeated after the death, with its key, as by a client that had no answer. A handful of points runs with
every `make test`, all of them with `make test-kills`.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.testing import relay_until_quiet
from tests.faults.dying import Point, around, die_doing
from tests.faults.sale import KEY, ON_HAND, QUANTITY, Sale, Standing, let_leases_run_out, require_nothing_twice, restart
from tests.faults.test_checkout_killed import ALL, CANCEL, HOLD, REDEEM, RELEASE_COUPONS, RELEASE_STOCK, cents
from tests.races.test_endings import come_to_rest, deliver_webhooks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

COMMIT = "modules.catalog.service.commit_hold"
RETURN = "modules.catalog.service.return_stock"
RECOGNISE = "modules.payments.service.recognise_revenue"
REFUND = "modules.payments.service.refund_order"
PROVIDER_REFUND = "modules.payments.logic.providers.sandbox.Sandbox.refund"
PROVIDER_CANCEL = "modules.payments.logic.providers.sandbox.Sandbox.cancel"
START = "modules.payments.service.start_payment"
PROVIDER_START = "modules.payments.logic.providers.sandbox.Sandbox.create"
SET_OFF = "modules.payments.service.set_off_revenue"
CLOSE_CART = "modules.cart.service.close_cart"
LOGIC = "modules.orders.logic"


class Story(NamedTuple):
    """What came before, what is done when the process dies (and again after), where, and how it ends."""

    before: Callable[[Sale], Any]
    act: Callable[[Sale], Any]
    points: list[Point]
    ends: Callable[[Sale, int], Standing]
    # Which of the points every run of the tests has.
    some: list[Point] = []


# ── before ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def paid(sale: Sale) -> None:
    sale.place()
    deliver_webhooks()


def too_late(sale: Sale) -> None:
    """Placed, and the time to pay is over."""
    from modules.orders.models import Order  # only where orders is installed

    sale.place()
    Order.objects.filter(pk=sale.order["id"]).update(payable_until=clock.now() - timedelta(seconds=1))


def paid_too_late(sale: Sale) -> None:
    """Expired, and then the provider says that it has the money after all."""
    from modules.payments.models import SandboxPayment, SandboxWebhook  # only where payments is installed

    too_late(sale)
    expire(sale)
    come_to_rest()
    assert sale.read()["status"] == "expired"
    [charge] = SandboxPayment.objects.all()
    SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    now = clock.now()
    SandboxWebhook.objects.create(payment_id=charge.pk, type="payment.captured", next_attempt_at=now, created_at=now)
    deliver_webhooks()


def paid_too_late_and_sold_out(sale: Sale) -> None:
    paid_too_late(sale)
    sale.somebody_takes(ON_HAND)


def paid_too_late_and_ordered_again(sale: Sale) -> None:
    """The cart has another order by now, without the coupon: this one cannot revive."""
    paid_too_late(sale)
    sale.give_up_coupon()
    answer = sale.check_out("another key")
    assert answer.status_code == 201, answer.content
    sale.order["newer"] = answer.json()["order"]


def asked_to_return(sale: Sale) -> None:
    sale.deliver()
    items = [{"line_id": sale.order["lines"][0]["id"], "quantity": 1, "reason": "small"}]
    answer = sale.ask(sale.buyer, "returns/", {"items": items}, "return")
    assert answer.status_code == 201, answer.content
    sale.order["return_id"] = answer.json()["id"]


# ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def relay(sale: Sale) -> None:
    relay_until_quiet()


def cancel(sale: Sale) -> Any:
    return sale.ask(sale.buyer, "cancel/", {})


def cancel_one(sale: Sale) -> Any:
    return sale.ask(sale.buyer, "cancel/", {"items": [one_of(sale)]})


def expire(sale: Sale) -> None:
    from modules.orders.logic.expiry import expire_due  # only where orders is installed

    expire_due()
    relay_until_quiet()


def refund_one(sale: Sale) -> Any:
    return sale.ask(sale.staff, "refunds/", {"items": [one_of(sale)], "restock": True, "reason": "broken"})


def receive(sale: Sale) -> Any:
    return sale.ask(sale.staff, f"returns/{sale.order['return_id']}/receive/", {"restock": True})


def edit(sale: Sale) -> Any:
    return change(sale, "edits/", {"remove": [one_of(sale)]})


def exchange(sale: Sale) -> Any:
    return change(sale, f"returns/{sale.order['return_id']}/exchange/", {})


def change(sale: Sale, path: str, body: dict[str, Any]) -> Any:
    """One unit more at its full price, so that something is left to pay; and the buyer pays it."""
    goods = {"add": [{"variant_id": sale.variant_id, "quantity": 1}]}
    answer = sale.ask(sale.staff, path, body | goods | {"payment": {"provider": "sandbox", "method": "sandbox_ok"}})
    deliver_webhooks()
    relay_until_quiet()
    return answer


def one_of(sale: Sale) -> dict[str, Any]:
    return {"line_id": sale.order["lines"][0]["id"], "quantity": 1}


# ── endings ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def sold(sale: Sale, total: int) -> Standing:
    return Standing(["confirmed"], ["committed"], ON_HAND - QUANTITY, 0, 1, ["captured"], 1, total, 0)


def called_off_unpaid(sale: Sale, total: int) -> Standing:
    return Standing(["cancelled"], ["released"], ON_HAND, 0, 0, ["cancelled"], 1, 0, 0)


def called_off_paid(sale: Sale, total: int) -> Standing:
    return Standing(["cancelled"], ["committed"], ON_HAND, 0, 0, ["refunded"], 1, total, total)


def expired(sale: Sale, total: int) -> Standing:
    return Standing(["expired"], ["released"], ON_HAND, 0, 0, ["cancelled"], 1, 0, 0)


def revived(sale: Sale, total: int) -> Standing:
    return Standing(["confirmed"], ["released", "committed"], ON_HAND - QUANTITY, 0, 1, ["captured"], 1, total, 0)


def paid_back_for_want_of_stock(sale: Sale, total: int) -> Standing:
    return Standing(["expired"], ["released", "released"], ON_HAND, ON_HAND, 0, ["refunded"], 1, total, total)


def paid_back_for_the_newer_order(sale: Sale, total: int) -> Standing:
    holds, payments = ["released", "committed", "released"], ["refunded", "captured"]
    captured = total + cents(sale.order["newer"])
    return Standing(["expired", "confirmed"], holds, ON_HAND - QUANTITY, 0, 0, payments, 2, captured, total)


def one_given_back(status: str) -> Callable[[Sale, int], Standing]:
    def ends(sale: Sale, total: int) -> Standing:
        part = cents({"total": sale.order["lines"][0]["total"]}) // 2
        left = ON_HAND - QUANTITY + 1
        return Standing([status], ["committed"], left, 0, 1, ["partially_refunded"], 1, total, part)

    return ends


def edited(status: str) -> Callable[[Sale, int], Standing]:
    def ends(sale: Sale, total: int) -> Standing:
        line = sale.order["lines"][0]
        due = cents({"total": line["unit_price"]}) - cents({"total": line["total"]}) // 2
        holds, payments = ["committed", "committed"], ["captured", "captured"]
        return Standing([status], holds, ON_HAND - QUANTITY, 0, 1, payments, 2, total + due, 0)

    return ends


STORIES = {
    "confirming": Story(
        before=paid,
        act=relay,
        points=[
            *around(f"{LOGIC}.payment_facts.record_captured", COMMIT),
            Point("after", f"{LOGIC}.confirmation._confirm"),
            *around(RECOGNISE, CLOSE_CART),
        ],
        some=[Point("after", COMMIT)],
        ends=sold,
    ),
    "cancelling what is paid": Story(
        before=Sale.confirm,
        act=cancel,
        points=[
            Point("after", f"{LOGIC}.cancellation.add_steps"),
            *around(RETURN, CANCEL),
            *around(f"{LOGIC}.cancellation.refund_all"),
            *around(RELEASE_COUPONS, REFUND, PROVIDER_REFUND),
        ],
        some=[Point("after", RETURN), Point("after", PROVIDER_REFUND)],
        ends=called_off_paid,
    ),
    "cancelling what is not paid": Story(
        before=Sale.place,
        act=cancel,
        points=[
            Point("after", f"{LOGIC}.cancellation.add_steps"),
            *around(RELEASE_STOCK, CANCEL, PROVIDER_CANCEL, RELEASE_COUPONS),
        ],
        ends=called_off_unpaid,
    ),
    "expiring": Story(
        before=too_late,
        act=expire,
        points=[
            *around(f"{LOGIC}.expiry._begin", CANCEL, PROVIDER_CANCEL),
            Point("after", f"{LOGIC}.expiry.states.move"),
            *around(RELEASE_STOCK, RELEASE_COUPONS),
        ],
        some=[Point("after", PROVIDER_CANCEL)],
        ends=expired,
    ),
    "reviving": Story(
        before=paid_too_late,
        act=relay,
        points=[
            *around(f"{LOGIC}.late_payments.settle_if_ended", HOLD, REDEEM),
            *around(f"{LOGIC}.late_payments._revive"),
            *around(COMMIT, RECOGNISE, CLOSE_CART),
        ],
        some=[Point("after", HOLD)],
        ends=revived,
    ),
    "paying back what is sold out": Story(
        before=paid_too_late_and_sold_out,
        act=relay,
        points=[
            Point("before", HOLD),
            *around(f"{LOGIC}.late_payments.refund_all"),
            *around(RELEASE_STOCK, RELEASE_COUPONS, REFUND, PROVIDER_REFUND),
        ],
        ends=paid_back_for_want_of_stock,
    ),
    "paying back what was ordered again": Story(
        before=paid_too_late_and_ordered_again,
        act=relay,
        points=[
            *around(HOLD),
            Point("before", f"{LOGIC}.late_payments._revive"),
            *around(f"{LOGIC}.late_payments.refund_all"),
            *around(RELEASE_STOCK, RELEASE_COUPONS, REFUND, PROVIDER_REFUND),
        ],
        ends=paid_back_for_the_newer_order,
    ),
    "refunding": Story(
        before=Sale.confirm,
        act=refund_one,
        points=[
            *around(f"{LOGIC}.refunds.carry_on", REFUND, PROVIDER_REFUND),
            Point("after", f"{LOGIC}.refunds._succeed"),
            *around(RETURN),
        ],
        some=[Point("after", REFUND)],
        ends=one_given_back("confirmed"),
    ),
    "cancelling a line": Story(
        before=Sale.confirm,
        act=cancel_one,
        points=[*around(f"{LOGIC}.refunds.carry_on", REFUND, PROVIDER_REFUND, RETURN)],
        ends=one_given_back("confirmed"),
    ),
    "receiving what was sent back": Story(
        before=asked_to_return,
        act=receive,
        points=[
            Point("after", f"{LOGIC}.returns._receive"),
            *around(RETURN, REFUND, PROVIDER_REFUND),
            Point("after", f"{LOGIC}.refunds._succeed"),
        ],
        some=[Point("after", RETURN)],
        ends=one_given_back("delivered"),
    ),
    "editing": Story(
        before=Sale.confirm,
        act=edit,
        points=[
            *around(f"{LOGIC}.edits._begin", HOLD, START, PROVIDER_START),
            *around(f"{LOGIC}.edit_payments.record_edit_captured", COMMIT),
            *around(f"{LOGIC}.edit_effects.take_effect", SET_OFF, RECOGNISE, RETURN),
            Point("after", f"{LOGIC}.invoices.issue_for_edit"),
        ],
        some=[Point("after", PROVIDER_START), Point("after", COMMIT)],
        ends=edited("confirmed"),
    ),
    "exchanging what was sent back": Story(
        before=asked_to_return,
        act=exchange,
        points=[
            *around(HOLD, START, COMMIT),
            *around(f"{LOGIC}.edit_effects.take_effect", SET_OFF, RECOGNISE, RETURN),
        ],
        some=[Point("after", f"{LOGIC}.edit_effects.take_effect")],
        ends=edited("processing"),
    ),
}
POINTS = [(name, point) for name, story in STORIES.items() for point in (story.points if ALL else story.some)]


@pytest.fixture
def sale(transactional_db: None) -> Iterator[Sale]:
    yield Sale()
    require_nothing_twice()


@pytest.mark.parametrize(("name", "point"), POINTS, ids=str)
def test_killed(name: str, point: Point, sale: Sale) -> None:
    story = STORIES[name]
    story.before(sale)
    die_doing(lambda: story.act(sale), point)

    # Before the provider tells of what it did meanwhile.
    let_leases_run_out()
    relay_until_quiet()
    # It may be told that the outcome is not known yet: then it asks again.
    story.act(sale)
    restart()
    answer = story.act(sale)

    assert answer is None or answer.status_code < 300, answer.content
    assert sale.standing() == story.ends(sale, cents(sale.order))
    assert sale.check_out(KEY).json()["order"]["id"] == sale.order["id"]
    if story.ends in (called_off_unpaid, called_off_paid, expired):
        orders_anew(sale)


def orders_anew(sale: Sale) -> None:
    """The buyer fills the cart that he has and orders it with the coupon that is his again."""
    before = sale.standing()
    sale.fill_again()
    answer = sale.check_out("another key")
    assert answer.status_code == 201, answer.content
    restart()
    after = sale.standing()
    assert after.orders == [*before.orders, "confirmed"]
    assert (after.on_hand, after.held, after.coupon_used) == (ON_HAND - QUANTITY, 0, 1)
