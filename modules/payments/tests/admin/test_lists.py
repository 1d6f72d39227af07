"""Payments, disputes, providers' events and the books, as lists: found, narrowed, and read by few statements."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import statements
from modules.payments import models
from modules.payments.contracts import Payment, Split
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.models import DisputeStatus
from modules.payments.tests.admin import desk
from modules.payments.tests.admin.desk import (
    DISPUTES,
    ENTRIES,
    EVENTS,
    PAYMENTS,
    READS,
    disputed,
    found,
    page_of,
    signed_in,
    text_of,
)
from modules.payments.tests.factories import captured, started

pytestmark = desk.pytestmark

# The session, who is signed in and what he may; what was done lately.
BESIDE = 4


@pytest.fixture
def staff() -> Client:
    return signed_in(*READS)


def yen(minor: int, **given: Any) -> Payment:
    amount, nothing = Money(minor=minor, currency="JPY"), Money.zero("JPY")
    return started(amount=amount, split=Split(sales=amount, tax=nothing, shipping=nothing), **given)


def event(**fields: Any) -> models.ProviderEvent:
    fields = {"event_id": str(new_id()), "received_at": clock.now(), "handled_at": clock.now()} | fields
    return models.ProviderEvent.objects.create(
        provider="stripe", type="charge.refunded", body=b'{"name": "Ada Lovelace"}', **fields
    )


def test_payments_are_listed_newest_first_in_major_units_without_what_never_began(staff):
    older, newer = captured(), yen(1990)
    cancel_payment(order_id=new_id(), purpose="order")

    assert found(staff, PAYMENTS) == [newer.id, older.id]
    page = text_of(staff.get(PAYMENTS))
    assert all(words in page for words in ("30.00 EUR", "1990 JPY", "captured", "sandbox"))
    assert "3000" not in page


def test_payments_are_narrowed_by_where_they_stand_by_currency_dispute_and_day(staff):
    one, other, declined = captured(), yen(500, method="sandbox_3ds"), started(method="sandbox_declined")
    disputed(one, due=None)
    models.Payment.objects.filter(pk=declined.id).update(created_at=datetime(2026, 5, 1, 23, 59, tzinfo=UTC))

    narrowed = {
        "status=captured": [one.id],
        "status=requires_action": [other.id],
        "currency=jpy": [other.id],
        "provider=stripe": [],
        "disputed=open": [one.id],
        "disputed=ever": [one.id],
        "day=2026-05-01": [declined.id],
        "day=2026-05-02": [],
        "status=captured&currency=EUR&disputed=open": [one.id],
        "status=x&provider=x&currency=x&disputed=x&day=x": [declined.id, other.id, one.id],
    }
    assert {query: found(staff, f"{PAYMENTS}?{query}") for query in narrowed} == narrowed


def test_a_decided_dispute_is_no_open_one(staff):
    one = captured()
    disputed(one, due=None, status=DisputeStatus.WON)

    assert (found(staff, f"{PAYMENTS}?disputed=open"), found(staff, f"{PAYMENTS}?disputed=ever")) == ([], [one.id])


def test_what_is_typed_into_one_filter_keeps_the_others_and_the_search(staff):
    one = captured()

    page = text_of(staff.get(f"{PAYMENTS}?status=captured&q={one.id}&currency=EUR"))

    assert '<input type="hidden" name="status" value="captured">' in page
    assert f'<input type="hidden" name="q" value="{one.id}">' in page
    assert 'type="date" name="day" value=""' in page


def test_payments_are_found_by_ids_and_the_providers_names(staff):
    one, _ = captured(), captured()
    again = captured(order_id=one.order_id, purpose="edit:1")
    attempt, dispute = models.Attempt.objects.get(payment_id=one.id), disputed(one, due=None)

    terms = [one.id, attempt.id, attempt.provider_reference, dispute.provider_reference]
    assert [found(staff, f"{PAYMENTS}?q={term}") for term in terms] == [[one.id]] * 4
    assert found(staff, f"{PAYMENTS}?q=+{one.order_id}+") == [again.id, one.id]
    assert [found(staff, f"{PAYMENTS}?q={term}") for term in (new_id(), "sandbox_", "order", "x' OR 1=1")] == [[]] * 4
    assert found(staff, f"{PAYMENTS}?q={one.id}&status=failed") == []


def test_disputes_are_listed_by_what_presses_open_ones_first(staff):
    now, payments = clock.now(), [captured() for _ in range(4)]
    won = disputed(payments[0], due=now + timedelta(days=1), status=DisputeStatus.WON)
    calm = disputed(payments[1], due=now + timedelta(days=9))
    unlimited = disputed(payments[2], due=None)
    urgent = disputed(payments[3], due=now + timedelta(days=6, hours=23))

    answer = staff.get(DISPUTES)

    assert [row.pk for row in answer.context["cl"].result_list] == [urgent.pk, calm.pk, unlimited.pk, won.pk]
    page = text_of(answer)
    assert all(words in page for words in ("6 days left", "8 days left", "product not received", "30.00 EUR"))
    assert page_of(payments[3].id) in page
    assert found(staff, f"{DISPUTES}?status=won") == [won.pk]
    assert found(staff, f"{DISPUTES}?q={calm.provider_reference}") == [calm.pk]
    assert "6 days left" in text_of(staff.get(f"{DISPUTES}{urgent.pk}/change/"))


def test_events_are_found_and_narrowed_and_what_they_say_is_not_shown(staff):
    attempt_id = new_id()
    old = event(event_id="evt_1", received_at=clock.now() - timedelta(days=1), provider_reference="pi_1")
    waiting = event(event_id="evt_2", handled_at=None, attempt_id=attempt_id)

    assert found(staff, EVENTS) == [waiting.pk, old.pk]
    assert found(staff, f"{EVENTS}?handled=no") == [waiting.pk]
    assert found(staff, f"{EVENTS}?provider=paypal") == []
    terms = {"evt_1": [old.pk], "pi_1": [old.pk], str(attempt_id): [waiting.pk], "evt": [], "Lovelace": []}
    assert {term: found(staff, f"{EVENTS}?q={term}") for term in terms} == terms
    for answer in (staff.get(EVENTS), staff.get(f"{EVENTS}{waiting.pk}/change/")):
        assert "charge.refunded" in text_of(answer)
        assert "Lovelace" not in text_of(answer)
    assert f"{PAYMENTS}?q=pi_1" in text_of(staff.get(EVENTS))


def test_entries_are_found_by_order_and_payment_and_narrowed(staff):
    one, _ = captured(), captured()
    entries = models.Entry.objects.filter(posting__payment_id=one.id)

    for wanted in (one.order_id, one.id):
        assert set(found(staff, f"{ENTRIES}?q={wanted}")) == {entry.pk for entry in entries}
    deposit = entries.get(account="customer_deposits")
    assert found(staff, f"{ENTRIES}?q={one.id}&account=customer_deposits") == [deposit.pk]
    assert found(staff, f"{ENTRIES}?q=nonsense") == found(staff, f"{ENTRIES}?kind=refund") == []
    assert len(found(staff, f"{ENTRIES}?kind=capture&currency=eur")) == 4
    for address in (f"{ENTRIES}?q={one.id}", f"{ENTRIES}{deposit.pk}/change/"):
        assert "30.00 EUR" in text_of(staff.get(address))


@pytest.mark.parametrize("count", [1, 20])
def test_lists_take_at_most_five_statements_whatever_they_hold_and_count_nothing(staff, count: int):
    for _ in range(count):
        disputed(captured(), due=clock.now())
    named = models.Attempt.objects.all()[0].provider_reference

    def told(address: str) -> int:
        with statements() as sql:
            assert staff.get(address).status_code == 200
        own = [one for one in sql if '"payments_' in one and "django_admin_log" not in one]
        assert not [one for one in own if "COUNT(" in one.upper() or "DISTINCT" in one.upper()]
        assert len(sql) <= len(own) + BESIDE
        return len(own)

    assert [told(address) for address in (PAYMENTS, DISPUTES, EVENTS, ENTRIES)] == [1] * 4
    assert told(f"{PAYMENTS}?disputed=open&status=captured&day=2026-05-01&currency=EUR&provider=sandbox") == 1
    # What the search means, and those payments.
    assert told(f"{PAYMENTS}?q={named}") == 2


def test_only_who_may_read_payments_sees_them_and_nobody_writes():
    stranger, writer = signed_in("orders.read", "orders.write"), signed_in(*desk.HANDLES)
    payment = captured()
    entry = models.Entry.objects.all()[0]

    for address in (PAYMENTS, DISPUTES, EVENTS, ENTRIES, page_of(payment.id)):
        assert stranger.get(address).status_code == 403
    for address in (PAYMENTS, DISPUTES, EVENTS, ENTRIES):
        assert writer.get(f"{address}add/").status_code == 403
    assert writer.post(f"{PAYMENTS}{payment.id}/delete/", {"post": "yes"}).status_code == 403
    assert writer.post(f"{ENTRIES}{entry.pk}/change/", {"account": "sales"}).status_code == 403
