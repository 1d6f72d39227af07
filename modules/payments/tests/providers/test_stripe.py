"""What is Stripe's own: methods, declines, 3-D Secure, debits, disputes, the balance, what went wrong on the way."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_capability_id, new_id
from ecommerce.kernel.money import Money
from modules.payments.contracts import Failure, MethodNotAvailable, ProviderUnreachable
from modules.payments.logic.providers import breakers, configured_providers, stripe_beginning, stripe_client
from modules.payments.logic.providers.base import Charge, Observed, Payout, Provider
from modules.payments.logic.providers.saving import SavesMethods
from modules.payments.logic.providers.stripe import Stripe
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus
from modules.payments.tests.providers.subjects import new_charge
from tests.fakes.stripe import Fault, StripeServer

INTENTS = "/v1/payment_intents"
CARD = "pm_card_visa"
DAY = 24 * 3600


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def begun(**different: object) -> tuple[Charge, Observed]:
    charge = new_charge(**different)
    observed = Stripe().create(charge)
    return replace(charge, reference=observed.reference), observed


def paid(method: str = CARD, **different: object) -> Charge:
    charge, _ = begun(method=method, **different)
    return charge


def fetched(charge: Charge) -> Observed:
    observed = Stripe().fetch(charge)
    assert observed is not None
    return observed


def test_it_is_a_provider_that_saves_methods() -> None:
    def name_of(provider: Provider, saving: SavesMethods) -> tuple[str, bool]:
        return provider.name, callable(saving.list_saved)

    assert name_of(Stripe(), Stripe()) == ("stripe", True)


def test_it_is_offered_where_its_keys_are_set(server: StripeServer, settings) -> None:
    assert [provider.name for provider in configured_providers() if provider.name == "stripe"] == ["stripe"]
    assert (Stripe().public_key, Stripe().methods) == ("pk_test_fake", ())
    assert Stripe().dashboard == "https://dashboard.stripe.com/test/payments/{reference}"

    settings.STRIPE_SECRET_KEY = "sk_live_another"
    assert Stripe().dashboard == "https://dashboard.stripe.com/payments/{reference}"
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert [provider.name for provider in configured_providers() if provider.name == "stripe"] == []


def test_methods_are_stripes_own_names() -> None:
    assert (Stripe().method_for(None), Stripe().method_for(CARD)) == ("", CARD)
    for wrong in ("4242424242424242", "sandbox_ok", "pm_", "pm_a/../b", "pm_" + "x" * 58):
        with pytest.raises(MethodNotAvailable):
            Stripe().method_for(wrong)


def test_without_a_method_the_browser_goes_on_by_the_client_secret(server: StripeServer) -> None:
    charge, observed = begun(customer=Stripe().create_customer(new_id()))

    assert (observed.status, observed.next_action, observed.failure) == (AttemptStatus.REQUIRES_ACTION, None, None)
    (intent,) = server.objects("payment_intent")
    assert intent["client_secret"] == observed.client_secret
    assert intent["metadata"] == {
        "attempt_id": str(charge.attempt_id),
        "payment_id": str(charge.payment_id),
        "order_id": str(charge.order_id),
    }
    assert (intent["capture_method"], intent["customer"]) == ("automatic", charge.customer)


def test_with_a_method_it_is_paid_at_once(server: StripeServer) -> None:
    _, observed = begun(method=CARD)

    assert (observed.status, observed.captured_minor, observed.amount) == (AttemptStatus.CAPTURED, 2000, euros(2000))
    (move,) = observed.moves
    assert (move.moved_minor, move.settled_minor, move.fee_minor, move.currency) == (2000, 2000, 55, "EUR")


def test_what_was_paid_is_read_in_one_request(server: StripeServer) -> None:
    charge = paid()
    before = len(server.requests)

    fetched(charge)

    assert server.requests[before:] == [("GET", f"{INTENTS}/{charge.reference}")]


@pytest.mark.parametrize(
    ("method", "code", "message"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline", "Your card was declined."),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds", "Your card has insufficient funds."),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "Your card has expired."),
    ],
)
def test_a_decline_is_an_answer(server: StripeServer, method: str, code: str, message: str) -> None:
    charge, observed = begun(method=method)

    assert (observed.status, observed.failure) == (AttemptStatus.FAILED, Failure(code=code, message=message))
    assert (observed.captured_minor, bool(observed.client_secret)) == (0, True)
    assert Stripe().create(replace(charge, reference="")) == observed == fetched(charge)
    assert len(server.objects("payment_intent")) == 1


def test_a_declined_charge_is_paid_by_another_card(server: StripeServer) -> None:
    charge = paid("pm_card_visa_chargeDeclined")
    assert Stripe().confirm(charge, "pm_card_visa_chargeDeclined").status == AttemptStatus.FAILED

    observed = Stripe().confirm(charge, CARD)

    assert (observed.status, observed.captured_minor, observed.failure) == (AttemptStatus.CAPTURED, 2000, None)


def test_a_kept_decline_does_not_hide_that_the_buyer_paid_since(server: StripeServer) -> None:
    charge, declined = begun(method="pm_card_visa_chargeDeclined")
    server.browser.confirm(declined.client_secret, CARD)

    assert Stripe().create(replace(charge, reference="")).status == AttemptStatus.CAPTURED


@pytest.mark.parametrize(
    ("succeeds", "status", "failure"),
    [
        (True, AttemptStatus.CAPTURED, None),
        (False, AttemptStatus.FAILED, "payment_intent_authentication_failure"),
    ],
)
def test_three_d_secure_by_redirect(
    server: StripeServer, succeeds: bool, status: AttemptStatus, failure: str | None
) -> None:
    charge, observed = begun(method="pm_card_threeDSecure2Required")
    assert observed.status == AttemptStatus.REQUIRES_ACTION
    assert observed.next_action == {
        "type": "redirect",
        "url": f"https://hooks.example/redirect/{observed.reference}",
    }

    server.browser.authenticate(observed.client_secret, succeeds=succeeds)
    observed = Stripe().confirm(charge, None)

    assert (observed.status, observed.failure and observed.failure.code) == (status, failure)


def test_three_d_secure_in_the_page(server: StripeServer) -> None:
    charge, observed = begun()
    server.browser.confirm(observed.client_secret, "pm_card_threeDSecure2Required")

    observed = fetched(charge)

    assert observed.next_action == {"type": "use_stripe_sdk", "url": "https://shop.example/back"}


def test_a_method_is_not_taken_while_the_bank_asks_the_buyer(server: StripeServer) -> None:
    charge, _ = begun(method="pm_card_threeDSecure2Required")

    assert Stripe().confirm(charge, CARD).status == AttemptStatus.REQUIRES_ACTION
    assert ("POST", f"{INTENTS}/{charge.reference}/confirm") not in server.requests


def test_a_method_unknown_to_stripe(server: StripeServer) -> None:
    charge, observed = begun(method="pm_nobodys")
    assert (observed.reference, observed.status) == ("", AttemptStatus.FAILED)
    assert observed.failure is not None
    assert observed.failure.code == "resource_missing"
    assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED

    charge, _ = begun()
    with pytest.raises(MethodNotAvailable):
        Stripe().confirm(charge, "pm_nobodys")
    assert fetched(charge).status == AttemptStatus.REQUIRES_ACTION


def test_an_amount_that_stripe_does_not_charge_is_refused(server: StripeServer) -> None:
    for amount, code in ((Money(minor=5124, currency="KWD"), "amount_not_chargeable"), (euros(3), "amount_too_small")):
        charge, observed = begun(amount=amount)
        assert (observed.status, observed.failure and observed.failure.code) == (AttemptStatus.FAILED, code)
        assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED
    assert server.objects("payment_intent") == []


def test_special_currencies_go_there_and_back(server: StripeServer) -> None:
    charge = paid(amount=Money(minor=700, currency="ISK"))

    observed = Stripe().refund(charge, new_id(), Money(minor=200, currency="ISK"))

    assert server.objects("payment_intent")[0]["amount"] == 70_000
    assert (observed.amount, observed.captured_minor) == (Money(minor=700, currency="ISK"), 700)
    assert [refund.amount_minor for refund in observed.refunds] == [200]


@pytest.mark.parametrize(("ends", "status"), [("settle", AttemptStatus.CAPTURED), ("refuse", AttemptStatus.FAILED)])
def test_a_debit_is_processing_for_days(server: StripeServer, ends: str, status: AttemptStatus) -> None:
    charge, observed = begun(method="pm_sepaDebit")
    assert observed.status == AttemptStatus.PROCESSING
    assert Stripe().cancel(charge).status == AttemptStatus.PROCESSING

    getattr(server.bank, ends)(charge.reference)

    assert fetched(charge).status == status
    expected = AttemptStatus.CAPTURED if ends == "settle" else AttemptStatus.CANCELLED
    assert Stripe().cancel(charge).status == expected


def test_an_authorisation_says_when_it_lapses(server: StripeServer) -> None:
    charge, observed = begun(method=CARD, captures_later=True)
    assert observed.authorized_minor == 2000
    assert observed.capture_before is not None
    assert abs(observed.capture_before - clock.now() - timedelta(days=7)) < timedelta(minutes=1)

    server.clock.advance(7 * DAY + 5)

    observed = fetched(charge)
    assert (observed.status, observed.authorized_minor, observed.refunds) == (AttemptStatus.CANCELLED, 0, ())


def test_more_than_is_authorised_is_not_captured(server: StripeServer) -> None:
    charge = paid(captures_later=True)

    observed = Stripe().capture(charge, new_id(), euros(2001))

    assert (observed.status, observed.captured_minor) == (AttemptStatus.AUTHORIZED, 0)


def test_a_refund_that_waits_and_then_fails(server: StripeServer) -> None:
    charge, refund_id = paid(), new_id()
    server.refunds.next_one_pends()
    (refund,) = Stripe().refund(charge, refund_id, euros(500)).refunds
    assert refund.status == RefundStatus.PENDING

    server.refunds.fail(refund.reference)

    observed = fetched(charge)
    assert [(refund.refund_id, refund.status) for refund in observed.refunds] == [(refund_id, RefundStatus.FAILED)]
    assert [move.moved_minor for move in observed.moves] == [2000, -500, 500]


def test_a_refund_made_at_stripe_is_seen(server: StripeServer) -> None:
    charge = paid()
    stripe_client.api().refunds.create({"payment_intent": charge.reference, "amount": 300})

    (refund,) = fetched(charge).refunds

    assert (refund.refund_id, refund.status, refund.amount_minor) == (None, RefundStatus.SUCCEEDED, 300)


def test_many_refunds_are_all_read(server: StripeServer) -> None:
    charge = paid(amount=euros(100_000))
    for _ in range(12):
        Stripe().refund(charge, new_id(), euros(100))

    assert [refund.amount_minor for refund in fetched(charge).refunds] == [100] * 12


def test_a_refund_is_not_repeated_when_its_key_is_forgotten(server: StripeServer) -> None:
    charge, refund_id = paid(), new_id()
    Stripe().refund(charge, refund_id, euros(500))
    server.clock.advance(2 * DAY)

    assert len(Stripe().refund(charge, refund_id, euros(500)).refunds) == 1


def test_a_refund_before_anything_was_paid_is_refused(server: StripeServer) -> None:
    charge, _ = begun()
    refund_id = new_id()

    (refused,) = Stripe().refund(charge, refund_id, euros(500)).refunds

    assert (refused.reference, refused.status) == (f"refused_{refund_id}", RefundStatus.FAILED)


def test_a_dispute_from_opening_to_its_end(server: StripeServer) -> None:
    charge = paid("pm_card_createDispute")
    (dispute,) = fetched(charge).disputes
    assert (dispute.status, dispute.reason) == (DisputeStatus.NEEDS_RESPONSE, "fraudulent")
    assert (dispute.amount_minor, dispute.withdrawn_minor, dispute.reinstated_minor) == (2000, 2000, 0)
    assert dispute.evidence_due_at is not None

    server.disputes.answer(dispute.reference)
    assert fetched(charge).disputes[0].status == DisputeStatus.UNDER_REVIEW
    server.disputes.close(dispute.reference, won=True, fee_returned=True)

    observed = fetched(charge)
    (dispute,) = observed.disputes
    assert (dispute.status, dispute.withdrawn_minor, dispute.reinstated_minor) == (DisputeStatus.WON, 2000, 2000)
    assert [(move.moved_minor, move.fee_minor) for move in observed.moves] == [(2000, 55), (-2000, 2000), (2000, -2000)]
    assert observed.status == AttemptStatus.CAPTURED


def test_an_inquiry_takes_nothing(server: StripeServer) -> None:
    charge = paid("pm_card_createDisputeInquiry")
    (dispute,) = fetched(charge).disputes
    assert (dispute.status, dispute.withdrawn_minor) == (DisputeStatus.INQUIRY, 0)

    server.disputes.close(dispute.reference, won=False)

    assert fetched(charge).disputes[0].status == DisputeStatus.CLOSED


def test_a_lost_dispute(server: StripeServer) -> None:
    charge = paid("pm_card_createDispute")
    server.disputes.close(fetched(charge).disputes[0].reference, won=False)

    (dispute,) = fetched(charge).disputes

    assert (dispute.status, dispute.withdrawn_minor, dispute.reinstated_minor) == (DisputeStatus.LOST, 2000, 0)


def test_a_balance_in_another_currency(server: StripeServer) -> None:
    server.balance.settle_in("usd", rate="1.1")
    charge = paid("pm_card_createDisputeInquiry")
    Stripe().refund(charge, new_id(), euros(500))
    server.disputes.escalate(fetched(charge).disputes[0].reference)

    observed = fetched(charge)

    moves = [(move.moved_minor, move.settled_minor, move.fee_minor, move.currency) for move in observed.moves]
    assert moves == [(2000, 2200, 58, "USD"), (-500, -550, 0, "USD"), (-2000, -2200, 2000, "USD")]
    assert observed.disputes[0].withdrawn_minor == 2000


def test_nobody_at_the_door_is_told_from_no_answer(server: StripeServer) -> None:
    charge = new_charge()
    with server.down(), pytest.raises(ProviderUnreachable):
        Stripe().create(charge)
    for how in (Fault.DROPPED_BEFORE, Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.DROPPED_AFTER):
        breakers.reset()
        server.fail_next("POST", INTENTS, how)
        with pytest.raises(Unavailable) as caught:
            Stripe().create(charge)
        assert type(caught.value) is Unavailable
        assert caught.value.details == {"dependency": "stripe"}
    assert Stripe().create(charge).status == AttemptStatus.REQUIRES_ACTION
    assert len(server.objects("payment_intent")) == 1


@pytest.mark.parametrize("method", ["pm_card_createDispute", "pm_card_visa_chargeDeclined"])
def test_what_was_asked_is_not_said_to_be_unsent_when_stripe_goes_away(server: StripeServer, method: str) -> None:
    """A payment is called off without Stripe where nothing was asked, so that must be true."""
    server.fail_next("POST", INTENTS, Fault.LAST_WORDS)
    charge = new_charge(method=method)

    with pytest.raises(Unavailable) as caught:
        Stripe().create(charge)

    assert type(caught.value) is Unavailable
    server.come_back()
    assert Stripe().create(charge) == Stripe().fetch(charge)


def test_a_capture_or_refund_is_not_said_to_be_unsent_when_stripe_goes_away(server: StripeServer) -> None:
    charge, capture_id, refund_id = paid(captures_later=True), new_id(), new_id()
    capture = partial(Stripe().capture, charge, capture_id, euros(1500))
    refund = partial(Stripe().refund, charge, refund_id, euros(500))
    for path, ask in ((f"{INTENTS}/*/capture", capture), ("/v1/refunds", refund)):
        server.fail_next("POST", path, Fault.LAST_WORDS)
        with pytest.raises(Unavailable) as caught:
            ask()
        assert type(caught.value) is Unavailable
        server.come_back()
        assert ask().captured_minor == 1500
    assert [refund.amount_minor for refund in fetched(charge).refunds] == [500]


def test_an_answer_that_takes_too_long(server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_client, "ANSWER_SECONDS", 0.3)
    charge = new_charge(method=CARD)
    server.fail_next("POST", INTENTS, Fault.TIMEOUT_AFTER)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    assert fetched(charge).captured_minor == 2000


def test_a_second_request_under_way_is_no_answer(server: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_client, "ANSWER_SECONDS", 0.2)
    server.slow_down(0.8)
    charge = new_charge(method=CARD)
    for ask in (Stripe().create, Stripe().create):
        with pytest.raises(Unavailable):
            ask(charge)
    assert server.objects("payment_intent") == []


def test_a_breaker_leaves_stripe_alone_when_it_does_not_answer(server: StripeServer) -> None:
    server.fail_next("GET", INTENTS, Fault.UNAVAILABLE, times=5)
    for _ in range(5):
        with pytest.raises(Unavailable):
            Stripe().fetch(new_charge())
    before = len(server.requests)

    with pytest.raises(ProviderUnreachable):
        Stripe().fetch(new_charge())

    assert len(server.requests) == before


@pytest.mark.parametrize("method", ["", CARD])
def test_a_failure_that_the_key_keeps_blocks_nothing(server: StripeServer, method: str) -> None:
    """A 500 is Stripe's answer under that key for a day."""
    server.fail_next("POST", INTENTS, Fault.SERVER_ERROR)
    charge = new_charge(method=method)
    for _ in range(2):
        with pytest.raises(Unavailable):
            Stripe().create(charge)

    assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED

    assert server.objects("payment_intent") == []


