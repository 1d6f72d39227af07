"""Orders' tables. Money is BIGINT minor units in the order's currency; only logic/ writes here."""

from modules.orders.models.documents import Document, DocumentCounter
from modules.orders.models.edits import EditLine, OrderEdit
from modules.orders.models.orders import Order, OrderLine, SoldUnits, TimelineEntry
from modules.orders.models.refunds import Refund, RefundItem
from modules.orders.models.returns import Return, ReturnItem
from modules.orders.models.shipments import Shipment, ShipmentItem
from modules.orders.models.shipping import ShippingMethod, ShippingPlace, ShippingPrice, ShippingTier, ShippingZone
from modules.orders.models.taxes import TaxExemption, TaxRate

__all__ = [
    "Document",
    "DocumentCounter",
    "EditLine",
    "Order",
    "OrderEdit",
    "OrderLine",
    "Refund",
    "RefundItem",
    "Return",
    "ReturnItem",
    "Shipment",
    "ShipmentItem",
    "ShippingMethod",
    "ShippingPlace",
    "ShippingPrice",
    "ShippingTier",
    "ShippingZone",
    "SoldUnits",
    "TaxExemption",
    "TaxRate",
    "TimelineEntry",
]
