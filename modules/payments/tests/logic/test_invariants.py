"""`manage.py check_invariants` finds what breaks them, should the database's own rules ever fail."""

import pytest
from django.db import connection

from modules.payments.models import Attempt, Payment
from modules.payments.tests.factories import broken_invariants, captured, started

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_broken_by_a_payment():
    captured()
    assert broken_invariants() == {}


def test_a_broken_balance_is_found():
    captured()
    without_triggers("UPDATE payments_entry SET amount_minor = amount_minor + 1 WHERE account = 'customer_deposits'")
    assert list(broken_invariants()) == ["the ledger balances"]


def test_a_broken_amount_is_found():
    payment = captured()
    Payment.objects.update(captured_minor=2999)
    assert broken_invariants() == {"a payment's amounts equal its entries": [(payment.id, 2999, 3000)]}


def test_a_broken_reservation_is_found():
    payment = captured()
    Payment.objects.update(refund_pending_minor=3001)
    assert broken_invariants() == {
        "refunds stay within what was captured": [(payment.id, 3000, 0, 3001)],
        "what is reserved for refunds is pending": [(payment.id, 3001, 0)],
    }


def test_a_broken_rule_of_one_open_attempt_is_found():
    payment = started()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX attempt_one_open_per_payment")
    try:
        Attempt.objects.create(payment_id=payment.id, number=2, provider="sandbox", created_at=payment.created_at)
        assert broken_invariants() == {"at most one attempt is open": [(payment.id, 2)]}
    finally:
        Attempt.objects.filter(number=2).delete()
        with connection.cursor() as cursor, connection.schema_editor() as editor:
            cursor.execute(str(Attempt._meta.constraints[2].create_sql(Attempt, editor)))


def without_triggers(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_entry DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE payments_entry ENABLE TRIGGER USER")
