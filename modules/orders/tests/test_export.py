"""Orders as a file: from the command line and over HTTP."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from ecommerce.kernel.ids import new_id
from modules.orders.logic import order_files
from modules.orders.models import Order, OrderLine
from modules.orders.tests.api.test_orders import client_of
from modules.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/orders/export/"


def placed(day: int, **fields: Any) -> Order:
    return OrderFactory.create(placed_at=datetime(2026, 11, day, 12, tzinfo=UTC), **fields)


def staff() -> APIClient:
    return client_of(id=new_id(), is_staff=True, scopes=frozenset({"orders.read"}))


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def exported(tmp_path: Path, *arguments: str, name: str = "orders.csv") -> bytes:
    call_command("export_orders", "--out", str(tmp_path / name), *arguments)
    return (tmp_path / name).read_bytes()


def test_a_row_is_a_line_and_the_first_of_an_order_holds_what_is_the_order_s(tmp_path: Path) -> None:
    order = placed(2, number="100001", note="Ring twice", coupon_codes=["TEN", "MORE"])
    OrderLineFactory.create(order=order, position=1, sku="LAMP", quantity=1, options={})

    shirt, lamp = table(exported(tmp_path))

    assert {name: shirt[name] for name in ("number", "total", "currency", "placed_at", "coupons", "note")} == {
        "number": "100001", "total": "44.88", "currency": "EUR", "placed_at": "2026-11-02T12:00:00+00:00",
        "coupons": "TEN|MORE", "note": "Ring twice",
    }  # fmt: skip
    assert (shirt["shipping.full_name"], shirt["billing.city"], shirt["paid_at"]) == ("Ada Lovelace", "Berlin", "")
    assert (shirt["line.sku"], shirt["line.options"], shirt["line.total"]) == ("SHIRT-M", "Size: M", "39.98")
    assert {name: value for name, value in lamp.items() if value and not name.startswith("line.")} == {
        "number": "100001"
    }
    assert (lamp["line.sku"], lamp["line.quantity"], lamp["line.tax_rate"]) == ("LAMP", "1", "0.1900")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_what_a_buyer_types_is_no_formula_in_a_spreadsheet(tmp_path: Path, start: str) -> None:
    placed(2, note=f"{start}HYPERLINK(1)")

    assert table(exported(tmp_path))[0]["note"] == f"'{start}HYPERLINK(1)"
    assert json.loads(exported(tmp_path, name="orders.jsonl"))["note"] == f"{start}HYPERLINK(1)"


def test_json_lines_hold_each_order_whole(tmp_path: Path) -> None:
    customer = new_id()
    order = placed(2, customer_id=customer)

    document = json.loads(exported(tmp_path, "--format", "jsonl"))

    assert (document["id"], document["customer_id"], document["is_imported"]) == (str(order.pk), str(customer), False)
    assert document["lines"][0]["sku"] == "SHIRT-M"
    assert document["total"] == {"amount": "44.88", "currency": "EUR"}
    assert [entry["event"] for entry in document["timeline"]] == ["placed"]


@pytest.mark.parametrize("form", order_files.FORMATS)
def test_orders_come_as_they_were_placed_each_once_whatever_the_batches(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_files, "BATCH", 2)
    numbers = [placed(day, number=f"N{day}").number for day in (9, 3, 5, 7, 1)]
    placed(5, number="N5b")

    content = exported(tmp_path, "--format", form)

    rows = table(content) if form == "csv" else [json.loads(line) for line in content.splitlines()]
    assert [row["number"] for row in rows] == ["N1", "N3", "N5", "N5b", "N7", "N9"]
    assert len(numbers) == 5


@pytest.mark.parametrize(
    ("options", "query", "numbers"),
    [
        ([], "", ["N1", "N2", "N3"]),
        (["--status", "cancelled"], "status=cancelled", ["N2"]),
        (["--payment-status", "paid"], "payment_status=paid", ["N3"]),
        (["--fulfilment-status", "partial"], "fulfilment_status=partial", ["N1"]),
        (["--placed-after", "2026-11-02"], "placed_after=2026-11-02T00:00:00Z", ["N2", "N3"]),
        (["--placed-before", "2026-11-02T12:00:00+00:00"], "placed_before=2026-11-02T12:00:00Z", ["N1"]),
    ],
)
def test_the_filters_leave_what_they_leave_in_the_list(
    tmp_path: Path, options: list[str], query: str, numbers: list[str]
) -> None:
    placed(1, number="N1", fulfilment_status="partial")
    placed(2, number="N2", status="cancelled")
    placed(3, number="N3", payment_status="paid")
    OrderFactory.create(status="opening", number=None, placed_at=None)

    answer: Any = staff().get(f"{URL}?{query}")

    assert [row["number"] for row in table(exported(tmp_path, *options))] == numbers
    assert [row["number"] for row in table(b"".join(answer.streaming_content))] == numbers


def test_a_file_is_the_owner_s_alone_and_has_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(1)
    exported(tmp_path, name="first.csv")
    assert (tmp_path / "first.csv").stat().st_mode & 0o777 == 0o600

    monkeypatch.setattr(order_files, "_rows", lambda order: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exported(tmp_path, name="second.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["first.csv"]


def test_where_it_cannot_be_written_the_exit_status_is_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory") as refused:
        exported(tmp_path / "nowhere")

    assert refused.value.returncode == 2


def test_progress_is_told_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    placed(1)
    placed(2)

    exported(tmp_path)

    assert capsys.readouterr().err.splitlines()[-1] == "export: orders 2/2"


def test_over_http_it_is_a_file_that_nobody_keeps(tmp_path: Path) -> None:
    placed(1)

    answers: list[Any] = [staff().get(URL), staff().get(f"{URL}?format=jsonl")]

    assert [answer["Content-Type"] for answer in answers] == ["text/csv; charset=utf-8", "application/x-ndjson"]
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert answers[0]["Content-Disposition"].startswith('attachment; filename="orders-')
    assert OrderLine.objects.count() == len(table(b"".join(answers[0].streaming_content)))


def test_only_staff_who_may_read_orders_export_them() -> None:
    assert APIClient().get(URL).status_code == 401
    assert client_of(id=new_id()).get(URL).status_code == 403
    assert client_of(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"})).get(URL).status_code == 403
    assert staff().get(f"{URL}?search=ada").status_code == 400
