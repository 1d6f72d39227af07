"""PayPal collects, gives back, and is found again after every kind of failure. Against the fake in tests/fakes."""

import logging
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest
import time_machine

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments.contracts import Failure, MethodNotAvailable, ProviderUnreachable
from modules.payments.logic.providers import PROVIDERS, paypal_client
from modules.payments.logic.providers.base import Observed, ObservedMove, ObservedRefund
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus
from modules.payments.tests.providers.paypal_world import (
    PAYPAL,
    RETURN_URL,
    begun,
    euros,
    known,
    new_charge,
    paid,
    paypal_shop,
)
from tests.fakes.paypal import PayPalServer


@pytest.fixture(autouse=True)
def paypal() -> Iterator[PayPalServer]:
    with paypal_shop() as paypal:
        yield paypal


def posts(paypal: PayPalServer, ending: str) -> int:
    return len([path for method, path in paypal.calls if method == "POST" and path.endswith(ending)])


class TestConfigured:
    def test_it_is_offered_when_client_secret_and_webhook_are_set(self, settings):
        provider, is_configured = PROVIDERS["paypal"]
        assert (provider.public_key, provider.methods, is_configured()) == ("fake-client", (), True)
        settings.PAYPAL_WEBHOOK_ID = ""
        assert not is_configured()

    def test_it_knows_one_method(self):
        assert (PAYPAL.method_for(None), PAYPAL.method_for("paypal")) == ("paypal", "paypal")
        with pytest.raises(MethodNotAvailable):
            PAYPAL.method_for("card")


