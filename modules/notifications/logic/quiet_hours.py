"""Nobody is woken by an SMS: what is due at night waits for the morning."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.conf import settings
from django.db.models import Q

from ecommerce.kernel import clock
from modules.notifications.logic import phone_numbers
from modules.notifications.logic.channels import twilio
from modules.notifications.models import Message


def hold(message_id: UUID) -> bool:
    """Whether this is an SMS that is due in its reader's night; then it is due in the morning.

    No attempt is counted. Repeating is safe; what another worker is sending already is left to it.
    """
    if not twilio.is_configured():
        return False
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = Message.objects.filter(
        free, pk=message_id, channel=Message.Channel.SMS, status=Message.Status.READY, next_attempt_at__lte=now
    )
    message = due.only("address").first()
    if message is None or (morning := ends_at(message.address, now)) == now:
        return False
    return bool(due.update(next_attempt_at=morning, handed_until=None))


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
