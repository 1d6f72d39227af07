"""Who may drive an aggregate's steps: a lease, claimed by compare-and-set, lost when it runs out."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connections, models

from ecommerce.kernel import clock, ids
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.models import Saga

LEASE = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another driver has taken this aggregate's steps over; what this one did counts for nothing."""


class Lease(NamedTuple):
    """The right to drive one aggregate's steps, for as long as nobody else has claimed it."""

    module: str
    aggregate_id: UUID
    token: UUID

    @property
    def alias(self) -> str:
        return alias_of(self.module)


def claim(module: str, aggregate_id: UUID) -> Lease | None:
    """Take the lease of an aggregate, or None while somebody else holds it."""
    lease = Lease(module, aggregate_id, ids.new_id())
    now = clock.now()
    free = Saga.objects.using(lease.alias).filter(
        models.Q(leased_until=None) | models.Q(leased_until__lt=now), module=module, aggregate_id=aggregate_id
    )
    return lease if free.update(token=lease.token, leased_until=now + LEASE) else None


def due(alias: str, limit: int) -> list[tuple[str, UUID]]:
    """The aggregates whose steps are due and driven by nobody."""
    now = clock.now()
    free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
    sagas = Saga.objects.using(alias).filter(free, next_run_at__lte=now, module__in=settings.LOCAL_MODULES)
    return list(sagas.order_by("next_run_at").values_list("module", "aggregate_id")[:limit])


def finish(lease: Lease, position: int) -> int:
    """In the open transaction, renew the lease and mark a step done; the saga's version, or LeaseLost."""
    now = clock.now()
    values = lease._asdict() | {"now": now, "leased_until": now + LEASE, "position": position}
    with connections[lease.alias].cursor() as cursor:
        cursor.execute(_FINISH, values)
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    version: int = row[0]
    return version


def release(lease: Lease, version: int, due_at: datetime | None) -> bool:
    """Let go and sleep until `due_at`; False when a step was added since `version` was read."""
    held = _held(lease)
    asleep = held.filter(version=version).update(token=None, leased_until=None, next_run_at=due_at)
    return bool(asleep) or not held.exists()


def let_go(lease: Lease) -> None:
    """Leave the rest to the relay, at once."""
    _held(lease).update(token=None, leased_until=None, next_run_at=clock.now())


_FINISH = """
    WITH lease AS (
        UPDATE kernel_saga SET leased_until = %(leased_until)s
        WHERE module = %(module)s AND aggregate_id = %(aggregate_id)s AND token = %(token)s
        RETURNING version),
    step AS (
        UPDATE kernel_step SET status = 'done', finished_at = %(now)s, last_error = ''
        WHERE position = %(position)s AND EXISTS (SELECT FROM lease))
    SELECT version FROM lease
"""


def _held(lease: Lease) -> models.QuerySet[Saga]:
    return Saga.objects.using(lease.alias).filter(
        module=lease.module, aggregate_id=lease.aggregate_id, token=lease.token
    )
