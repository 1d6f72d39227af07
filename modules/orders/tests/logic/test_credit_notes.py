"""What is given back of an invoiced order gets credit notes, which together never take back more than the invoice."""

from typing import Any

import pytest
from django.db import IntegrityError

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.leases import claim
from ecommerce.kernel.models import Step
from ecommerce.kernel.steps import add_steps
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.logic.credit_notes import credit_refund
from modules.orders.logic.portions import Asked
from modules.orders.models import Document, Order, Refund
from modules.orders.tests.api.after_sale import deliver, line_of, paid_order, post, ship, staff
from modules.orders.tests.documents import invoiced_order, issued, promise_invoice, year
from modules.orders.tests.logic.test_invoices import broken_invariants
from modules.orders.tests.world import World
from modules.payments.contracts import CancelOutcome, RefundRefused

pytestmark = pytest.mark.django_db(transaction=True)


def refund(order: Order, *, key: str = "key", **body: Any) -> Any:
    return post(staff(), order, "refunds/", {"reason": "Scratched"} | body, key=key)


def amount(text: str) -> dict[str, Any]:
    return {"amount": {"amount": text, "currency": "EUR"}}


def unit(order: Order, quantity: int = 1) -> dict[str, Any]:
    return {"items": [{"line_id": line_of(order), "quantity": quantity}]}


def notes() -> list[tuple[int, int]]:
    """Each credit note's total and tax."""
    found = Document.objects.filter(kind="credit_note").order_by("position")
    return list(found.values_list("total_minor", "tax_minor"))


def rows(note: Document) -> list[tuple[str, int, str, str]]:
    return [(row["title"], row["quantity"], row["tax"], row["total"]) for row in note.snapshot["rows"]]


def called_off(world: World, order: Order) -> None:
    """Cancelled after it was paid."""
    world.cancel_outcome = CancelOutcome.CAPTURED
    cancel(order.pk, CancelWish(reason="too late"), actor="guest")
    relay_until_quiet()


# ── refunds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refund_of_units_gets_its_credit_note(shop: World) -> None:
    order = invoiced_order(shop)

    assert refund(order, **unit(order)).status_code == 201

    assert issued() == [("credit_note", f"G-{year()}-000001", 1999), ("invoice", f"R-{year()}-000001", 4488)]
    note, invoice = Document.objects.get(kind="credit_note"), Document.objects.get(kind="invoice")
    assert (note.corrects_id, note.refund_id) == (invoice.pk, Refund.objects.get().pk)
    assert rows(note) == [("Shirt", 1, "3.19", "19.99")]
    assert note.snapshot["refs"]["invoice"] == {
        "number": f"R-{year()}-000001",
        "issued_on": invoice.snapshot["issued_on"],
    }
    assert broken_invariants() == []


def test_a_refund_of_an_amount_lowers_the_price_of_everything(shop: World) -> None:
    order = invoiced_order(shop)

    refund(order, **amount("4.49"))

    assert notes() == [(449, 72)]
    assert rows(Document.objects.get(kind="credit_note")) == [
        ("Shirt", 0, "0.64", "4.00"),
        ("Standard", 1, "0.08", "0.49"),
    ]


def test_a_refund_that_is_refused_gets_none(shop: World) -> None:
    order = invoiced_order(shop)
    shop.refuse["refund_order"] = RefundRefused()

    assert refund(order, **unit(order)).status_code == 409

    assert notes() == []


def test_repeating_a_refund_and_its_steps_credits_nothing_twice(shop: World) -> None:
    order = invoiced_order(shop)
    refund(order, **unit(order))
    refund(order, **unit(order))
    Step.objects.using("default").filter(name="orders.credit_refund").update(status="pending")
    lease = claim("orders", Refund.objects.get().pk)
    assert lease is not None

    driver.drive(lease)

    assert notes() == [(1999, 319)]


def test_what_came_back_gets_its_credit_note(shop: World) -> None:
    order = invoiced_order(shop)
    ship(order)
    deliver(order)
    item = unit(order)["items"][0] | {"reason": "Too small"}
    wanted = post(staff(), order, "returns/", {"items": [item]}).json()

    assert post(staff(), order, f"returns/{wanted['id']}/receive/", key="receive").status_code == 200
    relay_until_quiet()

    assert notes() == [(1999, 319)]


def test_a_refund_that_was_quicker_than_the_invoice_gets_its_credit_note_after_it(shop: World) -> None:
    order = paid_order(shop)
    refund(order, **unit(order))
    assert issued() == []

    promise_invoice(order)
    relay_until_quiet()

    assert [(kind, total) for kind, _, total in issued()] == [("credit_note", 1999), ("invoice", 4488)]
    assert broken_invariants() == []


# ── calling off ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_that_is_called_off_gets_one_credit_note_over_all_of_its_invoice(shop: World) -> None:
    order = invoiced_order(shop)

    called_off(shop, order)

    assert [(kind, total) for kind, _, total in issued()] == [("credit_note", 4488), ("invoice", 4488)]
    note = Document.objects.get(kind="credit_note")
    assert (note.refund_id, note.tax_minor) == (None, 716)
    assert rows(note) == [("Shirt", 2, "6.38", "39.98"), ("Standard", 1, "0.78", "4.90")]
    assert shop.payments[order.pk].refunded.minor == 4488
    assert broken_invariants() == []


def test_what_other_credit_notes_took_is_left_out(shop: World) -> None:
    order = invoiced_order(shop)
    refund(order, **amount("4.49"))
    cancel(order.pk, CancelWish(asked=[Asked(line_id=order.lines.get().pk, quantity=1)]), actor="guest")

    called_off(shop, order)

    totals = [total for total, _ in notes()]
    assert (sum(totals), sum(tax for _, tax in notes())) == (4488, 716)
    assert [row[1] for row in rows(Document.objects.get(refund=None, kind="credit_note"))] == [1, 0]
    assert broken_invariants() == []


def test_an_order_whose_invoice_was_taken_back_already_gets_no_further_credit_note(shop: World) -> None:
    order = invoiced_order(shop)
    refund(order, **amount("44.88"))

    called_off(shop, order)

    assert notes() == [(4488, 716)]


def test_a_refund_that_is_paid_after_the_order_was_called_off_is_in_its_credit_note(shop: World) -> None:
    order = invoiced_order(shop)
    refund(order, **amount("4.49"))
    called_off(shop, order)
    late = Refund.objects.create(
        order=order,
        status="succeeded",
        amount_minor=100,
        tax_minor=16,
        shipping_minor=100,
        shipping_tax_minor=16,
        actor="staff",
        created_at=order.created_at,
    )
    with atomic(Order):
        add_steps(late.pk, [credit_refund])
    relay_until_quiet()

    assert sum(total for total, _ in notes()) == 4488
    assert broken_invariants() == []


def test_calling_off_again_credits_nothing_twice(shop: World) -> None:
    order = invoiced_order(shop)
    called_off(shop, order)
    Step.objects.using("default").filter(name="orders.credit_the_rest").update(status="pending")
    lease = claim("orders", order.pk)
    assert lease is not None

    driver.drive(lease)

    assert notes() == [(4488, 716)]


def test_the_database_refuses_a_credit_note_without_an_invoice(shop: World) -> None:
    order = invoiced_order(shop)
    copy = Document.objects.get()
    copy.pk, copy.kind, copy.series, copy.number = order.pk, "credit_note", "G-1", "G-1-1"

    with pytest.raises(IntegrityError, match="order_document_corrects_an_invoice"):
        copy.save(force_insert=True)