def test_what_a_kept_failure_has_done_all_the_same_is_found(server: StripeServer) -> None:
    server.fail_next("POST", INTENTS, Fault.SERVER_ERROR_AFTER)
    charge = new_charge(method=CARD)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    assert Stripe().create(charge).captured_minor == 2000
    assert Stripe().cancel(charge).captured_minor == 2000


def test_a_capture_whose_key_keeps_a_failure(server: StripeServer) -> None:
    charge, capture_id = paid(captures_later=True), new_id()
    server.fail_next("POST", f"{INTENTS}/*/capture", Fault.SERVER_ERROR)
    with pytest.raises(Unavailable):
        Stripe().capture(charge, capture_id, euros(1500))

    assert Stripe().capture(charge, capture_id, euros(1500)).captured_minor == 1500


def test_a_paid_charge_whose_answer_was_lost_is_reported_when_called_off(server: StripeServer) -> None:
    charge = new_charge(method=CARD)
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    observed = Stripe().cancel(charge)

    assert (observed.status, observed.captured_minor) == (AttemptStatus.CAPTURED, 2000)
    assert len(server.objects("payment_intent")) == len(server.objects("charge")) == 1


def test_an_authorised_charge_whose_answer_was_lost_is_let_go(server: StripeServer) -> None:
    charge = new_charge(method=CARD, captures_later=True)
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED
    assert [charge["amount_captured"] for charge in server.objects("charge")] == [0]


