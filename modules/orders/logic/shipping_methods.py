"""The ways a shop ships, as staff write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.orders.logic.complaints import complaint
from modules.orders.logic.tariffs import PricedBy, Tariff
from modules.orders.models import ShippingMethod, ShippingPrice, ShippingTier, ShippingZone

Kind = ShippingMethod.Kind


@dataclass(frozen=True, kw_only=True)
class MethodDraft:
    """A way to ship as it is to be, with its tariff for each currency that it is offered in."""

    code: str
    title: str
    kind: str
    zone_ids: Sequence[UUID]
    priced_by: str
    min_days: int
    max_days: int
    position: int
    is_active: bool
    tariffs: Mapping[str, Tariff]


def write_method(draft: MethodDraft, *, method_id: UUID | None) -> ShippingMethod:
    """Make a way to ship, or change the one of that id, to be this; refuses what does not fit together. Orders keep the
    code and the title they were placed with. Repeating a change is safe."""
    require_sense(draft)
    with atomic(ShippingMethod):
        if method_id is None:
            method = ShippingMethod(pk=new_id())
        else:
            method = ShippingMethod.objects.select_for_update().get(pk=method_id)
        _require_free(method, draft)
        for name in ("code", "title", "kind", "priced_by", "min_days", "max_days", "position", "is_active"):
            setattr(method, name, getattr(draft, name))
        method.save()
        method.zones.set(ShippingZone.objects.filter(pk__in=draft.zone_ids))
        _write_prices(method, draft.tariffs)
        return method


def delete_method(*, method_id: UUID) -> None:
    """Delete a way to ship; the orders that went by it keep its code and title."""
    with atomic(ShippingMethod):
        ShippingMethod.objects.get(pk=method_id).delete()


def require_sense(draft: MethodDraft) -> None:
    """Refuse what does not fit together, naming the field; asks no database."""
    if draft.max_days < draft.min_days:
        raise complaint("max_days", "Not fewer than at least.")
    if draft.kind == Kind.SHIPPING and not draft.zone_ids:
        raise complaint("zones", "Choose where it is offered; only a pick-up may be offered everywhere.")
    if draft.priced_by == PricedBy.FLAT and any(tariff.tiers for tariff in draft.tariffs.values()):
        raise complaint("prices", "Tiers are for prices by weight or by subtotal.")


def _require_free(method: ShippingMethod, draft: MethodDraft) -> None:
    if ShippingMethod.objects.filter(code=draft.code).exclude(pk=method.pk).exists():
        raise complaint("code", "Another way to ship has this code.")


def _write_prices(method: ShippingMethod, tariffs: Mapping[str, Tariff]) -> None:
    ShippingPrice.objects.filter(method=method).delete()
    for currency, tariff in tariffs.items():
        free_from = None if tariff.free_from is None else tariff.free_from.minor
        price = ShippingPrice.objects.create(
            method=method, currency=currency, price_minor=tariff.price.minor, free_from_minor=free_from
        )
        tiers = [
            ShippingTier(price=price, at_least=tier.at_least, price_minor=tier.price.minor) for tier in tariff.tiers
        ]
        ShippingTier.objects.bulk_create(tiers)
