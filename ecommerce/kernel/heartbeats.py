"""That the worker and the relay are alive, said by themselves in the database."""

from datetime import datetime

from ecommerce.kernel import clock
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.models import Heartbeat


def beat(process: str) -> None:
    """Say that a process of this kind is alive, now."""
    Heartbeat.objects.using(local_aliases()[0]).update_or_create(process=process, defaults={"beat_at": clock.now()})


def last_beat(process: str) -> datetime | None:
    """When a process of this kind was last alive."""
    row = Heartbeat.objects.using(local_aliases()[0]).filter(process=process).first()
    return row.beat_at if row else None