def test_calling_off_a_charge_that_never_came_does_not_charge_the_buyer(server: StripeServer) -> None:
    charge = new_charge(method=CARD)
    server.fail_next("POST", INTENTS, Fault.DROPPED_BEFORE)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED
    late = Stripe().create(charge)

    assert (late.status, late.captured_minor) == (AttemptStatus.CANCELLED, 0)
    assert server.objects("charge") == []


def test_a_declined_charge_whose_answer_was_lost_is_called_off(server: StripeServer) -> None:
    charge = new_charge(method="pm_card_visa_chargeDeclined")
    server.fail_next("POST", INTENTS, Fault.DROPPED_AFTER)
    with pytest.raises(Unavailable):
        Stripe().create(charge)

    assert Stripe().cancel(charge).status == AttemptStatus.CANCELLED
    assert [intent["status"] for intent in server.objects("payment_intent")] == ["canceled"]


def test_a_charge_whose_key_is_forgotten_is_looked_up_first(
    server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = new_charge(method=CARD)
    Stripe().create(charge)
    # As if a day had passed for both.
    server._desk.keys.kept.clear()
    monkeypatch.setattr(stripe_beginning, "KEYS_ARE_SURE_FOR", timedelta(0))

    assert Stripe().create(charge).captured_minor == 2000
    assert Stripe().cancel(charge).captured_minor == 2000
    assert len(server.objects("charge")) == 1


def test_an_attempt_is_found_among_many(server: StripeServer) -> None:
    charge, _ = begun(attempt_id=new_capability_id())
    for _ in range(101):
        stripe_client.api().payment_intents.create({"amount": 100, "currency": "eur"})

    assert fetched(replace(charge, reference="")).reference == charge.reference


def test_its_records_are_paged(server: StripeServer) -> None:
    mine = [paid().reference for _ in range(2)]
    for _ in range(100):
        stripe_client.api().payment_intents.create({"amount": 100, "currency": "eur"})
    since, until = clock.now() - timedelta(minutes=5), clock.now() + timedelta(minutes=1)

    first = Stripe().list_attempts(since, until, None)
    second = Stripe().list_attempts(since, until, first.cursor)

    assert (len(first.listed), len(second.listed), second.cursor) == (100, 2, None)
    assert {one.attempt_id for one in first.listed} == {None}
    assert [one.observed.reference for one in second.listed] == mine[::-1]
    assert Stripe().list_attempts(since - timedelta(hours=1), since, None).listed == ()


def test_payouts(server: StripeServer) -> None:
    arrived = int(clock.now().timestamp())
    reference = server.payouts.pay(5000, "eur", arrival_date=arrived)
    server.payouts.pay(5000, "eur", arrival_date=arrived - DAY)
    server.payouts.pay(5000, "eur", arrival_date=arrived, status="in_transit")

    found = list(Stripe().list_payouts(clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)))

    assert [(payout.reference, payout.amount) for payout in found] == [(reference, euros(5000))]
    assert isinstance(found[0], Payout)


