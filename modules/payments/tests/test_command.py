"""`manage.py ledger`."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from ecommerce.kernel.ids import new_id
from modules.payments.models import Posting
from modules.payments.tests.factories import captured

pytestmark = pytest.mark.django_db


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
