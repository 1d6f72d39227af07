"""Invoices and credit notes over HTTP: for the order's owner, its token and staff; for nobody else."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.ids import new_id
from modules.orders.logic import documents
from modules.orders.logic.tokens import access_token
from modules.orders.models import Document, Order
from modules.orders.tests.api.after_sale import client_of, paid_order, post, staff
from modules.orders.tests.documents import invoiced_order, text_of, year
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def get(client: APIClient, order: Order, path: str = "invoice/", **headers: str) -> Any:
    return client.get(f"/api/v1/orders/{order.pk}/{path}", headers=headers)


def refunded(order: Order) -> Document:
    body = {"amount": {"amount": "4.49", "currency": "EUR"}, "reason": "Scratched"}
    assert post(staff(), order, "refunds/", body, key=str(new_id())).status_code == 201
    return Document.objects.filter(order=order, kind="credit_note").latest("position")


def test_its_owner_its_token_and_staff_read_an_invoice(shop: World, api: APIClient) -> None:
    owner = new_id()
    order = invoiced_order(shop, customer_id=owner)
    token = access_token(order.pk, order.token_generation)

    answers = [
        get(client_of(id=owner), order),
        get(api, order, f"invoice/?token={token}"),
        get(staff("orders.read"), order),
    ]

    content = documents.pages_of(Document.objects.get())
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.content for answer in answers} == {content}
    assert answers[0]["Content-Type"] == "application/pdf"
    assert answers[0]["Content-Disposition"] == f'inline; filename="R-{year()}-000001.pdf"'
    assert answers[0]["Cache-Control"] == "private, no-store"
    assert "Ada Lovelace" in text_of(content)


@pytest.mark.parametrize("accept", ["application/pdf", "*/*", "application/json", "text/html, */*;q=0.8"])
def test_whatever_a_browser_or_a_program_accepts_it_gets_the_pdf(shop: World, accept: str) -> None:
    answer = get(staff(), invoiced_order(shop), accept=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")


@pytest.mark.parametrize("path", ["invoice/", "credit-notes/", "credit-notes/01920000-0000-7000-8000-000000000001/"])
def test_for_anyone_else_there_is_nothing(shop: World, api: APIClient, path: str) -> None:
    order = invoiced_order(shop, customer_id=new_id())

    for client, token in ((api, ""), (api, "?token=guessed"), (client_of(id=new_id()), "")):
        answer = get(client, order, f"{path}{token}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("accept", ["application/pdf", "application/json"])
def test_before_it_is_issued_the_answer_says_so(shop: World, accept: str) -> None:
    answer = get(staff(), paid_order(shop, status="pending"), accept=accept)

    assert (answer.status_code, answer.json()["code"]) == (409, "invoice_not_ready")
    assert answer["Content-Type"] == "application/problem+json"


def test_credit_notes_are_listed_oldest_first_and_read_one_by_one(shop: World) -> None:
    order = invoiced_order(shop)
    first, second = refunded(order), refunded(order)

    listed = get(staff("orders.read"), order, "credit-notes/").json()["results"]

    assert [note["id"] for note in listed] == [str(first.pk), str(second.pk)]
    assert {name: listed[0][name] for name in ("number", "refund_id", "tax", "total")} == {
        "number": f"G-{year()}-000001",
        "refund_id": str(first.refund_id),
        "tax": {"amount": "0.72", "currency": "EUR"},
        "total": {"amount": "4.49", "currency": "EUR"},
    }
    answer = get(staff("orders.read"), order, f"credit-notes/{second.pk}/")
    assert answer["Content-Disposition"] == f'inline; filename="G-{year()}-000002.pdf"'
    assert answer.content == documents.pages_of(second)


def test_without_credit_notes_the_list_is_empty(shop: World) -> None:
    assert get(staff(), invoiced_order(shop), "credit-notes/").json() == {"results": []}


def test_another_orders_credit_note_and_an_invoice_are_none_of_its_credit_notes(shop: World) -> None:
    order, other = invoiced_order(shop), invoiced_order(shop)
    note = refunded(other)

    for document in (note, Document.objects.get(order=order)):
        assert get(staff(), order, f"credit-notes/{document.pk}/").status_code == 404
