"""A provider's records, payments, orders and stock holds against each other: found, mended where safe, kept."""

import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ecommerce.backoffice.models import FoundDrift, ReconcileRun
from ecommerce.backoffice.reconcile import reconcile, reconcile_all
from ecommerce.backoffice.tests.test_crosschecks import Shop, a_payment, eur
from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import first_id, new_id
from ecommerce.kernel.testing import stand_in
from modules.catalog.contracts import HoldStatus
from modules.orders.contracts import OrderStatus
from modules.payments.contracts import (
    CancelOutcome,
    Drift,
    DriftKind,
    DriftPage,
    PaymentStatus,
    ProviderNotAvailable,
    RefundRefused,
)

pytestmark = pytest.mark.django_db

HOURS = 3


class Reconciled(Shop):
    """A shop in which payments and catalog also do what they are asked for."""

    def __init__(self):
        super().__init__()
        now = clock.now()
        self.since, self.until = now - timedelta(hours=HOURS), now + timedelta(minutes=1)
        self.pages, self.asked, self.refuse = {}, [], {}

    def answers(self):
        answers = super().answers()
        answers["payments"] |= {
            "find_drift": self.find_drift,
            "refund_order": self.refund_order,
            "cancel_payment": self.cancel_payment,
            "capture_payment": self.capture_payment,
        }
        answers["catalog"] |= {"release_hold": self.release_hold}
        return answers

    def find_drift(self, provider, since, until, fix):
        if provider in self.refuse:
            raise self.refuse[provider]
        self.asked.append(("find_drift", since, fix))
        end = min(datetime.fromisoformat(since) + timedelta(hours=1), datetime.fromisoformat(until))
        drifts = self.pages.pop(len([one for one in self.asked if one[0] == "find_drift"]), [])
        return DriftPage(drifts=drifts, checked=10, until=end if end < datetime.fromisoformat(until) else None)

    def refund_order(self, order_id, reference, **_):
        if "refund_order" in self.refuse:
            raise self.refuse["refund_order"]
        self.asked.append(("refund_order", order_id, reference))
        self.payments = [
            replace(one, refunded=one.captured) if str(one.order_id) == order_id else one for one in self.payments
        ]
        return [one for one in self.payments if str(one.order_id) == order_id]

    def cancel_payment(self, order_id, purpose, even_authorized):
        self.asked.append(("cancel_payment", order_id, even_authorized))
        return CancelOutcome.CANCELLED

    def capture_payment(self, order_id, **_):
        self.asked.append(("capture_payment", order_id))
        [payment] = [one for one in self.payments if str(one.order_id) == order_id]
        return replace(payment, captured=payment.amount, status=PaymentStatus.CAPTURED)

    def release_hold(self, order_id):
        self.asked.append(("release_hold", order_id))


@pytest.fixture
def shop():
    with answering(Reconciled()) as shop:
        yield shop


@contextmanager
def answering(shop):
    with ExitStack() as stack:
        for module, answers in shop.answers().items():
            stack.enter_context(stand_in(module, **answers))
        yield shop


def run(shop, *, fix=False):
    return reconcile("sandbox", shop.since, shop.until, fix=fix)


def kinds(run):
    return sorted(run.drifts.values_list("kind", flat=True))


def two_days_old(payment):
    return replace(payment, created_at=clock.now() - timedelta(days=2))


def test_where_everything_fits_nothing_is_found(shop):
    shop.sell("1001")
    shop.place("1002")
    found = run(shop)
    assert (found.checked, found.found, kinds(found)) == (10 * (HOURS + 1), 0, [])
    assert found.finished_at is not None


def damage(shop):
    """One drift of each kind between the modules, and one between provider and payments."""
    shop.payments.append(two_days_old(a_payment(new_id(), 500)))
    for status in (OrderStatus.EXPIRED, OrderStatus.CANCELLED):
        ended = shop.place("", status=status)
        shop.holds[-1] = replace(shop.holds[-1], status=HoldStatus.RELEASED)
        if status == OrderStatus.EXPIRED:
            shop.payments.append(two_days_old(a_payment(ended.id, 1990)))
        else:
            authorized = replace(a_payment(ended.id, 1990), status=PaymentStatus.AUTHORIZED, captured=eur(0))
            shop.payments.append(two_days_old(authorized))
    sent = shop.sell("1003", status=OrderStatus.SHIPPED)
    shop.payments[-1] = replace(a_payment(sent.id, 1990), status=PaymentStatus.AUTHORIZED, captured=eur(0))
    shop.sell("1004")
    shop.payments[-1] = replace(shop.payments[-1], captured=eur(1000))
    shop.sell("1005")
    shop.payments[-1] = replace(shop.payments[-1], captured=eur(2990))
    shop.pay(shop.place("1006"), 1990)
    gone = shop.place("1007", status=OrderStatus.EXPIRED)
    shop.holds[-1] = replace(shop.holds[-1], until=clock.now() - timedelta(days=2))
    shop.pages[2] = [Drift(kind=DriftKind.CAPTURED, reference="pi_1", here="0.00", there="19.90", is_safe=True)]
    return gone


