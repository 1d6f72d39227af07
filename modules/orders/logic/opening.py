"""The rows that a checkout begins with: the order, its lines, and the steps that will place it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.steps import NewStep
from modules.cart.contracts import CartDiscount
from modules.catalog.contracts import StockLine
from modules.orders.logic import tokens
from modules.orders.logic.checkout_steps import hold_stock, place_free_order, redeem_coupons, start_payment
from modules.orders.logic.names import search_name
from modules.orders.logic.pricing import PricedLine, TaxTotal, rate_of
from modules.orders.logic.quotes import Quote
from modules.orders.logic.redeeming import customer_key
from modules.orders.logic.wishes import CheckoutWish
from modules.orders.models import Order, OrderLine

# A hold outlives the time to pay, so that a payment made in the last second still finds its stock.
HOLD_LONGER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A new order, not written yet."""

    order: Order
    lines: list[OrderLine]
    steps: list[NewStep]


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """For whom an order is placed, by which claim; `payable_for` is how long it waits for its payment."""

    customer_id: UUID | None
    claim_id: UUID
    language: str
    payable_for: timedelta | None = None


def open_order(quote: Quote, wish: CheckoutWish, buyer: Buyer) -> Opening:
    """Make the rows of an order from what was asked and what it costs."""
    order = _order(quote, wish, buyer)
    lines = [_line(order, position, line) for position, line in enumerate(quote.priced.lines)]
    return Opening(order=order, lines=lines, steps=_steps(order, quote, wish))


def sold_units(priced: PricedLine) -> dict[str, object]:
    """The columns of a line of an order, or of what is added to one."""
    line = priced.line
    return {
        "variant_id": line.variant_id,
        "sku": line.sku,
        "title": line.title,
        "options": line.options,
        "image": line.image,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price.minor,
        "discount_minor": line.discount.minor,
        "tax_minor": priced.tax.minor,
        "total_minor": priced.total.minor,
        "tax_class": line.tax_class,
        "tax_rate": rate_of(priced.rate.rate),
    }


def tax_as_kept(one: TaxTotal) -> dict[str, object]:
    """What one rate comes to, as an order keeps it."""
    return {
        "title": one.title,
        "rate": str(rate_of(one.rate).normalize()),
        "base": {"amount": one.base.amount, "currency": one.base.currency},
        "amount": {"amount": one.amount.amount, "currency": one.amount.currency},
    }


def _order(quote: Quote, wish: CheckoutWish, buyer: Buyer) -> Order:
    now, order_id, priced = clock.now(), new_id(), quote.priced
    assert quote.chosen is not None  # noqa: S101  (a wish always names a shipping method)
    return Order(
        id=order_id,
        cart_id=quote.cart.cart_id,
        cart_version=quote.cart.version,
        idempotency_id=buyer.claim_id,
        fingerprint=wish.fingerprint,
        customer_id=buyer.customer_id,
        email=wish.email,
        language=buyer.language,
        shipping_address=wish.shipping_address,
        billing_address=wish.billing_address,
        search_name=search_name(wish.shipping_address, wish.billing_address),
        vat_id=wish.vat_id,
        note=wish.note,
        currency=quote.cart.currency,
        prices_include_tax=priced.prices_include_tax,
        subtotal_minor=priced.subtotal.minor,
        discount_minor=priced.discount_total.minor,
        shipping_minor=priced.shipping_total.minor,
        shipping_tax_minor=priced.shipping_tax.minor,
        tax_minor=priced.tax_total.minor,
        total_minor=priced.total.minor,
        discounts=[_discount(one) for one in priced.discounts],
        taxes=[tax_as_kept(one) for one in priced.taxes],
        tax_exemption=quote.exemption,
        shipping_code=quote.chosen.code,
        shipping_title=quote.chosen.title,
        is_pick_up=quote.chosen.is_pick_up,
        payment_provider=wish.provider,
        stock_reference=order_id,
        coupon_codes=quote.cart.codes,
        created_at=now,
        payable_until=now + (buyer.payable_for or timedelta(minutes=settings.PAYABLE_MINUTES)),
    )


def _line(order: Order, position: int, priced: PricedLine) -> OrderLine:
    return OrderLine(order_id=order.pk, position=position, **sold_units(priced))


def _steps(order: Order, quote: Quote, wish: CheckoutWish) -> list[NewStep]:
    steps = [_holding(order, quote)]
    if quote.cart.discounts or quote.cart.codes:
        steps.append(_redeeming(order, quote))
    steps.append(_paying(order, quote, wish))
    return steps


def _holding(order: Order, quote: Quote) -> NewStep:
    lines = [StockLine(variant_id=line.variant_id, quantity=line.quantity) for line in quote.cart.lines]
    until = order.payable_until + HOLD_LONGER
    return NewStep(hold_stock, {"lines": lines, "until": until, "payable_until": order.payable_until})


def _redeeming(order: Order, quote: Quote) -> NewStep:
    arguments = {
        "promotion_ids": [discount.promotion_id for discount in quote.cart.discounts],
        "codes": quote.cart.codes,
        "customer_key": customer_key(order.customer_id, order.email),
        "payable_until": order.payable_until,
    }
    return NewStep(redeem_coupons, arguments)


def _paying(order: Order, quote: Quote, wish: CheckoutWish) -> NewStep:
    if not quote.priced.total:
        return NewStep(place_free_order, {"payer_id": order.customer_id, "currency": order.currency})
    arguments = {
        "amount": quote.priced.total,
        "split": quote.priced.split,
        "provider": wish.provider,
        "method": wish.method,
        "payer_id": order.customer_id,
        "token_hash": tokens.token_hash(order.pk, order.token_generation),
        "payable_until": order.payable_until,
    }
    return NewStep(start_payment, arguments)


def _discount(one: CartDiscount) -> dict[str, object]:
    return {
        "promotion_id": str(one.promotion_id),
        "code": one.code,
        "title": one.title,
        "amount": {"amount": one.amount.amount, "currency": one.amount.currency},
    }
