"""What the tests of invoices and credit notes share: orders that are sold, and documents as their readers see them."""

from typing import Any

import pypdfium2

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.logic import documents
from modules.orders.logic.invoices import invoice_if_sold
from modules.orders.models import Document, Order
from modules.orders.tests.api.after_sale import paid_order
from modules.orders.tests.world import World
from modules.payments.events import PaymentCaptured

SELLER = {
    "SHOP_NAME": "Müller & Söhne GmbH",
    "SHOP_ADDRESS": ["Hauptstraße 1", "10115 Berlin"],
    "SHOP_COUNTRY": "DE",
    "SHOP_VAT_ID": "DE136695976",
    "SHOP_TAX_NUMBER": "30/123/45678",
    "SHOP_REGISTER": "Amtsgericht Berlin HRB 1",
}


def promise_invoice(order: Order) -> None:
    """Write the step that will issue it."""
    with atomic(Order):
        invoice_if_sold(Order.objects.get(pk=order.pk))


def invoiced_order(world: World, **fields: Any) -> Order:
    """A paid order of two shirts to Berlin (44.88 EUR), its invoice issued."""
    order = paid_order(world, **fields)
    promise_invoice(order)
    relay_until_quiet()
    return order


def capture(order: Order, minor: int | None = None) -> None:
    """As the inbox does it when so much of an order was captured; all of it, if not said."""
    money = Money(minor=order.total_minor if minor is None else minor, currency=order.currency)
    event = PaymentCaptured(payment_id=new_id(), order_id=order.pk, purpose="order", captured=money)
    with atomic(Order):
        for handler in HANDLERS[PaymentCaptured]:
            handler(event)


def issued() -> list[tuple[str, str, int]]:
    """Every document: its kind, its number, its total."""
    return list(Document.objects.order_by("series", "position").values_list("kind", "number", "total_minor"))


def text_of(content: bytes | Document) -> str:
    """What stands on all pages, spaces as they are read: one between words."""
    pdf = pypdfium2.PdfDocument(documents.pages_of(content) if isinstance(content, Document) else content)
    try:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()
    return " ".join(text.split())


def year() -> int:
    """The year of the series that are numbered now."""
    return clock.now().year
