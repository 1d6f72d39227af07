"""What is told in letters: an order, an account, a cart, as the values that a letter's words and layout ask for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from django.conf import settings

from ecommerce.kernel.amounts import in_words_of
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartLine
from modules.catalog.contracts import Variant
from modules.notifications.logic import layout, wording
from modules.notifications.logic.layout import Letter
from modules.notifications.logic.wording import TRANSLATED, Words, spoken
from modules.notifications.models import Message, WebhookEndpoint
from modules.orders.contracts import Order, OrderLine, PaymentState
from modules.payments.events import PaymentDisputed, RefundFailed
from modules.users.contracts import Contact

__all__ = [
    "LINK",
    "TRANSLATED",
    "Letter",
    "about_account",
    "about_cart",
    "about_dispute",
    "about_erasure",
    "about_failed_refund",
    "about_order",
    "about_reviews",
    "about_stock",
    "about_webhook",
    "spoken",
]

Topic = Message.Topic

UNPAID = (PaymentState.UNPAID, PaymentState.FAILED)
# Stands in a stored text where a secret link goes when it is sent.
LINK = "[link]"
WITH_SECRET_LINK = (Message.Topic.EMAIL_VERIFICATION, Message.Topic.PASSWORD_RESET)


def about_order(
    topic: str, order: Order, reference_id: UUID, amount: Money | None = None, *, words: Words | None = None
) -> Letter:
    """A mail about an order, or its parcel, refund or return with this id, in the buyer's language.

    With these words; without, with those that the shop uses now. So do the others here.
    """
    language = spoken(order.language)
    values = {
        "number": order.number,
        "name": _one_line(order.shipping_address.get("full_name", "")),
        "link": order.link,
        "is_paid": order.payment_status not in UNPAID,
    }
    if amount is not None:
        values["amount"] = in_words_of(language, amount)
    if topic == Message.Topic.ORDER_CONFIRMED:
        values |= _purchase(order, language)
    if topic == Message.Topic.ORDER_SHIPPED:
        values |= _parcel(order, reference_id)
    return _letter(topic, language, values, words)


def about_account(topic: str, contact: Contact, *, words: Words | None = None) -> Letter:
    """A mail about an account, in its owner's language; a secret link in it is still to be filled in."""
    is_secret = topic in WITH_SECRET_LINK
    values = {
        "email": contact.email,
        "link": LINK if is_secret else settings.STOREFRONT_URL,
        "link_is_secret": is_secret,
    }
    return _letter(topic, spoken(contact.language), values | _person(contact), words)


def about_cart(
    contact: Contact, lines: Sequence[CartLine | OrderLine], unsubscribe: str, *, words: Words | None = None
) -> Letter:
    """A reminder of what a user has left in his cart, in his language, with the way to hear no more of such."""
    values = {
        "goods": [_goods(line.quantity, line) for line in lines],
        "link": f"{settings.STOREFRONT_URL}/cart/",
        "unsubscribe": unsubscribe,
    }
    return _letter(Message.Topic.CART_ABANDONED, spoken(contact.language), values | _person(contact), words)


def about_stock(contact: Contact, variant: Variant, *, words: Words | None = None) -> Letter:
    """That a variant can be bought again, to whom has asked to be told."""
    values = {
        "title": _one_line(variant.title),
        "options": _options(variant),
        "link": f"{settings.STOREFRONT_URL}/products/{variant.product_id}/",
    }
    return _letter(Topic.BACK_IN_STOCK, spoken(contact.language), values | _person(contact), words)


def about_reviews(
    contact: Contact, order: Order, products: Mapping[UUID, UUID], unsubscribe: str, *, words: Words | None = None
) -> Letter:
    """A request to review what was bought, by its pages in the storefront; `products` are those of the variants, and
    what is none of theirs is left out."""
    bought = {products[line.variant_id]: line for line in reversed(order.lines) if line.variant_id in products}
    values = {
        "number": order.number,
        "products": [
            {"title": _one_line(line.title), "link": f"{settings.STOREFRONT_URL}/products/{product_id}/"}
            for product_id, line in reversed(bought.items())
        ],
        "unsubscribe": unsubscribe,
    }
    return _letter(Message.Topic.REVIEW_REQUEST, spoken(contact.language), values | _person(contact), words)


def about_dispute(language: str, number: str, dispute: PaymentDisputed, *, words: Words | None = None) -> Letter:
    """To staff: an order's payment is disputed, and until when the provider hears evidence."""
    due = dispute.evidence_due_at
    values = {
        "number": number,
        "amount": in_words_of(language, dispute.amount),
        "reason": _one_line(dispute.reason) or "-",
        "due": _day(due, language) if due else wording.ours(Topic.PAYMENT_DISPUTED, language).labels["no_due"],
        "link": _back_office("orders/order", dispute.order_id),
    }
    return _letter(Topic.PAYMENT_DISPUTED, language, values, words)


