"""The zones a shop ships to, as staff write them."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict
from ecommerce.kernel.ids import new_id
from modules.orders.logic.complaints import complaint
from modules.orders.models import ShippingMethod, ShippingPlace, ShippingZone


class ZoneInUse(Conflict):
    """Shipping methods are offered in this zone: change them first."""

    # details: methods, their codes
    code = "zone_in_use"


def write_zone(*, zone_id: UUID | None, title: str, places: Sequence[str]) -> ShippingZone:
    """Make a zone, or change the one of that id, to be these places (places.read_place); refuses a title or a place
    that another zone has. Repeating a change is safe."""
    try:
        with atomic(ShippingZone):
            return _write(zone_id, title, places)
    except IntegrityError as error:
        # Somebody else was quicker since it was looked at.
        raise complaint("places", "Another zone has one of these places by now.") from error


def delete_zone(*, zone_id: UUID) -> None:
    """Delete a zone that no method is offered in; a wider zone then counts for its places, if there is one."""
    with atomic(ShippingZone):
        zone = ShippingZone.objects.select_for_update().get(pk=zone_id)
        methods = list(ShippingMethod.objects.filter(zones=zone).order_by("code").values_list("code", flat=True))
        if methods:
            raise ZoneInUse(f"It is where these are offered: {', '.join(methods)}.", methods=methods)
        zone.delete()


def _write(zone_id: UUID | None, title: str, places: Sequence[str]) -> ShippingZone:
    zone = ShippingZone.objects.select_for_update().get(pk=zone_id) if zone_id else ShippingZone(pk=new_id())
    _require_free(zone, title, places)
    zone.title = title
    zone.save()
    ShippingPlace.objects.filter(zone=zone).exclude(code__in=places).delete()
    there = set(ShippingPlace.objects.filter(zone=zone).values_list("code", flat=True))
    new = [code for code in dict.fromkeys(places) if code not in there]
    ShippingPlace.objects.bulk_create([ShippingPlace(zone=zone, code=code) for code in new])
    return zone


def _require_free(zone: ShippingZone, title: str, places: Sequence[str]) -> None:
    if ShippingZone.objects.filter(title=title).exclude(pk=zone.pk).exists():
        raise complaint("title", "Another zone is called that.")
    taken = ShippingPlace.objects.filter(code__in=places).exclude(zone=zone).select_related("zone").order_by("code")
    if found := [f"{place.code} is in {place.zone.title}" for place in taken]:
        raise complaint("places", f"{', '.join(found)}: a place is in one zone.")
