"""Invoices and credit notes in the admin: looked at and printed, never changed."""

import pytest

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from modules.orders.logic import documents
from modules.orders.models import Document
from modules.orders.tests.admin.desk import page_of
from modules.orders.tests.api.after_sale import post, staff
from modules.orders.tests.documents import invoiced_order, text_of, year
from modules.orders.tests.world import World

pytestmark = [needs_admin, pytest.mark.django_db(transaction=True)]

PAGE = "/admin/orders/document/"


def test_staff_find_a_document_by_its_number_or_its_orders_and_print_it(shop: World) -> None:
    order = invoiced_order(shop)
    document, client = Document.objects.get(), signed_in("orders.read")

    for search in (document.number, str(order.number)):
        listed = client.get(PAGE, {"q": search}).content.decode()
        assert f"{PAGE}{document.pk}/pdf/" in listed
        assert "44.88 EUR" in listed
    assert document.number not in client.get(PAGE, {"q": "R-1"}).content.decode()
    assert f"R-{year()}-000001" in client.get(f"{PAGE}{document.pk}/change/").content.decode()
    answer = client.get(f"{PAGE}{document.pk}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content == documents.pages_of(document)


def test_nobody_changes_a_document_by_hand(shop: World) -> None:
    invoiced_order(shop)
    page = f"{PAGE}{Document.objects.get().pk}/"
    client = signed_in("orders.read", "orders.write")

    assert client.post(f"{page}change/", {"number": "R-1"}).status_code == 403
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{PAGE}add/").status_code == 403
    assert Document.objects.get().number == f"R-{year()}-000001"


def test_who_may_not_see_orders_prints_none(shop: World) -> None:
    invoiced_order(shop)

    assert signed_in("catalog.read").get(f"{PAGE}{Document.objects.get().pk}/pdf/").status_code == 403


def test_an_orders_page_leads_to_its_invoice_and_its_credit_notes(shop: World) -> None:
    invoiced_order(shop)
    order = invoiced_order(shop)
    for amount in ("1.00", "2.00"):
        body = {"reason": "Late", "amount": {"amount": amount, "currency": "EUR"}}
        assert post(staff(), order, "refunds/", body, key=amount).status_code == 201
    client = signed_in("orders.read")

    _, *papers = client.get(page_of(order)).context["papers"]

    numbers = [f"R-{year()}-000002", f"G-{year()}-000001", f"G-{year()}-000002"]
    assert [one.title for one in papers] == [
        f"Invoice {numbers[0]}", f"Credit note {numbers[1]}", f"Credit note {numbers[2]}",
    ]  # fmt: skip
    for paper, number in zip(papers, numbers, strict=True):
        answer = client.get(paper.href)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert number in text_of(answer.content)


def test_who_may_change_orders_but_not_read_them_is_shown_no_way_to_a_document(shop: World) -> None:
    page = page_of(invoiced_order(shop))

    shown = [signed_in(*scopes).get(page) for scopes in (["orders.write"], ["orders.read"])]

    assert [[one.title.split()[0] for one in answer.context["papers"]] for answer in shown] == [
        ["Packing"], ["Packing", "Invoice"],
    ]  # fmt: skip
    assert [b"/pdf/" in answer.content for answer in shown] == [False, True]