def test_a_buyers_methods_are_kept_used_and_forgotten(server: StripeServer) -> None:
    user = new_id()
    customer, another = Stripe().create_customer(user), Stripe().create_customer(new_id())
    assert Stripe().create_customer(user) == customer != another

    server.browser.confirm(Stripe().begin_saving(customer), "pm_card_mastercard")
    (saved,) = Stripe().list_saved(customer)
    assert (saved.brand, saved.last4, saved.exp_month, saved.exp_year) == ("mastercard", "4444", 12, 2034)
    assert paid(saved.id, customer=customer).reference
    _, refused = begun(method=saved.id, customer=another)
    assert refused.status == AttemptStatus.FAILED

    Stripe().forget(another, saved.id)
    assert len(Stripe().list_saved(customer)) == 1
    for _ in range(2):
        Stripe().forget(customer, saved.id)
    assert Stripe().list_saved(customer) == []


def test_a_customer_is_forgotten(server: StripeServer) -> None:
    customer = Stripe().create_customer(new_id())

    for _ in range(2):
        Stripe().forget_customer(customer)
    Stripe().forget_customer("cus_nobody")

    assert server.objects("customer") == [{"id": customer, "object": "customer", "deleted": True}]


def test_a_wrong_key_is_said_without_saying_it(
    server: StripeServer, settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_" + "secret" * 5

    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as caught:
        Stripe().create(new_charge(method=CARD))

    assert "stripe_refuses_our_key" in caplog.text
    said = f"{caught.value!r} {caught.value.details} {caught.value.__cause__!r} {Stripe()!r} {caplog.text}"
    assert "secret" not in said
    assert "pm_card" not in said


def in_threads(*calls: Callable[[], Observed]) -> list[AttemptStatus | str]:
    """What each says when all are made at once."""

    def said(call: Callable[[], Observed]) -> AttemptStatus | str:
        try:
            return call().status
        except Unavailable as error:
            return error.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(said, calls))


