"""`manage.py ledger`."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.contracts import Split
from modules.payments.models import Posting
from modules.payments.tests.factories import captured

pytestmark = pytest.mark.django_db


def split_of_jpy(minor: int) -> Split:
    nothing = Money.zero("JPY")
    return Split(sales=Money(minor=minor, currency="JPY"), tax=nothing, shipping=nothing)


def ledger(*arguments: str) -> str:
    written = io.StringIO()
    call_command("ledger", *arguments, stdout=written)
    return written.getvalue()


def test_a_statement_as_json_is_a_list_of_entries():
    payment = captured()
    at = Posting.objects.get().posted_at.isoformat().replace("+00:00", "Z")
    common = {"posted_at": at, "posting": "capture", "currency": "EUR"}
    assert json.loads(ledger("statement", "--order", str(payment.order_id), "--format", "json")) == [
        common | {"account": "provider:sandbox:clearing", "debit": "30.00", "credit": None},
        common | {"account": "customer_deposits", "debit": None, "credit": "30.00"},
    ]
    assert json.loads(ledger("statement", "--order", str(new_id()), "--format", "json")) == []


def test_a_balance_as_csv_has_a_line_per_account():
    captured()
    rows = list(csv.DictReader(io.StringIO(ledger("balance", "--format", "csv"))))
    assert rows == [
        {"account": "customer_deposits", "debit": "0.00", "credit": "30.00", "balance": "-30.00", "currency": "EUR"},
        {
            "account": "provider:sandbox:clearing",
            "debit": "30.00",
            "credit": "0.00",
            "balance": "30.00",
            "currency": "EUR",
        },
    ]


def test_a_table_is_for_people():
    assert ledger("statement") == "Nothing is posted.\n"
    captured()
    assert "provider:sandbox:clearing" in ledger("statement", "--account", "provider:sandbox:clearing")
    assert "customer_deposits" in ledger("balance")


def test_a_balance_says_that_all_of_it_comes_to_nothing():
    captured()
    captured(amount=Money(minor=500, currency="JPY"), split=split_of_jpy(500))
    assert ledger("balance").splitlines()[-1] == "All in all: 0.00 EUR, 0 JPY."
    assert ledger("balance", "--account", "customer_deposits").splitlines()[-1] == "All in all: -30.00 EUR, -500 JPY."


def test_a_statement_of_a_period_begins_with_what_stood_there():
    with time_machine.travel(datetime(2026, 10, 31, 23, tzinfo=UTC)):
        captured()
    with time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC)):
        captured()
    with time_machine.travel(datetime(2026, 11, 2, tzinfo=UTC)):
        captured()
    asked = ("statement", "--account=customer_deposits", "--from=2026-11-01", "--to=2026-11-02", "--format=json")
    lines = json.loads(ledger(*asked))
    assert [(line["posting"], line["debit"], line["credit"]) for line in lines] == [
        ("opening balance", None, "30.00"),
        ("capture", None, "30.00"),
    ]
    assert lines[0]["posted_at"] == "2026-11-01T00:00:00Z"


def test_a_period_that_is_none_is_refused():
    with pytest.raises(CommandError, match="neither a day nor an instant"):
        ledger("balance", "--from=yesterday")
