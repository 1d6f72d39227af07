"""The books: double entry, append-only."""

import pytest
from django.db import IntegrityError, connection

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.payments.contracts import PaymentNotFound, SplitMismatch
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.ledger import recognise_revenue, set_off_revenue
from modules.payments.logic.statements import Balance, Selection, read_balances, read_statement
from modules.payments.models import Entry, Payment, Posting
from modules.payments.tests.factories import books, broken_invariants, captured, eur, split_of, started

pytestmark = pytest.mark.django_db(transaction=True)

SPLIT = split_of(3000, tax=479, shipping=490)
EARNED = {"provider:sandbox:clearing": 3000, "sales": -2031, "tax_payable": -479, "shipping_income": -490}


def recognise(payment, split=SPLIT) -> None:
    recognise_revenue(order_id=payment.order_id, purpose=payment.purpose, split=split)


def post(*lines: tuple[str, int, str], kind: str = "test") -> None:
    payment = Payment.objects.get()
    with atomic(Posting):
        posting = Posting.objects.create(
            kind=kind, reference=str(new_id()), payment=payment, order_id=payment.order_id, posted_at=clock.now()
        )
        for account, minor, currency in lines:
            Entry.objects.create(posting=posting, account=account, amount_minor=minor, currency=currency)


def test_a_capture_is_owed_to_the_customer_until_revenue_is_recognised():
    payment = captured(split=SPLIT)
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}
    recognise(payment)
    assert books() == EARNED


def test_revenue_is_recognised_once():
    payment = captured(split=SPLIT)
    recognise(payment)
    recognise(payment)
    assert books() == EARNED
    assert Posting.objects.filter(kind="recognise").count() == 1


def test_revenue_may_be_recognised_before_the_money_has_come():
    recognise(started(split=SPLIT))
    assert books() == {
        "customer_deposits": 3000,
        "sales": -2031,
        "tax_payable": -479,
        "shipping_income": -490,
    }


def test_a_split_that_does_not_add_up_is_refused_and_nothing_is_posted():
    payment = captured()
    with pytest.raises(SplitMismatch):
        recognise(payment, split_of(2999))
    assert Posting.objects.count() == 1


def test_there_is_nothing_to_recognise_of_a_payment_never_begun():
    order_id = new_id()
    with pytest.raises(PaymentNotFound):
        recognise_revenue(order_id=order_id, purpose="order", split=SPLIT)
    cancel_payment(order_id=order_id, purpose="order")
    with pytest.raises(PaymentNotFound):
        recognise_revenue(order_id=order_id, purpose="order", split=SPLIT)


def test_the_database_takes_a_posting_that_balances_in_each_currency():
    started()
    post(("a", 100, "EUR"), ("b", -60, "EUR"), ("c", -40, "EUR"), ("a", 7, "JPY"), ("b", -7, "JPY"))
    assert Entry.objects.count() == 5


@pytest.mark.parametrize(
    "lines",
    [
        [("a", 100, "EUR")],
        [("a", 100, "EUR"), ("b", -99, "EUR")],
        [("a", 100, "EUR"), ("b", -100, "USD")],
        [],
    ],
)
def test_the_database_refuses_a_posting_that_does_not_balance(lines):
    started()
    with pytest.raises(IntegrityError):
        post(*lines)
    assert Posting.objects.count() == Entry.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_entry SET account = 'elsewhere'",
        "UPDATE payments_posting SET kind = 'other'",
        "DELETE FROM payments_entry",
        "DELETE FROM payments_posting",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_is_posted(change):
    captured()
    before = list(Entry.objects.order_by("id").values())
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change)
    assert list(Entry.objects.order_by("id").values()) == before


def test_the_same_thing_is_not_posted_twice():
    captured()
    posting = Posting.objects.get()
    with pytest.raises(IntegrityError), atomic(Posting):
        Posting.objects.create(
            kind=posting.kind,
            reference=posting.reference,
            payment=posting.payment,
            order_id=posting.order_id,
            posted_at=clock.now(),
        )


def test_a_statement_shows_an_orders_entries_and_nobody_elses():
    payment = captured(split=SPLIT)
    captured(amount=eur(500))
    recognise(payment)
    lines = list(read_statement(Selection(order_id=payment.order_id)))
    assert [(line.posting, line.account, line.debit, line.credit) for line in lines] == [
        ("capture", "provider:sandbox:clearing", "30.00", None),
        ("capture", "customer_deposits", None, "30.00"),
        ("recognise", "customer_deposits", "30.00", None),
        ("recognise", "tax_payable", None, "4.79"),
        ("recognise", "shipping_income", None, "4.90"),
        ("recognise", "sales", None, "20.31"),
    ]
    assert list(read_statement(Selection(order_id=payment.order_id, account="sales"))) == [lines[5]]


def test_balances_add_debits_and_credits_per_account_and_currency():
    recognise(captured(split=SPLIT))
    captured(amount=eur(500))
    assert read_balances(Selection(account="customer_deposits")) == [
        Balance(account="customer_deposits", debit="30.00", credit="35.00", balance="-5.00", currency="EUR")
    ]


def test_what_is_sold_for_what_was_given_back_is_booked_once_and_moves_no_money():
    payment, reference = captured(split=split_of(3000, tax=500)), new_id()
    recognise_revenue(order_id=payment.order_id, purpose="order", split=split_of(3000, tax=500))
    asked = {"order_id": payment.order_id, "reference": reference}
    for _ in range(2):
        set_off_revenue(**asked, sold=split_of(1000, tax=65), given_back=split_of(1000, tax=160))
    assert books() == {
        "provider:sandbox:clearing": 3000,
        "sales": -2500 - 935,
        "tax_payable": -500 - 65 + 160,
        "refunds": 840,
    }
    assert broken_invariants() == {}
    with pytest.raises(SplitMismatch):
        set_off_revenue(**asked, sold=split_of(1000), given_back=split_of(999))
    with pytest.raises(PaymentNotFound):
        set_off_revenue(order_id=new_id(), reference=reference, sold=split_of(1), given_back=split_of(1))