def test_beginning_twice_at_once_charges_once(server: StripeServer) -> None:
    server.slow_down(0.2)
    charge = new_charge(method=CARD)

    answers = in_threads(*[lambda: Stripe().create(charge)] * 3)

    assert sorted(answers) == [AttemptStatus.CAPTURED, "unavailable", "unavailable"]
    assert len(server.objects("charge")) == 1


def test_confirming_twice_at_once_charges_once(server: StripeServer) -> None:
    charge, _ = begun()
    server.slow_down(0.2)

    answers = in_threads(*[lambda: Stripe().confirm(charge, CARD)] * 3)

    assert answers == [AttemptStatus.CAPTURED] * 3
    assert len(server.objects("charge")) == 1


def test_refunding_twice_at_once_refunds_once(server: StripeServer) -> None:
    charge, refund_id = paid(), new_id()
    server.slow_down(0.2)

    answers = in_threads(*[lambda: Stripe().refund(charge, refund_id, euros(500))] * 3)

    assert set(answers) <= {AttemptStatus.CAPTURED, "unavailable"}
    assert [refund["amount"] for refund in server.objects("refund")] == [500]


def test_calling_off_what_is_under_way_is_not_known_until_it_is_there(server: StripeServer) -> None:
    server.slow_down(0.3)
    charge = new_charge(method=CARD)

    assert in_threads(lambda: Stripe().create(charge), lambda: _later(Stripe().cancel, charge)) == [
        AttemptStatus.CAPTURED,
        "unavailable",
    ]
    assert Stripe().cancel(charge).status == AttemptStatus.CAPTURED
    assert len(server.objects("payment_intent")) == 1


def _later(call: Callable[[Charge], Observed], charge: Charge) -> Observed:
    time.sleep(0.1)
    return call(charge)
