"""What crosses orders' border."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from ecommerce.kernel.money import Money


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentState(StrEnum):
    """How far an order is paid, as orders sees it."""

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One line of an order: what was bought and what it costs in all."""

    variant_id: UUID
    sku: str
    title: str
    options: dict[str, str]
    quantity: int
    unit_price: Money
    total: Money


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """A parcel of an order; `tracking_url` is the carrier's page for it, where the carrier is known."""

    id: UUID
    carrier: str
    tracking_number: str
    tracking_url: str | None
    items: dict[str, int]
    shipped_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """A placed order as other modules may see it; `link` leads its buyer to it and holds its token."""

    id: UUID
    number: str
    status: OrderStatus
    payment_status: PaymentState
    customer_id: UUID | None
    email: str
    language: str
    stock_reference: UUID
    # Under these stock is held besides, for edits that have not taken effect yet.
    open_edits: list[UUID]
    lines: list[OrderLine]
    subtotal: Money
    discount_total: Money
    shipping_total: Money
    tax_total: Money
    total: Money
    # What of the total was paid for by what was taken off it again: no money moved for it.
    set_off: Money
    shipping_address: dict[str, str]
    shipping_method: str
    placed_at: datetime
    link: str
    shipments: list[Shipment] = field(default_factory=list)
    # Taken over from another shop, where it was paid and sent: payments and catalog hold nothing for it.
    is_imported: bool = False


class OrderNotFound(NotFound):
    """There is no such order."""


class CustomerNotFound(Invalid):
    """There is no such customer."""

    code = "customer_not_found"


class CartEmpty(Conflict):
    """There is nothing in this cart."""

    code = "cart_empty"


class CartAlreadyOrdered(Conflict):
    """This cart has been ordered already."""

    code = "cart_already_ordered"


class CartNotOrderable(Conflict):
    """Something in this cart stands in the way of ordering it."""

    # Its details list the `requirements`, each with code, detail and variant_id.
    code = "cart_not_orderable"


class TotalChanged(Conflict):
    """The total is not what was expected."""

    # Its details are the `expected` and the present `total`.
    code = "total_changed"


class NotShippable(Invalid):
    """This address cannot be shipped to that way."""

    code = "not_shippable"


class OrderNotPlaced(Conflict):
    """The order could not be placed, and nothing of it is left: order the cart again."""

    code = "order_not_placed"


class InvalidQuantity(Conflict):
    """More is asked for than is left of these lines, or nothing is."""

    # Its details are the `lines`, each with line_id, sku, requested, available.
    code = "invalid_quantity"


class UnknownLine(Invalid):
    """The order has no such line."""

    # Its details are the `line_ids`.
    code = "unknown_line"


class OrderImported(Conflict):
    """This order was sold elsewhere: its money and its stock are not kept here."""

    code = "order_imported"


class NothingLeftToShip(Conflict):
    """Nothing would be left to ship: cancel the order instead."""

    code = "nothing_left_to_ship"


class RefundChanged(Conflict):
    """By now the refund would come to another amount: look again."""

    # Its details are the `expected` amount and the present `amount`, in minor units.
    code = "refund_changed"


class WrongCurrency(Invalid):
    """The order is paid in another currency."""

    # Its details are the order's `currency`.
    code = "wrong_currency"


class EditOpen(Conflict):
    """The order is being edited: let the edit take effect, or call it off."""

    # Its details are the `edit_id`.
    code = "edit_open"


class EditChanged(Conflict):
    """By now the edit would come to something else: begin it again."""

    code = "edit_changed"


class EditNotPossible(Conflict):
    """What is added would be taxed in another way than the order: place a new order for it."""

    code = "edit_not_possible"


class EditNotFound(NotFound):
    """The order has no such edit."""


class ShipmentNotFound(NotFound):
    """The order has no such shipment."""


class ReturnNotFound(NotFound):
    """The order has no such return."""


class InvoiceNotReady(Conflict):
    """The order has no invoice yet: it gets one when it is paid and confirmed."""

    code = "invoice_not_ready"


class DocumentNotFound(NotFound):
    """The order has no such document."""


class ReturnPeriodOver(Conflict):
    """The time to return this has passed."""

    # Its details tell `until` when it could be.
    code = "return_period_over"


class InvalidTransition(Conflict):
    """The order's state does not allow that."""

    # Its details are the present `status` and the one `asked` for.
    code = "invalid_transition"
