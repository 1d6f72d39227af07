"""Orders as other modules may see them."""

from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel.money import Money
from modules.orders import contracts
from modules.orders.logic import tokens
from modules.orders.logic.carriers import tracking_url
from modules.orders.models import Order, OrderEdit, OrderLine, Shipment


def get_orders(*, ids: list[UUID]) -> list[contracts.Order]:
    """The placed orders among these, in the order asked; an order still in checkout is not one. Changes nothing."""
    found = {order.pk: order for order in _placed().filter(pk__in=ids)}
    return [_contract(found[order_id]) for order_id in ids if order_id in found]


def find_orders(*, numbers: list[str]) -> list[contracts.Order]:
    """The placed orders with these numbers, by id; a number that none has is left out. Changes nothing."""
    # The database's text holds no NUL.
    asked = [number for number in numbers if "\0" not in number]
    return [_contract(order) for order in _placed().filter(number__in=asked).order_by("pk")]


def list_orders(*, after: UUID | None, limit: int) -> list[contracts.Order]:
    """A page of all placed orders by id, from the one after `after` on; empty at the end. Changes nothing."""
    page = _placed().filter(pk__gt=after) if after else _placed()
    return [_contract(order) for order in page.order_by("pk")[:limit]]


def _placed() -> QuerySet[Order]:
    return Order.objects.exclude(status__in=Order.INTERNAL).prefetch_related("lines", "edits", "shipments__items__line")


def _contract(order: Order) -> contracts.Order:
    def money(minor: int) -> Money:
        return Money(minor=minor, currency=order.currency)

    assert order.number is not None  # noqa: S101  (the database: what is placed is numbered)
    assert order.placed_at is not None  # noqa: S101  (the same constraint)
    return contracts.Order(
        id=order.pk,
        number=order.number,
        status=contracts.OrderStatus(order.status),
        payment_status=contracts.PaymentState(order.payment_status),
        customer_id=order.customer_id,
        email=order.email,
        language=order.language,
        stock_reference=order.stock_reference,
        open_edits=[edit.pk for edit in order.edits.all() if edit.status in OrderEdit.OPEN],
        lines=[_line(line, order.currency) for line in sorted(order.lines.all(), key=lambda line: line.position)],
        subtotal=money(order.subtotal_minor),
        discount_total=money(order.discount_minor),
        shipping_total=money(order.shipping_minor),
        tax_total=money(order.tax_minor),
        total=money(order.total_minor),
        set_off=money(order.set_off_minor),
        shipping_address=order.shipping_address,
        shipping_method=order.shipping_title,
        placed_at=order.placed_at,
        link=tokens.link(order),
        is_imported=order.is_imported,
        shipments=[_shipment(one) for one in sorted(order.shipments.all(), key=lambda one: one.pk)],
    )


def _shipment(shipment: Shipment) -> contracts.Shipment:
    return contracts.Shipment(
        id=shipment.pk,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=tracking_url(shipment.carrier, shipment.tracking_number),
        items={item.line.sku: item.quantity for item in shipment.items.all()},
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
    )


def _line(line: OrderLine, currency: str) -> contracts.OrderLine:
    return contracts.OrderLine(
        variant_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        options=line.options,
        quantity=line.quantity,
        unit_price=Money(minor=line.unit_price_minor, currency=currency),
        total=Money(minor=line.total_minor, currency=currency),
    )
