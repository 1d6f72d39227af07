"""A payment by Stripe from beginning to end: the shop's own functions and addresses, with the fake behind them."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments.contracts import CancelOutcome, Payment, PaymentStatus, ProviderUnreachable
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.records import get_payment
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.starting import start_payment
from modules.payments.models import Attempt, ProviderEvent
from modules.payments.tests.factories import books, eur, make_steps_due, run_steps, start_arguments
from tests.fakes.stripe import Fault, StripeServer

pytestmark = pytest.mark.django_db

CLEARING = "provider:stripe:clearing"
INTENTS = "/v1/payment_intents"


def begun(**given: Any) -> Payment:
    return start_payment(**start_arguments(provider="stripe", **{"method": None, **given}))


def take(headers: dict[str, str], body: bytes) -> int:
    """The shop's address for Stripe's events."""
    content_type = headers.pop("Content-Type")
    raw = cast(Any, body)
    answer = APIClient().generic("POST", "/api/v1/payments/webhooks/stripe/", raw, content_type, headers=headers)
    return answer.status_code


def hear(server: StripeServer, order: Callable[[list[Any]], Sequence[Any]] = list, times: int = 1) -> None:
    """All events come, and what they lead to is done."""
    assert set(server.events.deliver(take, order=order, times=times)) <= {200}
    run_steps()


def paid(server: StripeServer, method: str = "pm_card_visa") -> Payment:
    payment = begun()
    assert payment.client_secret is not None
    server.browser.confirm(payment.client_secret, method)
    hear(server)
    return get_payment(payment_id=payment.id)


def test_a_buyer_pays_in_his_browser_and_the_webhook_tells(server: StripeServer) -> None:
    payment = begun()
    assert (payment.status, payment.next_action) == (PaymentStatus.REQUIRES_ACTION, None)
    assert payment.client_secret is not None
    assert payment.client_secret == server.objects("payment_intent")[0]["client_secret"]
    server.browser.confirm(payment.client_secret, "pm_card_visa")

    hear(server)

    after = get_payment(payment_id=payment.id)
    assert (after.status, after.captured, after.client_secret) == (PaymentStatus.CAPTURED, eur(3000), None)
    assert books() == {CLEARING: 2930, "fees": 70, "customer_deposits": -3000}


@pytest.mark.parametrize("order", [list, lambda events: events[::-1]])
def test_events_twice_and_in_any_order_make_no_difference(
    server: StripeServer, order: Callable[[list[Any]], Sequence[Any]]
) -> None:
    payment = begun()
    server.browser.confirm(payment.client_secret or "", "pm_card_visa_chargeDeclined")
    server.browser.confirm(payment.client_secret or "", "pm_card_createDispute")

    hear(server, order, times=2)

    assert get_payment(payment_id=payment.id).status == PaymentStatus.CAPTURED
    # 3000 and its fee, less what the bank took back and its fee.
    assert books() == {CLEARING: -2070, "fees": 2070, "disputes": 3000, "customer_deposits": -3000}
    assert not ProviderEvent.objects.filter(handled_at=None).exists()


def test_a_decline_is_told_at_once_when_the_shop_confirms(server: StripeServer) -> None:
    payment = begun(method="pm_card_visa_chargeDeclinedInsufficientFunds")

    assert payment.status == PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code == "insufficient_funds"
    assert books() == {}


def test_money_goes_back_and_the_bank_sends_it_again(server: StripeServer) -> None:
    payment = paid(server)
    [after] = refund_order(
        order_id=payment.order_id, purpose="order", reference=new_id(), amount=eur(1000), split=None, reason=""
    )
    assert (after.status, after.refunded) == (PaymentStatus.PARTIALLY_REFUNDED, eur(1000))
    assert books() == {CLEARING: 1930, "fees": 70, "customer_deposits": -2000}

    server.refunds.fail(server.objects("refund")[0]["id"])
    hear(server)

    assert get_payment(payment_id=payment.id).refunded == eur(0)
    assert books() == {CLEARING: 2930, "fees": 70, "customer_deposits": -3000}


def test_a_dispute_that_is_won(server: StripeServer) -> None:
    payment = paid(server, "pm_card_createDispute")
    assert books()["disputes"] == 3000

    server.disputes.close(server.objects("dispute")[0]["id"], won=True, fee_returned=True)
    hear(server)

    assert get_payment(payment_id=payment.id).status == PaymentStatus.CAPTURED
    assert books() == {CLEARING: 2930, "fees": 70, "customer_deposits": -3000}


def test_a_checkout_whose_answer_was_lost_finds_its_payment_again(server: StripeServer) -> None:
    arguments = start_arguments(provider="stripe", method="pm_card_visa")
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        start_payment(**arguments)

    assert start_payment(**arguments).status == PaymentStatus.CAPTURED
    assert len(server.objects("charge")) == 1


def test_a_checkout_whose_answer_was_lost_hears_of_it_by_webhook(server: StripeServer) -> None:
    arguments = start_arguments(provider="stripe", method="pm_card_visa")
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        start_payment(**arguments)

    hear(server)

    assert start_payment(**arguments).status == PaymentStatus.CAPTURED


@pytest.mark.parametrize(
    ("method", "outcome"), [(None, CancelOutcome.CANCELLED), ("pm_card_visa", CancelOutcome.CAPTURED)]
)
def test_undoing_a_checkout_whose_answer_was_lost(
    server: StripeServer, method: str | None, outcome: CancelOutcome
) -> None:
    arguments = start_arguments(provider="stripe", method=method)
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        start_payment(**arguments)

    assert cancel_payment(order_id=arguments["order_id"], purpose="order") == outcome
    assert [intent["status"] for intent in server.objects("payment_intent")] == ["succeeded" if method else "canceled"]


def test_a_checkout_that_never_reached_stripe_is_undone_without_it(server: StripeServer) -> None:
    arguments = start_arguments(provider="stripe", method=None)
    with server.down():
        with pytest.raises(ProviderUnreachable):
            start_payment(**arguments)
        assert cancel_payment(order_id=arguments["order_id"], purpose="order") == CancelOutcome.CANCELLED


def test_an_event_that_is_quicker_than_our_own_commit_is_matched_later(server: StripeServer) -> None:
    payment = begun()
    Attempt.objects.update(provider_reference="")
    server.browser.confirm(payment.client_secret or "", "pm_card_visa")
    (succeeded,) = server.events.pending("payment_intent.succeeded")
    headers, body = server.events.signed(succeeded)

    assert take(headers, body) == 200
    make_steps_due()

    assert get_payment(payment_id=payment.id).status == PaymentStatus.CAPTURED
