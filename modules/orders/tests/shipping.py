"""Zones and ways to ship, for tests that need others than the demonstration shop's."""

from typing import Any

from ecommerce.kernel.money import Money
from modules.orders.logic.shipping_methods import MethodDraft, write_method
from modules.orders.logic.tariffs import Tariff
from modules.orders.logic.zones import write_zone
from modules.orders.models import ShippingMethod, ShippingZone


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def zone(title: str, *places: str) -> ShippingZone:
    return write_zone(zone_id=None, title=title, places=places)


def draft(code: str, *zones: ShippingZone, price: int = 500, **changed: Any) -> MethodDraft:
    """A way to ship for one price in euros."""
    fields: dict[str, Any] = {
        "code": code,
        "title": code.title(),
        "kind": "shipping",
        "zone_ids": [one.pk for one in zones],
        "priced_by": "flat",
        "min_days": 1,
        "max_days": 2,
        "position": 0,
        "is_active": True,
        "tariffs": {"EUR": Tariff(priced_by=changed.get("priced_by", "flat"), price=eur(price))},
    }
    return MethodDraft(**fields | changed)


def method(code: str, *zones: ShippingZone, price: int = 500, **changed: Any) -> ShippingMethod:
    return write_method(draft(code, *zones, price=price, **changed), method_id=None)