class TestPaying:
    def test_a_new_charge_sends_the_buyer_to_paypal(self, paypal):
        charge = new_charge()
        observed = PAYPAL.create(charge)
        assert observed == Observed(
            reference=observed.reference,
            status=AttemptStatus.REQUIRES_ACTION,
            amount=euros("19.90"),
            next_action={
                "type": "redirect",
                "url": f"{paypal.base_url}/checkoutnow?token={observed.reference}",
            },
        )
        order = paypal.books.orders[observed.reference]
        ours = str(charge.attempt_id)
        assert (order["intent"], order["unit"]["custom_id"], order["unit"]["invoice_id"]) == ("CAPTURE", ours, ours)
        assert order["context"]["return_url"] == order["context"]["cancel_url"] == RETURN_URL

    def test_creating_twice_makes_one_order(self, paypal):
        charge = new_charge()
        first, again = PAYPAL.create(charge), PAYPAL.create(charge)
        assert first == again == PAYPAL.create(known(charge, first))
        assert len(paypal.books.orders) == 1

    def test_a_refused_order_is_a_decline(self):
        observed = PAYPAL.create(new_charge(amount="0.00"))
        assert (observed.status, observed.reference) == (AttemptStatus.FAILED, "")
        assert observed.failure
        assert observed.failure.code == "cannot_be_zero_or_negative"

    def test_confirming_before_the_buyer_has_approved_takes_nothing(self, paypal):
        charge = begun()
        observed = PAYPAL.confirm(charge, None)
        assert observed.status == AttemptStatus.REQUIRES_ACTION
        assert observed.next_action
        assert observed.next_action["type"] == "redirect"
        assert posts(paypal, "/capture") == 0

    def test_an_approved_order_waits_to_be_confirmed(self, paypal):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        observed = PAYPAL.fetch(charge)
        assert observed
        assert (observed.status, observed.captured_minor) == (AttemptStatus.REQUIRES_ACTION, 0)
        assert observed.next_action == {"type": "confirm", "url": RETURN_URL}
        assert posts(paypal, "/capture") == 0

    def test_confirming_takes_the_money_once_however_often(self, paypal):
        charge = begun(amount="58.80")
        paypal.buyer.approve(charge.reference)
        first, again = PAYPAL.confirm(charge, None), PAYPAL.confirm(charge, None)
        [capture_id] = paypal.capture_ids(charge.reference)
        assert first == again == PAYPAL.fetch(charge)
        assert first == Observed(
            reference=charge.reference,
            status=AttemptStatus.CAPTURED,
            amount=euros("58.80"),
            captured_minor=5880,
            moves=(
                ObservedMove(reference=capture_id, moved_minor=5880, settled_minor=5880, fee_minor=211, currency="EUR"),
            ),
        )

    def test_two_who_confirm_at_once_take_the_money_once(self, paypal):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        seen: list[Observed] = []
        threads = [threading.Thread(target=lambda: seen.append(PAYPAL.confirm(charge, None))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {one.captured_minor for one in seen} == {1990}
        assert len(paypal.capture_ids(charge.reference)) == 1

    def test_a_declined_source_is_a_decline_and_the_next_attempt_is_another_order(self, paypal):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        paypal.buyer.funding_fails(charge.reference)
        observed = PAYPAL.confirm(charge, None)
        assert (observed.status, observed.captured_minor) == (AttemptStatus.FAILED, 0)
        assert observed.failure
        assert observed.failure.code == "instrument_declined"
        another = paid(paypal)
        assert another.reference != charge.reference
        assert paypal.capture_ids(charge.reference) == []

    def test_an_order_that_paypal_has_forgotten_is_failed(self, paypal):
        charge = begun()
        paypal.expire_order(charge.reference)
        expected = Failure(code="expired", message="The payment was not completed in time.")
        for observed in (PAYPAL.fetch(charge), PAYPAL.confirm(charge, None), PAYPAL.cancel(charge)):
            assert observed
            assert (observed.status, observed.failure) == (AttemptStatus.FAILED, expected)

    def test_confirming_what_was_never_answered_begins_it(self, paypal):
        charge = new_charge()
        observed = PAYPAL.confirm(charge, None)
        assert (observed.status, [observed.reference]) == (AttemptStatus.REQUIRES_ACTION, list(paypal.books.orders))

    def test_what_was_never_answered_is_unknown_to_fetch(self):
        assert PAYPAL.fetch(new_charge()) is None

    def test_a_held_capture_is_processing_until_it_is_known(self, paypal):
        paypal.bank.holds_captures = True
        charges = [paid(paypal), paid(paypal)]
        assert {PAYPAL.fetch(charge).status for charge in charges} == {AttemptStatus.PROCESSING}  # type: ignore[union-attr]  # known
        completed, denied = (paypal.capture_ids(charge.reference)[0] for charge in charges)
        paypal.complete_capture(completed)
        paypal.deny_capture(denied)
        statuses = [PAYPAL.fetch(charge).status for charge in charges]  # type: ignore[union-attr]  # as above
        assert statuses == [AttemptStatus.CAPTURED, AttemptStatus.FAILED]

    def test_a_second_paid_order_of_one_attempt_is_never_called_failed(self, paypal):
        charge = new_charge()
        first = known(charge, PAYPAL.create(charge))
        paypal.forget_request_ids()
        second = known(charge, PAYPAL.create(charge))
        paypal.buyer.approve(first.reference)
        paypal.buyer.approve(second.reference)
        assert PAYPAL.confirm(first, None).status == AttemptStatus.CAPTURED
        # Without the first capture's id, as when PayPal has forgotten that too.
        paypal.forget_request_ids()
        with pytest.raises(Unavailable):
            PAYPAL.confirm(second, None)
        assert paypal.capture_ids(second.reference) == []

    def test_a_balance_in_another_currency_is_told_with_what_came_there(self, paypal):
        paypal.bank.settles_in, paypal.bank.rate = "USD", Decimal("1.10")
        charge = paid(paypal, amount="100.00")
        [capture_id] = paypal.capture_ids(charge.reference)
        # The fee is 3.34 EUR, 3.67 USD; 96.66 EUR are left, 106.33 USD.
        assert PAYPAL.create(charge).moves == (
            ObservedMove(reference=capture_id, moved_minor=10000, settled_minor=11000, fee_minor=367, currency="USD"),
        )


class TestAuthorising:
    def authorized(self, paypal: PayPalServer):
        return paid(paypal, amount="50.00", captures_later=True)

    def test_it_is_authorised_until_its_end(self, paypal):
        charge = self.authorized(paypal)
        observed = PAYPAL.fetch(charge)
        assert observed
        [authorization] = paypal.books.authorizations.values()
        assert (observed.status, observed.authorized_minor, observed.captured_minor) == (
            AttemptStatus.AUTHORIZED,
            5000,
            0,
        )
        assert observed.capture_before
        assert observed.capture_before.strftime("%Y-%m-%dT%H:%M:%SZ") == authorization["expiration_time"]

    def test_a_part_is_captured_once_and_the_rest_let_go(self, paypal):
        charge, capture_id = self.authorized(paypal), new_id()
        observed = [PAYPAL.capture(charge, capture_id, euros("20.00")) for _ in range(2)][-1]
        assert (observed.status, observed.authorized_minor, observed.captured_minor) == (
            AttemptStatus.CAPTURED,
            0,
            2000,
        )
        assert PAYPAL.capture(charge, new_id(), euros("20.00")).captured_minor == 2000
        [authorization] = paypal.books.authorizations.values()
        assert authorization["status"] == "CAPTURED"

    def test_no_more_is_captured_than_was_authorised(self, paypal):
        charge = self.authorized(paypal)
        observed = PAYPAL.capture(charge, new_id(), euros("50.01"))
        assert (observed.status, observed.captured_minor) == (AttemptStatus.AUTHORIZED, 0)

    def test_a_capture_whose_answer_is_lost_is_found(self, paypal):
        charge, capture_id = self.authorized(paypal), new_id()
        paypal.failures.add("drop_after", "/capture")
        with pytest.raises(Unavailable):
            PAYPAL.capture(charge, capture_id, euros("20.00"))
        assert PAYPAL.capture(charge, capture_id, euros("20.00")).captured_minor == 2000
        assert len(paypal.capture_ids(charge.reference)) == 1

    def test_cancelling_lets_it_go(self, paypal):
        charge = self.authorized(paypal)
        assert PAYPAL.cancel(charge).status == AttemptStatus.CANCELLED
        [authorization] = paypal.books.authorizations.values()
        assert authorization["status"] == "VOIDED"
        assert PAYPAL.cancel(charge).status == AttemptStatus.CANCELLED
        assert PAYPAL.capture(charge, new_id(), euros("50.00")).status == AttemptStatus.CANCELLED
        assert paypal.books.captures == {}


class TestCancelling:
    def test_an_unpaid_order_is_cancelled_by_leaving_it_alone(self, paypal):
        charge = begun()
        observed = PAYPAL.cancel(charge)
        assert (observed.status, observed.reference) == (AttemptStatus.CANCELLED, charge.reference)
        assert observed.next_action is None
        paypal.buyer.approve(charge.reference)
        assert PAYPAL.cancel(charge).status == AttemptStatus.CANCELLED
        assert paypal.books.captures == {}

    def test_an_approved_order_that_was_cancelled_is_never_taken_however_late(self, paypal):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        assert PAYPAL.cancel(charge).status == AttemptStatus.CANCELLED
        for late in (PAYPAL.confirm(charge, None), PAYPAL.create(replace(charge, reference="")), PAYPAL.fetch(charge)):
            assert late
            assert (late.status, late.next_action) == (AttemptStatus.CANCELLED, None)
        assert posts(paypal, "/capture") == 0

    def test_money_that_came_in_the_moment_of_cancelling_is_told(self, paypal):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        PAYPAL.cancel(charge)
        # As if another process had asked just before the order was marked.
        paypal_client.ask("POST", f"/v2/checkout/orders/{charge.reference}/capture")
        event = paypal.webhooks.of_type("PAYMENT.CAPTURE.COMPLETED")
        notice = PAYPAL.verify_webhook(paypal.webhooks.headers(event), event.body)
        assert notice.attempt_id == charge.attempt_id
        fetched = PAYPAL.fetch(charge)
        assert fetched
        assert (fetched.status, fetched.captured_minor) == (AttemptStatus.CAPTURED, 1990)

    def test_an_order_whose_answer_was_lost_is_found_and_cancelled(self, paypal):
        charge = new_charge()
        paypal.failures.add("drop_after", "/orders")
        with pytest.raises(Unavailable):
            PAYPAL.create(charge)
        observed = PAYPAL.cancel(charge)
        assert (observed.status, [observed.reference]) == (AttemptStatus.CANCELLED, list(paypal.books.orders))

    def test_money_that_was_taken_stays_so(self, paypal):
        charge = paid(paypal)
        assert PAYPAL.cancel(charge).status == AttemptStatus.CAPTURED
        # Even where the shop lost the order's name.
        assert PAYPAL.cancel(replace(charge, reference="")).captured_minor == 1990

    def test_a_late_create_collects_nothing(self, paypal):
        charge = new_charge()
        cancelled = PAYPAL.cancel(charge)
        late = PAYPAL.create(charge)
        assert (late.status, late.reference) == (AttemptStatus.CANCELLED, cancelled.reference)
        # Though no buyer was ever sent there.
        paypal.buyer.approve(late.reference)
        assert PAYPAL.confirm(known(charge, late), None).status == AttemptStatus.CANCELLED
        assert paypal.books.captures == {}

    def test_a_charge_that_paypal_can_never_take_is_cancelled_without_asking(self, paypal):
        assert PAYPAL.cancel(new_charge(currency="RON")).status == AttemptStatus.CANCELLED
        assert paypal.calls == []


class TestRefunding:
    def test_parts_are_refunded_once_each(self, paypal):
        charge, first, second = paid(paypal), new_id(), new_id()
        for refund_id, amount in ((first, "5.00"), (first, "5.00"), (second, "14.90")):
            observed = PAYPAL.refund(charge, refund_id, euros(amount))
        assert [(one.refund_id, one.status, one.amount_minor) for one in observed.refunds] == [
            (first, RefundStatus.SUCCEEDED, 500),
            (second, RefundStatus.SUCCEEDED, 1490),
        ]
        assert observed.captured_minor == 1990
        assert [move.moved_minor for move in observed.moves] == [1990, -500, -1490]
        assert [move.fee_minor for move in observed.moves] == [95, 0, 0]

    def test_it_is_made_once_even_when_paypal_has_forgotten_the_request(self, paypal):
        charge, refund_id = paid(paypal), new_id()
        PAYPAL.refund(charge, refund_id, euros("5.00"))
        paypal.forget_request_ids()
        PAYPAL.refund(charge, refund_id, euros("5.00"))
        assert len(paypal.books.refunds) == 1

    def test_too_much_is_a_refund_that_failed(self, paypal):
        charge, refund_id = paid(paypal), new_id()
        observed = PAYPAL.refund(charge, refund_id, euros("19.91"))
        assert observed.refunds == (
            ObservedRefund(
                reference=f"refused_{refund_id}", refund_id=refund_id, status=RefundStatus.FAILED, amount_minor=1991
            ),
        )
        assert (observed.captured_minor, paypal.books.refunds) == (1990, {})

    def test_what_was_never_captured_is_not_refunded(self, paypal):
        observed = PAYPAL.refund(begun(), new_id(), euros("1.00"))
        assert [one.status for one in observed.refunds] == [RefundStatus.FAILED]
        assert posts(paypal, "/refund") == 0

    def test_a_refund_that_takes_its_time_ends_well_or_not(self, paypal):
        paypal.bank.holds_refunds = True
        charge, good, bad = paid(paypal), new_id(), new_id()
        for refund_id in (good, bad):
            observed = PAYPAL.refund(charge, refund_id, euros("5.00"))
        assert [one.status for one in observed.refunds] == [RefundStatus.PENDING] * 2
        paypal.complete_refund(observed.refunds[0].reference)
        paypal.fail_refund(observed.refunds[1].reference)
        fetched = PAYPAL.fetch(charge)
        assert fetched
        assert [one.status for one in fetched.refunds] == [RefundStatus.SUCCEEDED, RefundStatus.FAILED]

    def test_one_made_on_paypals_site_is_not_taken_for_ours(self, paypal):
        charge = paid(paypal)
        reference = paypal.refund_by_hand(paypal.capture_ids(charge.reference)[0], "3.00")
        fetched = PAYPAL.fetch(charge)
        assert fetched
        assert fetched.refunds == (
            ObservedRefund(reference=reference, refund_id=None, status=RefundStatus.SUCCEEDED, amount_minor=300),
        )

    def test_one_whose_answer_is_lost_is_found(self, paypal):
        charge, refund_id = paid(paypal), new_id()
        paypal.failures.add("drop_after", "/refund")
        with pytest.raises(Unavailable):
            PAYPAL.refund(charge, refund_id, euros("5.00"))
        observed = PAYPAL.refund(charge, refund_id, euros("5.00"))
        assert [(one.refund_id, one.amount_minor) for one in observed.refunds] == [(refund_id, 500)]
        assert len(paypal.books.refunds) == 1


class TestDisputes:
    def dispute(self, charge, *, after: timedelta = timedelta(minutes=2)):
        with time_machine.travel(clock.now() + after):
            observed = PAYPAL.fetch(charge)
        assert observed
        [found] = observed.disputes
        return found

    def test_a_dispute_takes_the_money_and_gives_it_back_when_it_is_won(self, paypal):
        charge = paid(paypal)
        dispute_id = paypal.open_dispute(paypal.capture_ids(charge.reference)[0])
        found = self.dispute(charge)
        assert (found.reference, found.status) == (dispute_id, DisputeStatus.NEEDS_RESPONSE)
        assert (found.amount_minor, found.withdrawn_minor, found.reinstated_minor) == (1990, 1990, 0)
        assert found.reason == "merchandise_or_service_not_received"
        assert found.evidence_due_at
        paypal.review_dispute(dispute_id)
        assert self.dispute(charge).status == DisputeStatus.UNDER_REVIEW
        paypal.resolve_dispute(dispute_id, "RESOLVED_SELLER_FAVOUR")
        found = self.dispute(charge)
        assert (found.status, found.withdrawn_minor, found.reinstated_minor) == (DisputeStatus.WON, 1990, 1990)

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [("RESOLVED_BUYER_FAVOUR", DisputeStatus.LOST), ("CANCELED_BY_BUYER", DisputeStatus.CLOSED)],
    )
    def test_an_inquiry_has_taken_nothing_until_it_is_lost(self, paypal, outcome, status):
        charge = paid(paypal)
        dispute_id = paypal.open_dispute(paypal.capture_ids(charge.reference)[0], stage="INQUIRY")
        found = self.dispute(charge)
        assert (found.status, found.withdrawn_minor) == (DisputeStatus.INQUIRY, 0)
        paypal.resolve_dispute(dispute_id, outcome)
        found = self.dispute(charge)
        assert (found.status, found.withdrawn_minor) == (status, 1990 if status == DisputeStatus.LOST else 0)

    def test_nobody_asks_for_disputes_of_a_payment_just_made(self, paypal):
        PAYPAL.fetch(paid(paypal))
        assert not any("disputes" in path for _, path in paypal.calls)

    def test_an_app_that_may_not_see_disputes_goes_on_without(self, paypal):
        charge = paid(paypal)
        paypal.books.account.may_see_disputes = False
        with time_machine.travel(clock.now() + timedelta(minutes=2)):
            observed = PAYPAL.fetch(charge)
        assert observed
        assert (observed.status, observed.disputes) == (AttemptStatus.CAPTURED, ())


class TestFailing:
    def test_an_order_whose_answer_was_lost_is_found_by_repeating(self, paypal):
        charge = new_charge()
        paypal.failures.add("drop_after", "/orders")
        with pytest.raises(Unavailable) as lost:
            PAYPAL.create(charge)
        assert not isinstance(lost.value, ProviderUnreachable)
        observed = PAYPAL.create(charge)
        assert list(paypal.books.orders) == [observed.reference]

    @pytest.mark.parametrize("how", ["drop_before", "drop_after", "429", "500", "500_after"])
    def test_a_capture_whose_outcome_is_unknown_is_repeated_until_it_is_known(self, paypal, how):
        charge = begun()
        paypal.buyer.approve(charge.reference)
        paypal.failures.add(how, "/capture")
        with pytest.raises(Unavailable) as lost:
            PAYPAL.confirm(charge, None)
        assert not isinstance(lost.value, ProviderUnreachable)
        assert PAYPAL.confirm(charge, None).captured_minor == 1990
        assert len(paypal.capture_ids(charge.reference)) == 1

    def test_an_answer_that_takes_too_long_is_unknown(self, paypal, monkeypatch):
        monkeypatch.setattr(paypal_client, "TIMEOUT", httpx2.Timeout(0.3))
        paypal.failures.add("hang_after", "/orders")
        with pytest.raises(Unavailable) as lost:
            PAYPAL.create(new_charge())
        assert not isinstance(lost.value, ProviderUnreachable)
        assert len(paypal.books.orders) == 1

    def test_a_refused_connection_was_never_sent(self, paypal):
        charge = begun()
        paypal.refuse_connections()
        with pytest.raises(ProviderUnreachable):
            PAYPAL.fetch(charge)
        paypal.accept_connections()
        assert PAYPAL.fetch(charge)

    def test_after_five_failures_paypal_is_left_alone(self, paypal):
        charge = begun()
        paypal.failures.add("500", "/orders", times=5)
        for _ in range(5):
            with pytest.raises(Unavailable):
                PAYPAL.fetch(charge)
        asked = len(paypal.calls)
        with pytest.raises(ProviderUnreachable):
            PAYPAL.fetch(charge)
        assert len(paypal.calls) == asked

    @pytest.mark.parametrize("how", ["429", "500", "drop_after"])
    def test_without_a_token_nothing_was_asked(self, paypal, how):
        paypal.failures.add(how, "/oauth2/token")
        with pytest.raises(ProviderUnreachable):
            PAYPAL.create(new_charge())
        assert paypal.books.orders == {}

    def test_a_token_that_has_ended_is_renewed_once(self, paypal):
        charge = begun()
        paypal.expire_tokens()
        assert PAYPAL.fetch(charge)
        assert posts(paypal, "/oauth2/token") == 2

    def test_many_who_find_no_token_ask_for_one(self, paypal):
        threads = [threading.Thread(target=PAYPAL.create, args=(new_charge(),)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(paypal.books.orders), posts(paypal, "/oauth2/token")) == (6, 1)

    def test_a_wrong_secret_is_never_shown(self, settings, caplog, paypal):
        settings.PAYPAL_CLIENT_SECRET = "do-not-show-this"
        caplog.set_level(logging.DEBUG)
        with pytest.raises(ProviderUnreachable) as refused:
            PAYPAL.create(new_charge())
        told = "".join(traceback.format_exception(refused.value)) + caplog.text + repr(paypal_client._connection)
        assert "do-not-show-this" not in told

    def test_a_token_is_never_shown(self, caplog, paypal):
        caplog.set_level(logging.DEBUG)
        charge = begun()
        paypal.failures.add("drop_before", "/orders")
        with pytest.raises(Unavailable) as lost:
            PAYPAL.fetch(charge)
        told = "".join(traceback.format_exception(lost.value)) + caplog.text + repr(paypal_client._connection)
        [token] = paypal.books.tokens
        assert token not in told
