"""The texts that are sent, made of templates: one directory per letter and language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from babel import Locale
from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from ecommerce.kernel.amounts import in_words_of
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartLine
from modules.notifications.models import Message
from modules.orders.contracts import Order, OrderLine, PaymentState
from modules.users.contracts import Contact

# Whoever adds a language adds templates/notifications/<letter>/<language>/.
TRANSLATED = ("en", "de", "ru")
UNPAID = (PaymentState.UNPAID, PaymentState.FAILED)
# Stands in a stored text where a secret link goes when it is sent.
LINK = "[link]"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A text in one language, as plain text and as HTML."""

    language: str
    subject: str
    text: str
    html: str


def about_order(topic: str, order: Order, reference_id: UUID, amount: Money | None = None) -> Letter:
    """A mail about an order, or its parcel, refund or return with this id, in the buyer's language."""
    language = spoken(order.language)
    words = {"number": order.number, "link": order.link, "is_paid": order.payment_status not in UNPAID}
    if amount is not None:
        words["amount"] = in_words_of(language, amount)
    if topic == Message.Topic.ORDER_CONFIRMED:
        words |= _purchase(order, language)
    if topic == Message.Topic.ORDER_SHIPPED:
        words |= _parcel(order, reference_id)
    return _letter(topic, language, words)


def about_account(topic: str, contact: Contact) -> Letter:
    """A mail about an account, in its owner's language; a link in it is still to be filled in."""
    words = {"first_name": _one_line(contact.first_name), "email": contact.email, "link": LINK}
    return _letter(topic, spoken(contact.language), words)


def about_cart(contact: Contact, lines: Sequence[CartLine], unsubscribe: str) -> Letter:
    """A reminder of what a user has left in his cart, in his language, with the way to hear no more of such."""
    words = {
        "first_name": _one_line(contact.first_name),
        "goods": [_goods(line.quantity, line) for line in lines],
        "link": f"{settings.STOREFRONT_URL}/cart/",
        "unsubscribe": unsubscribe,
    }
    return _letter(Message.Topic.CART_ABANDONED, spoken(contact.language), words)


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


def _letter(name: str, language: str, words: dict[str, Any]) -> Letter:
    shop = {"language": language, "shop": settings.SHOP_NAME, "imprint": settings.SHOP_ADDRESS}
    render = partial(_render, f"notifications/{name}/{language}", words | shop)
    # A header is one line, whatever is in it.
    subject = " ".join(render("subject.txt").split())
    return Letter(language=language, subject=subject, text=render("body.txt"), html=render("body.html"))


def _render(directory: str, words: dict[str, Any], file: str) -> str:
    template: Any = get_template(f"{directory}/{file}")
    text: str = template.template.render(Context(words, autoescape=file.endswith(".html")))
    return text.strip() + "\n"


def spoken(wanted: str) -> str:
    """The language to write in: the wanted one where we have it, else the shop's own."""
    asked = wanted.replace("_", "-").split("-")[0].lower()
    shops = settings.LANGUAGE_CODE.split("-")[0]
    return next((language for language in (asked, shops) if language in TRANSLATED), TRANSLATED[0])


def _line(line: OrderLine, amount: Callable[[Money], str]) -> dict[str, Any]:
    return _goods(line.quantity, line) | {
        "sku": line.sku,
        "unit_price": amount(line.unit_price),
        "total": amount(line.total),
    }


def _goods(quantity: int, line: OrderLine | CartLine) -> dict[str, Any]:
    options = ", ".join(_one_line(value) for value in line.options.values())
    return {"quantity": quantity, "title": _one_line(line.title), "options": options}


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
