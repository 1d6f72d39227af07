"""Nobody is woken by an SMS: what is due at night waits for the morning."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.conf import settings

from modules.notifications.logic import phone_numbers


def ends_at(number: str, now: datetime) -> datetime:
    """When it is day for this number's owner: now, or a later time.

    A number tells its country and not where in it its owner is: it is night as long as it is in any of its zones.
    """
    zones = _zones(phone_numbers.country_of(number)) or [ZoneInfo(settings.SHOP_TIME_ZONE)]
    found = now
    # A night is at most half a day (sms_settings), and a country's zones lie less than that apart.
    while (later := max(_morning(found, zone) for zone in zones)) > found:
        found = later
    return found


def _morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the night that `now` lies in by this zone's clocks, or now."""
    begins, ends = settings.SMS_QUIET_HOURS
    local = now.astimezone(zone)
    if (local.hour - begins) % 24 >= (ends - begins) % 24:
        return now
    morning = local.replace(hour=ends, minute=0, second=0, microsecond=0)
    if local.hour >= ends:
        morning += timedelta(days=1)
    return morning.astimezone(now.tzinfo)


@cache
def _zones(country: str) -> list[ZoneInfo]:
    """The time zones of a country, as CLDR lists them; those that this machine knows."""
    listed: Iterable[tuple[str, str]] = get_global("zone_territories").items()
    known = available_timezones()
    return [ZoneInfo(name) for name, territory in sorted(listed) if territory == country and name in known]