def about_failed_refund(language: str, number: str, refund: RefundFailed, *, words: Words | None = None) -> Letter:
    """To staff: money that was given back has come back."""
    values = {
        "number": number,
        "amount": in_words_of(language, refund.amount),
        "link": _back_office("orders/order", refund.order_id),
    }
    return _letter(Topic.REFUND_FAILED, language, values, words)


def about_webhook(language: str, endpoint: WebhookEndpoint, *, words: Words | None = None) -> Letter:
    """To staff: another program is told of nothing any more, and why."""
    values = {
        "address": endpoint.url,
        "reason": wording.ours(Topic.WEBHOOK_DISABLED, language).labels[f"because_{endpoint.disabled_reason}"],
        "link": _back_office("notifications/webhookendpoint", endpoint.pk),
    }
    return _letter(Topic.WEBHOOK_DISABLED, language, values, words)


def about_erasure(language: str, *, words: Words | None = None) -> Letter:
    """The last mail about an account that is erased: it names nobody."""
    return _letter(Message.Topic.ACCOUNT_ERASED, spoken(language), {}, words)


def _person(contact: Contact) -> dict[str, str]:
    """Who is written to, and how he is greeted: not everybody has told us his name."""
    labels = wording.in_file("labels", spoken(contact.language))
    name = {"first_name": _one_line(contact.first_name)}
    return name | {"greeting": wording.fill(labels["greeting" if name["first_name"] else "greeting_nameless"], name)}


def _purchase(order: Order, language: str) -> dict[str, Any]:
    """What was bought, what it costs, and where it goes."""
    amount = partial(in_words_of, language)
    return {
        "lines": [_line(line, amount) for line in order.lines],
        "subtotal": amount(order.subtotal),
        "discount": amount(-order.discount_total) if order.discount_total else "",
        "shipping": amount(order.shipping_total),
        "tax": amount(order.tax_total) if order.tax_total else "",
        # Whether prices include tax is not said, but it shows in the sum.
        "tax_included": order.total == order.subtotal - order.discount_total + order.shipping_total,
        "total": amount(order.total),
        "address": _address(order.shipping_address, language),
    }


def _parcel(order: Order, shipment_id: UUID) -> dict[str, Any]:
    """What is in a parcel, and how its way is followed."""
    (shipment,) = [shipment for shipment in order.shipments if shipment.id == shipment_id]
    lines = {line.sku: line for line in order.lines}
    return {
        "goods": [_goods(quantity, lines[sku]) for sku, quantity in shipment.items.items()],
        "carrier": _one_line(shipment.carrier),
        "tracking_number": _one_line(shipment.tracking_number),
        "tracking_url": shipment.tracking_url,
    }


def _day(moment: datetime, language: str) -> str:
    """By the shop's calendar."""
    return str(format_date(moment.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)), "long", locale=language))


def _back_office(page: str, object_id: UUID) -> str:
    """Where staff see it. By its path: in a shop of several services another one has the admin's pages."""
    return f"{settings.PUBLIC_URL}/admin/{page}/{object_id}/change/"


def _letter(topic: str, language: str, values: dict[str, Any], words: Words | None) -> Letter:
    return layout.compose(topic, language, words or wording.current(topic, language), values)


def _line(line: OrderLine, amount: Callable[[Money], str]) -> dict[str, Any]:
    return _goods(line.quantity, line) | {
        "sku": line.sku,
        "unit_price": amount(line.unit_price),
        "total": amount(line.total),
    }


def _goods(quantity: int, line: OrderLine | CartLine) -> dict[str, Any]:
    return {"quantity": quantity, "title": _one_line(line.title), "options": _options(line)}


def _options(line: OrderLine | CartLine | Variant) -> str:
    return ", ".join(_one_line(value) for value in line.options.values())


def _address(address: dict[str, str], language: str) -> list[str]:
    """The lines of an address; the country by its name in the buyer's language."""
    town = " ".join(filter(None, (address.get("postal_code", ""), address.get("city", ""))))
    country = address.get("country", "")
    lines = [address.get(name, "") for name in ("full_name", "company", "line1", "line2")]
    lines += [town, address.get("region", ""), Locale.parse(language).territories.get(country, country)]
    return [_one_line(line) for line in lines if line.strip()]


def _one_line(text: str) -> str:
    # What customers and staff type must not make lines of its own in our letter.
    return " ".join(text.split())
