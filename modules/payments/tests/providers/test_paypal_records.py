"""What PayPal has on record, as reconciliation reads it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.payments.logic.providers import paypal_records
from modules.payments.logic.providers.base import Listed, Payout
from modules.payments.models import AttemptStatus
from modules.payments.tests.providers.paypal_world import PAYPAL, begun, euros, paid, paypal_shop
from tests.fakes.paypal import PayPalServer

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def paypal() -> Iterator[PayPalServer]:
    with paypal_shop() as paypal:
        yield paypal


def all_listed(since, until) -> list[Listed]:
    found: list[Listed] = []
    cursor: str | None = None
    while True:
        page = PAYPAL.list_attempts(since, until, cursor)
        found += page.listed
        cursor = page.cursor
        if cursor is None:
            return found


def today() -> list[Listed]:
    return all_listed(clock.now() - DAY, clock.now() + DAY)


class TestAttempts:
    def test_what_was_paid_or_authorised_is_listed_once_as_it_stands(self, paypal):
        begun()
        captured, authorized, both = paid(paypal), paid(paypal, captures_later=True), paid(paypal, captures_later=True)
        PAYPAL.capture(both, both.payment_id, euros("5.00"))
        listed = {one.attempt_id: one.observed for one in today()}
        assert len(today()) == 3
        assert listed[captured.attempt_id] == PAYPAL.fetch(captured)
        assert listed[authorized.attempt_id].status == AttemptStatus.AUTHORIZED
        assert listed[both.attempt_id].captured_minor == 500

    def test_a_refund_is_no_attempt_of_its_own(self, paypal):
        charge = paid(paypal)
        PAYPAL.refund(charge, charge.payment_id, euros("5.00"))
        [listed] = today()
        assert [refund.amount_minor for refund in listed.observed.refunds] == [500]

    def test_a_payment_that_is_none_of_ours_is_told_as_such(self, paypal):
        reference = paypal.receive(Decimal("7.00"), "EUR", custom="of another shop")
        [listed] = today()
        assert (listed.attempt_id, listed.observed.reference) == (None, reference)
        assert (listed.observed.status, listed.observed.captured_minor) == (AttemptStatus.CAPTURED, 700)

    def test_pages_leave_nothing_out(self, paypal, monkeypatch):
        monkeypatch.setattr(paypal_records, "PAGE", 2)
        charges = [paid(paypal, captures_later=bool(index % 2)) for index in range(5)]
        assert sorted(str(one.attempt_id) for one in today()) == sorted(str(one.attempt_id) for one in charges)

    def test_months_are_asked_for_in_parts(self, paypal):
        charge = paid(paypal)
        now = clock.now()
        paypal.receive(Decimal("7.00"), "EUR", custom=None, at=now - timedelta(days=80))
        listed = all_listed(now - timedelta(days=90), now + DAY)
        assert {one.attempt_id for one in listed} == {charge.attempt_id, None}

    def test_only_what_was_begun_in_the_time_is_listed(self, paypal):
        paid(paypal)
        now = clock.now()
        assert all_listed(now - 2 * DAY, now - DAY) == []
        # PayPal's times are whole seconds.
        created = today()[0].created_at
        assert len(all_listed(created, created + timedelta(seconds=1))) == 1
        assert all_listed(created - DAY, created) == []
        assert all_listed(created + timedelta(seconds=1), created + DAY) == []

    def test_nothing_is_asked_of_the_future(self, paypal):
        charge = paid(paypal)
        now = clock.now()
        assert [one.attempt_id for one in all_listed(now - DAY, now + 100 * DAY)] == [charge.attempt_id]
        asked = len(paypal.calls)
        assert all_listed(now + DAY, now + 2 * DAY) == []
        assert list(PAYPAL.list_payouts(now + DAY, now + 2 * DAY)) == []
        assert len(paypal.calls) == asked


class TestPayouts:
    def test_what_went_to_the_bank_and_came_from_there(self, paypal):
        paid(paypal)
        now = clock.now().replace(microsecond=0)
        out = paypal.withdraw(Decimal("20.00"), "EUR", at=now - timedelta(days=40))
        back = paypal.withdraw(Decimal("5.00"), "USD", code="T0300", at=now - DAY)
        paypal.withdraw(Decimal("9.00"), "EUR", at=now)
        assert list(PAYPAL.list_payouts(now - timedelta(days=60), now)) == [
            Payout(reference=out, amount=euros("20.00"), arrived_at=now - timedelta(days=40)),
            Payout(reference=back, amount=Money(minor=-500, currency="USD"), arrived_at=now - DAY),
        ]

    def test_many_are_read_page_by_page(self, paypal, monkeypatch):
        monkeypatch.setattr(paypal_records, "LARGEST_PAGE", 2)
        for _ in range(5):
            paypal.withdraw(Decimal("1.00"), "EUR")
        now = clock.now()
        assert len(list(PAYPAL.list_payouts(now - DAY, now + DAY))) == 5