ALL = [
    "authorized_without_order",
    "captured",
    "overpaid",
    "paid_after_end",
    "paid_not_confirmed",
    "paid_without_order",
    "sent_without_capture",
    "sold_unpaid",
    "stuck_hold",
]
MENDED = [
    "authorized_without_order",
    "paid_after_end",
    "paid_without_order",
    "sent_without_capture",
    "stuck_hold",
]


def test_each_kind_of_drift_is_found_and_without_fix_nothing_is_asked_for(shop):
    damage(shop)
    found = run(shop)
    assert kinds(found) == ALL
    assert (found.found, found.fixed) == (len(ALL), 0)
    assert {one[0] for one in shop.asked} == {"find_drift"}


def test_what_is_safe_is_mended(shop):
    damage(shop)
    found = run(shop, fix=True)
    assert kinds(found) == ALL
    assert sorted(found.drifts.filter(is_fixed=True).values_list("kind", flat=True)) == MENDED
    asked = sorted(one[0] for one in shop.asked if one[0] != "find_drift")
    assert asked == ["cancel_payment", "capture_payment", "refund_order", "refund_order", "release_hold"]
    assert all(one[2] is True for one in shop.asked if one[0] == "find_drift")


def test_the_same_abandoned_money_goes_back_under_one_reference(shop):
    shop.payments.append(two_days_old(a_payment(new_id(), 500)))
    before = list(shop.payments)
    run(shop, fix=True)
    shop.payments = before
    run(shop, fix=True)
    references = [one[2] for one in shop.asked if one[0] == "refund_order"]
    assert len(references) == 2
    assert len(set(references)) == 1


def test_money_that_is_not_a_day_old_is_left_alone(shop):
    shop.payments.append(a_payment(new_id(), 500))
    found = run(shop, fix=True)
    assert list(found.drifts.values_list("kind", "is_safe", "is_fixed")) == [("paid_without_order", False, False)]


def test_what_cannot_be_mended_is_left_for_people(shop):
    shop.payments.append(two_days_old(a_payment(new_id(), 500)))
    shop.refuse["refund_order"] = RefundRefused()
    found = run(shop, fix=True)
    assert list(found.drifts.values_list("is_safe", "is_fixed")) == [(True, False)]


def test_of_other_times_and_providers_nothing_is_looked_at(shop):
    shop.payments.append(replace(a_payment(new_id(), 500), provider="stripe"))
    shop.payments.append(replace(a_payment(new_id(), 500), id=first_id(shop.since - timedelta(hours=1))))
    assert run(shop).found == 0


def test_a_run_that_ends_early_says_why(shop):
    shop.refuse["sandbox"] = Unavailable("Away.", dependency="sandbox")
    with pytest.raises(Unavailable):
        run(shop)
    ended = ReconcileRun.objects.get()
    assert ended.error.startswith("payments does not answer")
    assert ended.finished_at is not None


def test_the_nightly_run_takes_every_provider_that_is_there(shop):
    shop.refuse["stripe"] = Unavailable("Away.", dependency="stripe")
    shop.refuse["paypal"] = ProviderNotAvailable(provider="paypal")
    assert [one.provider for one in reconcile_all(fix=True)] == ["sandbox"]
    assert sorted(ReconcileRun.objects.values_list("provider", flat=True)) == ["sandbox", "stripe"]


def command(shop, *arguments):
    out = StringIO()
    code = 0
    try:
        call_command(
            "reconcile",
            "--provider=sandbox",
            f"--from={shop.since.isoformat()}",
            f"--to={shop.until.isoformat()}",
            *arguments,
            stdout=out,
        )
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue()


def test_the_command_says_what_is_left_by_its_exit_status(shop):
    assert command(shop) == (0, f"No drift.\n{10 * (HOURS + 1)} checked, 0 found, 0 mended.\n")
    damage(shop)
    code, text = command(shop)
    assert code == 1
    assert "stuck_hold" in text
    shop.payments, shop.orders, shop.holds = [two_days_old(a_payment(new_id(), 500))], [], []
    assert command(shop, "--fix")[0] == 0


def test_the_command_answers_in_json_and_csv(shop):
    shop.payments.append(a_payment(new_id(), 500))
    code, text = command(shop, "--format=json")
    answer = json.loads(text)
    assert (code, answer["found"], answer["drifts"][0]["kind"]) == (1, 1, "paid_without_order")
    assert command(shop, "--format=csv")[1].splitlines()[1].startswith("paid_without_order,")


def test_the_command_refuses_a_period_that_is_none(shop):
    with pytest.raises(CommandError) as refusal:
        call_command("reconcile", "--provider=sandbox", "--from=2026-11-02", "--to=2026-11-01")
    assert refusal.value.returncode == 2
    shop.refuse["sandbox"] = ProviderNotAvailable(provider="sandbox")
    with pytest.raises(CommandError) as refusal:
        command(shop)
    assert refusal.value.returncode == 2


def test_of_a_run_that_finds_thousands_a_thousand_are_kept(shop):
    shop.pages[1] = [Drift(kind=DriftKind.MISSING_HERE, reference=f"pi_{n}", here="", there="") for n in range(1200)]
    found = run(shop)
    assert (found.found, FoundDrift.objects.count()) == (1200, 1000)
