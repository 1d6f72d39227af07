"""Numbers of documents: one after the other in each series, without gaps, whoever issues at once.

A sequence of the database would leave gaps where a transaction fails, so a series is a row: taking a number locks it
until the transaction ends, which is over soon (the document is written next) and gives the number back if it fails.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connections

from ecommerce.kernel import clock
from ecommerce.kernel.db import current_alias
from modules.orders.models import Document

DIGITS = 6

_TAKE = """
    INSERT INTO orders_documentcounter AS counter (series, last, issued_at) VALUES (%(series)s, 1, %(now)s)
    ON CONFLICT (series)
    DO UPDATE SET last = counter.last + 1, issued_at = GREATEST(counter.issued_at, excluded.issued_at)
    RETURNING last, issued_at
"""


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """The next number of a series, and when it was given: never before the one before it."""

    series: str
    position: int
    issued_at: datetime

    @property
    def number(self) -> str:
        return f"{self.series}-{self.position:0{DIGITS}d}"


def take_number(kind: str) -> Numbered:
    """The next number of this year's series; the open transaction must end with its document written, or fail."""
    now = clock.now()
    prefix = settings.INVOICE_PREFIX if kind == Document.Kind.INVOICE else settings.CREDIT_NOTE_PREFIX
    series = f"{prefix}-{shop_time(now).year}"
    with connections[current_alias()].cursor() as cursor:
        cursor.execute(_TAKE, {"series": series, "now": now})
        position, issued_at = cursor.fetchone()
    return Numbered(series=series, position=position, issued_at=issued_at)


def shop_time(instant: datetime) -> datetime:
    """The same instant by the shop's clock: it decides the day, and the year of a series."""
    return instant.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))
