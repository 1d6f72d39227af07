"""Where stock lies: one place by default, more for who has them."""

from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from modules.catalog.contracts import LocationTaken, UnknownLocation
from modules.catalog.logic.database import fetch
from modules.catalog.models import Location

DEFAULT_LOCATION = "Main warehouse"


class Place(NamedTuple):
    """A location as staff see it."""

    id: UUID
    name: str
    is_default: bool


def list_locations() -> list[Place]:
    """Every location, in the order that stock is taken from them; few enough for one answer."""
    rows = fetch("SELECT id, name, is_default FROM catalog_location ORDER BY NOT is_default, name")
    return [Place(*row) for row in rows]


def default_location_id() -> UUID:
    """Where stock lies unless somebody says otherwise; made when it is first asked for."""
    location, _ = Location.objects.get_or_create(is_default=True, defaults={"name": DEFAULT_LOCATION})
    return location.id


def find_location_id(location: str | None) -> UUID:
    """The location of that id or name; the default one for None. Refuses what is neither."""
    if location is None:
        return default_location_id()
    rows = fetch("SELECT id FROM catalog_location WHERE id::text = lower(%s) OR name = %s", [location, location])
    if not rows:
        raise UnknownLocation
    found: UUID = rows[0][0]
    return found


def open_location(*, name: str) -> Place:
    """A new place for stock; refuses a name that is taken. What is open already stays the default."""
    default_location_id()
    location = Location(name=name)
    save_location(location)
    return Place(location.id, location.name, location.is_default)


def save_location(location: Location) -> None:
    """Keep its name, and make it the default one if it says so; refuses a name that is taken. Repeatable.

    There is always a default: it ends by another one becoming it.
    """
    try:
        with atomic(Location):
            if location.is_default:
                Location.objects.exclude(id=location.id).filter(is_default=True).update(is_default=False)
            elif Location.objects.filter(id=location.id, is_default=True).exists():
                location.is_default = True
            location.save()
    except IntegrityError as error:
        raise LocationTaken from error
