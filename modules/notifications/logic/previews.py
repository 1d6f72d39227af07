"""Letters to be looked at: on an order that there is, or on one that nobody placed. Nothing is written or sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from ecommerce.kernel.money import EXPONENTS, Money
from modules.catalog.contracts import Variant
from modules.notifications.logic import letters
from modules.notifications.logic.layout import Letter
from modules.notifications.logic.letters import LINK
from modules.notifications.logic.wording import Topic, Words
from modules.notifications.models import Message, WebhookEndpoint
from modules.orders import service as orders_service
from modules.orders.contracts import Order, OrderLine, OrderStatus, PaymentState, Shipment
from modules.payments.events import PaymentDisputed, RefundFailed
from modules.users.contracts import Contact

NOBODY = UUID(int=0)
_TITLES = {
    "en": ["Reading lamp", "Height-adjustable standing desk with cable tray and memory handset", "Gift voucher"],
    "de": ["Leselampe", "Höhenverstellbarer Schreibtisch mit Kabelwanne und Bedienteilspeicherfunktion", "Gutschein"],
    "ru": ["Лампа для чтения", "Письменный стол с электрической регулировкой высоты и кабель-каналом", "Сертификат"],
}
_OPTIONS = {
    "en": {"Colour": "Green", "Size": "M"},
    "de": {"Farbe": "Dunkelgrün", "Größe": "M"},
    "ru": {"Цвет": "Тёмно-зелёный", "Размер": "M"},
}
_NAMES = {"en": "Ada Lovelace", "de": "Anneliese Müller-Lüdenscheidt", "ru": "Александра Константинопольская"}


def preview(topic: str, language: str, words: Words | None = None, order: Order | None = None) -> Letter:
    """The letter in this language, about this order, else about the example; with these words, else with those in use.

    Whoever looks at it does not get into the order by it: its secret link is left out.
    """
    shown = replace(order or example_order(language), language=language, link=LINK)
    return _OF[Topic(topic)](topic, shown, words)


def newest_order() -> Order | None:
    """The order that was written about last, if any."""
    about_orders = Message.objects.filter(order_id__isnull=False, channel=Message.Channel.MAIL)
    order_id = about_orders.order_by("-pk").values_list("order_id", flat=True).first()
    found = orders_service.get_orders(ids=[order_id]) if order_id else []
    return found[0] if found else None


def order_numbered(number: str) -> Order | None:
    """The order of this number, if there is one."""
    found = orders_service.find_orders(numbers=[number])
    return found[0] if found else None


def example_order(language: str, currency: str | None = None) -> Order:
    """Three lines, one with a long title, a discount and taxes: as a buyer might have ordered, and nobody has."""
    currency = currency or settings.DEFAULT_CURRENCY
    prices = [_price(minor, currency) for minor in (4990, 89900, 2500)]
    lines = [
        _line(number, title, quantity, price, _OPTIONS[language] if number < 2 else {})
        for number, (title, quantity, price) in enumerate(zip(_TITLES[language], (2, 1, 1), prices, strict=True))
    ]
    subtotal = sum((line.total for line in lines[1:]), lines[0].total)
    discount, shipping = _price(5000, currency), _price(490, currency)
    is_on_top = currency in settings.CURRENCIES_WITHOUT_TAX
    tax = _price(7900 if is_on_top else 15966, currency)
    return Order(
        id=NOBODY,
        number="1042",
        status=OrderStatus.SHIPPED,
        payment_status=PaymentState.PAID,
        customer_id=None,
        email="ada@example.com",
        language=language,
        stock_reference=NOBODY,
        open_edits=[],
        lines=lines,
        subtotal=subtotal,
        discount_total=discount,
        shipping_total=shipping,
        tax_total=tax,
        total=subtotal - discount + shipping + (tax if is_on_top else Money.zero(currency)),
        set_off=Money.zero(currency),
        shipping_address={
            "full_name": _NAMES[language],
            "line1": "Unter den Linden 1",
            "postal_code": "10117",
            "city": "Berlin",
            "country": "DE",
        },
        shipping_method="standard",
        placed_at=datetime(2026, 11, 27, 12, tzinfo=UTC),
        link=LINK,
        shipments=[_parcel({lines[0].sku: 2, lines[1].sku: 1})],
    )


def _price(minor_in_cents: int, currency: str) -> Money:
    """About the same figure in a currency of other decimals."""
    return Money(minor=minor_in_cents * 10 ** EXPONENTS[currency] // 100, currency=currency)


def _line(number: int, title: str, quantity: int, price: Money, options: dict[str, str]) -> OrderLine:
    return OrderLine(
        variant_id=UUID(int=number + 1),
        sku=f"EXAMPLE-{number + 1}",
        title=title,
        options=options,
        quantity=quantity,
        unit_price=price,
        total=Money(minor=price.minor * quantity, currency=price.currency),
    )


def _parcel(items: dict[str, int]) -> Shipment:
    return Shipment(
        id=NOBODY,
        carrier="DHL",
        tracking_number="00340434161094021501",
        tracking_url="https://carrier.example/?n=00340434161094021501",
        items=items,
        shipped_at=datetime(2026, 11, 28, 12, tzinfo=UTC),
        delivered_at=None,
    )


def _buyer(order: Order) -> Contact:
    first_name, _, last_name = order.shipping_address.get("full_name", "").partition(" ")
    return Contact(
        user_id=NOBODY,
        email=order.email,
        email_verified=True,
        first_name=first_name,
        last_name=last_name,
        language=order.language,
    )


def _of_order(topic: str, order: Order, words: Words | None) -> Letter:
    # Before it is shipped an order has no parcel: as if all of it were in one.
    parcels = order.shipments or [_parcel({line.sku: line.quantity for line in order.lines})]
    order = replace(order, shipments=parcels)
    amount = order.total if topic in (Topic.ORDER_EDIT_OFFERED, Topic.PAYMENT_REFUNDED) else None
    return letters.about_order(topic, order, parcels[0].id, amount, words=words)


def _of_account(topic: str, order: Order, words: Words | None) -> Letter:
    return letters.about_account(topic, _buyer(order), words=words)


def _of_cart(topic: str, order: Order, words: Words | None) -> Letter:
    return letters.about_cart(_buyer(order), order.lines, LINK, words=words)


def _of_stock(topic: str, order: Order, words: Words | None) -> Letter:
    line = order.lines[0]
    variant = Variant(
        id=line.variant_id,
        product_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        options=line.options,
        price=line.unit_price,
        tax_class="standard",
        weight_g=0,
        available=1,
    )
    return letters.about_stock(_buyer(order), variant, words=words)


def _of_reviews(topic: str, order: Order, words: Words | None) -> Letter:
    products = {line.variant_id: line.variant_id for line in order.lines}
    return letters.about_reviews(_buyer(order), order, products, LINK, words=words)


def _of_erasure(topic: str, order: Order, words: Words | None) -> Letter:
    return letters.about_erasure(order.language, words=words)


def _of_dispute(topic: str, order: Order, words: Words | None) -> Letter:
    dispute = PaymentDisputed(
        payment_id=NOBODY,
        order_id=order.id,
        purpose="order",
        dispute_id=NOBODY,
        amount=order.total,
        reason="fraudulent",
        evidence_due_at=datetime(2026, 12, 4, 12, tzinfo=UTC),
    )
    return letters.about_dispute(order.language, order.number, dispute, words=words)


def _of_failed_refund(topic: str, order: Order, words: Words | None) -> Letter:
    refund = RefundFailed(payment_id=NOBODY, order_id=order.id, purpose="order", reference=NOBODY, amount=order.total)
    return letters.about_failed_refund(order.language, order.number, refund, words=words)


def _of_webhook(topic: str, order: Order, words: Words | None) -> Letter:
    reason = WebhookEndpoint.DisabledReason.FAILING
    endpoint = WebhookEndpoint(pk=NOBODY, url="https://erp.example/hooks/shop", disabled_reason=reason)
    return letters.about_webhook(order.language, endpoint, words=words)


_ACCOUNTS = (Topic.WELCOME, Topic.EMAIL_VERIFICATION, Topic.PASSWORD_RESET, Topic.PASSWORD_CHANGED)
_OF: Mapping[Message.Topic, Callable[[str, Order, Words | None], Letter]] = {
    **dict.fromkeys(Topic, _of_order),
    **dict.fromkeys(_ACCOUNTS, _of_account),
    Topic.CART_ABANDONED: _of_cart,
    Topic.BACK_IN_STOCK: _of_stock,
    Topic.REVIEW_REQUEST: _of_reviews,
    Topic.ACCOUNT_ERASED: _of_erasure,
    Topic.PAYMENT_DISPUTED: _of_dispute,
    Topic.REFUND_FAILED: _of_failed_refund,
    Topic.WEBHOOK_DISABLED: _of_webhook,
}
