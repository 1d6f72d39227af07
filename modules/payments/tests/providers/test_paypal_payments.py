"""Payments by PayPal from their start to their books: the adapter, and all that payments make of what it says."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.contracts import AmountNotChargeable, CancelOutcome, Payment, ProviderUnreachable, Split
from modules.payments.logic.authorizations import capture_payment, void_payment
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.records import get_row
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.retrying import confirm_payment, retry_payment
from modules.payments.logic.starting import start_payment
from modules.payments.tests.factories import books, eur, make_steps_due, run_steps, start_arguments, started
from modules.payments.tests.providers.paypal_world import paypal_shop
from tests.fakes.paypal import PayPalServer
from tests.fakes.paypal.webhooks import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def paypal() -> Iterator[PayPalServer]:
    with paypal_shop() as paypal:
        yield paypal


def by_paypal(**given: object) -> Payment:
    return started(provider="paypal", method=None, **given)


def order_of(payment: Payment) -> str:
    """The order at PayPal that a payment's last attempt is about."""
    return models.Attempt.objects.filter(payment_id=payment.id).order_by("-number")[0].provider_reference


def deliver(paypal: PayPalServer, events: Iterable[Event] | None = None) -> None:
    """PayPal posts events to the shop, all that there are unless told otherwise; then the shop follows them up."""
    client = Client()
    for event in list(paypal.webhooks.events if events is None else events):
        headers = {k: v for k, v in paypal.webhooks.headers(event).items() if k != "Content-Type"}
        path = "/api/v1/payments/webhooks/paypal/"
        answer = client.post(path, data=event.body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
    run_steps()


def state(payment: Payment) -> tuple[str, int, int]:
    row = models.Payment.objects.get(pk=payment.id)
    return row.status, row.captured_minor, row.refunded_minor


def test_a_buyer_approves_comes_back_and_has_paid(paypal):
    payment = by_paypal()
    assert payment.status == "requires_action"
    assert payment.next_action == {
        "type": "redirect",
        "url": f"{paypal.base_url}/checkoutnow?token={order_of(payment)}",
    }
    back = paypal.buyer.approve(order_of(payment))
    assert f"/payments/{payment.id}/return/" in back
    assert confirm_payment(payment_id=payment.id).status == "captured"
    assert books()["provider:paypal:clearing"] == 3000 - 125
    assert books()["fees"] == 125


def test_a_buyer_who_closes_his_window_after_approving_has_paid_all_the_same(paypal):
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    deliver(paypal)
    assert state(payment) == ("captured", 3000, 0)


def test_events_twice_and_in_the_wrong_order_change_nothing(paypal):
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    confirm_payment(payment_id=payment.id)
    before = (state(payment), books())
    deliver(paypal, [*reversed(paypal.webhooks.events), *paypal.webhooks.events])
    assert (state(payment), books()) == before
    assert models.ProviderEvent.objects.count() == 2


def test_after_a_decline_the_next_order_is_paid_and_the_declined_one_never(paypal):
    payment = by_paypal()
    declined = order_of(payment)
    paypal.buyer.approve(declined)
    paypal.buyer.funding_fails(declined)
    failed = confirm_payment(payment_id=payment.id)
    assert (failed.status, failed.failure and failed.failure.code) == ("failed", "instrument_declined")
    again = retry_payment(payment_id=payment.id)
    assert (again.status, order_of(again) == declined) == ("requires_action", False)
    # The event about the first approval comes late, when its source would pay.
    deliver(paypal)
    assert paypal.capture_ids(declined) == []
    paypal.buyer.approve(order_of(again))
    deliver(paypal)
    assert state(payment) == ("captured", 3000, 0)
    assert paypal.capture_ids(declined) == []


def test_an_order_that_is_cancelled_is_never_paid_even_when_it_is_approved_afterwards(paypal):
    payment = by_paypal()
    assert cancel_payment(order_id=payment.order_id, purpose="order") == CancelOutcome.CANCELLED
    paypal.buyer.approve(order_of(payment))
    deliver(paypal)
    confirm_payment(payment_id=payment.id)
    assert state(payment) == ("cancelled", 0, 0)
    assert paypal.books.captures == {}


def test_a_held_capture_is_pending_until_paypal_says_that_it_came(paypal):
    paypal.bank.holds_captures = True
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    assert confirm_payment(payment_id=payment.id).status == "pending"
    paypal.complete_capture(paypal.capture_ids(order_of(payment))[0])
    deliver(paypal)
    assert state(payment) == ("captured", 3000, 0)


def test_authorised_money_is_taken_in_part(paypal):
    payment = by_paypal(captures_later=True)
    paypal.buyer.approve(order_of(payment))
    assert confirm_payment(payment_id=payment.id).status == "authorized"
    taken = capture_payment(order_id=payment.order_id, purpose="order", amount=eur(1000))
    assert (taken.status, taken.captured.minor) == ("captured", 1000)


def test_authorised_money_is_let_go(paypal):
    payment = by_paypal(captures_later=True)
    paypal.buyer.approve(order_of(payment))
    confirm_payment(payment_id=payment.id)
    assert void_payment(payment_id=payment.id).status == "cancelled"
    [authorization] = paypal.books.authorizations.values()
    assert authorization["status"] == "VOIDED"


def test_refunds_by_us_and_on_paypals_site_add_up(paypal):
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    confirm_payment(payment_id=payment.id)
    given: dict[str, Any] = {"split": None, "reason": "", "order_id": payment.order_id}
    refund_order(reference=payment.id, amount=eur(1000), **given)
    paypal.refund_by_hand(paypal.capture_ids(order_of(payment))[0], "5.00")
    deliver(paypal)
    assert state(payment) == ("partially_refunded", 3000, 1500)
    refund_order(reference=payment.order_id, amount=None, **given)
    assert state(payment) == ("refunded", 3000, 3000)


def test_a_refund_whose_answer_is_lost_is_made_once(paypal):
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    confirm_payment(payment_id=payment.id)
    paypal.failures.add("drop_after", "/refund")
    with pytest.raises(Unavailable):
        refund_order(order_id=payment.order_id, reference=payment.id, amount=eur(1000), split=None, reason="")
    make_steps_due()
    assert state(payment) == ("partially_refunded", 3000, 1000)
    assert len(paypal.books.refunds) == 1


def test_a_dispute_holds_the_money_and_winning_it_gives_it_back(paypal):
    payment = by_paypal()
    paypal.buyer.approve(order_of(payment))
    confirm_payment(payment_id=payment.id)
    before = books()
    dispute_id = paypal.open_dispute(paypal.capture_ids(order_of(payment))[0])
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        deliver(paypal)
        assert models.Payment.objects.get(pk=payment.id).disputed_minor == 3000
        assert books()["disputes"] == 3000
        paypal.resolve_dispute(dispute_id, "RESOLVED_SELLER_FAVOUR")
        deliver(paypal)
    assert models.Payment.objects.get(pk=payment.id).disputed_minor == 0
    assert books() == before


def test_what_was_never_sent_to_paypal_holds_nothing(paypal):
    paypal.refuse_connections()
    with pytest.raises(ProviderUnreachable):
        by_paypal()
    row = models.Payment.objects.get()
    assert cancel_payment(order_id=row.order_id, purpose="order") == CancelOutcome.CANCELLED


def test_a_start_whose_answer_was_lost_is_found_again(paypal):
    arguments = start_arguments(provider="paypal", method=None)
    paypal.failures.add("drop_after", "/orders")
    with pytest.raises(Unavailable):
        start_payment(**arguments)
    payment = start_payment(**arguments)
    assert [order_of(payment)] == list(paypal.books.orders)
    assert get_row(order_id=payment.order_id, purpose="order").status == "requires_action"


def test_a_currency_that_paypal_does_not_take_is_refused_and_can_be_cancelled(paypal):
    amount = Money.parse("30.00", "RON")
    arguments = start_arguments(provider="paypal", method=None, amount=amount, split=_all_sales(amount))
    with pytest.raises(AmountNotChargeable):
        start_payment(**arguments)
    assert cancel_payment(order_id=arguments["order_id"], purpose="order") == CancelOutcome.CANCELLED
    assert paypal.calls == []


def _all_sales(amount):
    nothing = Money.zero(amount.currency)
    return Split(sales=amount, tax=nothing, shipping=nothing)
