"""Comparing a provider's records with payments, the books, orders and stock holds, for a period; kept as history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from ecommerce.backoffice.models import FoundDrift, ReconcileRun
from ecommerce.backoffice.order_drift import OrderDrift, find_hold_drift, find_payment_drift
from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from modules.payments import service as payments_service
from modules.payments.contracts import PROVIDERS, Drift, ProviderNotAvailable

AnyDrift = Drift | OrderDrift
Progress = Callable[[int, int], None]

KEPT = 1000
NIGHTLY = timedelta(days=3)
# What is younger is still on its way.
SETTLING = timedelta(hours=1)
STRETCH = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one stretch of a run held."""

    drifts: list[AnyDrift]
    checked: int


def reconcile(
    provider: str, since: datetime, until: datetime, *, fix: bool, progress: Progress = lambda done, of: None
) -> ReconcileRun:
    """Compare what was begun in this time, one stretch after the other, and keep what is found; with `fix` the safe
    kinds are mended. Repeating it is safe. Raises ProviderNotAvailable and Unavailable; the run says so, too."""
    run = ReconcileRun.objects.create(provider=provider, since=since, until=until, fixes=fix, started_at=clock.now())
    try:
        for found in _stretches(provider, since, until, fix=fix, progress=progress):
            _keep(run, found)
    except ServiceError as error:
        run.error = error.detail[:200]
        raise
    finally:
        run.finished_at = clock.now()
        run.save(update_fields=["finished_at", "error"])
    return run


def reconcile_all(*, fix: bool) -> list[ReconcileRun]:
    """The nightly run: the last three days of each provider that is configured. What one provider meets keeps no other
    from its turn."""
    until = clock.now() - SETTLING
    runs = []
    for provider in PROVIDERS:
        try:
            runs.append(reconcile(provider, until - NIGHTLY, until, fix=fix))
        except ProviderNotAvailable:
            ReconcileRun.objects.filter(provider=provider, checked=0, error=_not_available()).delete()
        except ServiceError:
            continue
    return runs


def _not_available() -> str:
    return ProviderNotAvailable().detail


def _stretches(provider: str, since: datetime, until: datetime, *, fix: bool, progress: Progress) -> Iterator[Found]:
    of, done, start = ceil((until - since) / STRETCH), 0, since
    while True:
        page = payments_service.find_drift(provider=provider, since=start, until=until, fix=fix)
        yield Found(drifts=list(page.drifts), checked=page.checked)
        end = page.until or until
        for drifts in find_payment_drift(provider, start, end, fix=fix):
            yield Found(drifts=list(drifts), checked=0)
        for drifts in find_hold_drift(start, end, fix=fix):
            yield Found(drifts=list(drifts), checked=0)
        done += 1
        progress(min(done, of), of)
        if page.until is None:
            return
        start = page.until


def _keep(run: ReconcileRun, found: Found) -> None:
    room = max(0, KEPT - run.found)
    FoundDrift.objects.bulk_create(
        FoundDrift(
            run=run,
            kind=drift.kind.value,
            reference=drift.reference[:200],
            here=drift.here[:200],
            there=drift.there[:200],
            payment_id=drift.payment_id,
            order_id=drift.order_id,
            is_safe=drift.is_safe,
            is_fixed=drift.is_fixed,
        )
        for drift in found.drifts[:room]
    )
    run.checked += found.checked
    run.found += len(found.drifts)
    run.fixed += sum(drift.is_fixed for drift in found.drifts)
    run.save(update_fields=["checked", "found", "fixed"])
