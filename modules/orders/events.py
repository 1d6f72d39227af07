"""The facts that orders announces."""

from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class OrderPlaced:
    """An order exists and waits for its payment."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    total: Money


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed:
    """An order is paid for (or costs nothing) and its stock is sold."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    total: Money


@dataclass(frozen=True, kw_only=True)
class OrderCancelled:
    """An order was called off before anything was shipped."""

    order_id: UUID
    number: str
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderExpired:
    """An order was not paid in time; its stock and coupons are free again."""

    order_id: UUID
    number: str
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderEditOffered:
    """Staff have added to an order: `due` is to be paid before it takes effect."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    edit_id: UUID
    due: Money


@dataclass(frozen=True, kw_only=True)
class OrderEdited:
    """An order is made of something else now; `total` is all that was ever bought by it."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    edit_id: UUID
    total: Money


@dataclass(frozen=True, kw_only=True)
class OrderShipped:
    """A parcel of an order has left; one of several, where the order is sent in parts."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    shipment_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderDelivered:
    """All of an order has arrived."""

    order_id: UUID
    number: str
    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ReturnRequested:
    """The buyer wishes to send something back."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnRejected:
    """What the buyer wished to send back is not taken."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnReceived:
    """What the buyer sent back has arrived; its refund follows."""

    order_id: UUID
    number: str
    customer_id: UUID | None
    return_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderAnonymised:
    """Nothing in this order names anybody any more: whoever wrote to its buyer about it forgets what he wrote."""

    order_id: UUID
