"""Where a provider's records and ours differ: one stretch of time after the other, so that memory stays flat.

Nothing is changed unless `fix` is asked for, and then only what is mended by taking over what the provider says now, or
by what would have happened by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.payments.contracts import Drift, DriftKind, DriftPage, ProviderDisagrees
from modules.payments.logic import attempts, book_drift
from modules.payments.logic.books import open_book, said_of
from modules.payments.logic.drift_judging import SAFE, judge, moved
from modules.payments.logic.folding import join
from modules.payments.logic.providers import find_provider
from modules.payments.logic.providers.base import Listed, Observed, Provider
from modules.payments.logic.recording import record
from modules.payments.models import Attempt, AttemptStatus, Observation, Payment

STRETCH = timedelta(hours=1)
# Our clock and the provider's, and the time between our row and its own.
SLACK = timedelta(minutes=10)
CHUNK = 500


def find_drift(*, provider: str, since: datetime, until: datetime, fix: bool) -> DriftPage:
    """Compare one stretch (an hour at most) of what was begun from `since` on; the page's `until` is where the next
    one begins. With `fix` the safe kinds are mended, and marked so. Repeatable. Raises ProviderNotAvailable and
    Unavailable."""
    end = min(since + STRETCH, until)
    asked = find_provider(provider)
    listed = list(_listed(asked, since - SLACK, end + SLACK))
    theirs = [one for one in listed if since <= one.created_at < end]
    ours = Attempt.objects.filter(provider=provider, created_at__gte=since, created_at__lt=end)
    known = {one.attempt_id for one in listed}
    unlisted = [attempt for attempt in _with_observations(ours) if attempt.pk not in known]
    drifts = [
        *_compare_listed(theirs, fix=fix),
        *_compare_unlisted(asked, unlisted, fix=fix),
        *book_drift.find(asked, since, end, fix=fix),
    ]
    return DriftPage(drifts=drifts, checked=len(theirs) + len(unlisted), until=end if end < until else None)


def _listed(provider: Provider, since: datetime, until: datetime) -> Iterator[Listed]:
    cursor: str | None = None
    while True:
        page = provider.list_attempts(since, until, cursor)
        yield from page.listed
        cursor = page.cursor
        if cursor is None:
            return


def _compare_listed(listed: list[Listed], *, fix: bool) -> Iterator[Drift]:
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        ids = {one.attempt_id for one in chunk if one.attempt_id is not None}
        found = {attempt.pk: attempt for attempt in _with_observations(Attempt.objects.filter(pk__in=ids))}
        for one in chunk:
            attempt = found.get(one.attempt_id) if one.attempt_id else None
            if attempt is None and moved(one.observed):
                yield _missing_here(one)
            elif attempt is not None:
                yield from _compare(attempt, one.observed, fix=fix)
    yield from _doubles(listed)


def _compare_unlisted(provider: Provider, unlisted: list[Attempt], *, fix: bool) -> Iterator[Drift]:
    """What the provider does not list is asked for by itself before it is said to be missing."""
    for attempt in unlisted:
        if attempt.status == AttemptStatus.CANCELLED and not attempt.provider_reference:
            # It was never sent.
            continue
        observed = provider.fetch(attempts.charge_of(attempt.payment, attempt))
        if observed is not None:
            yield from _compare(attempt, observed, fix=fix)
        else:
            is_unanswered = attempt.status == AttemptStatus.STARTED
            kind = DriftKind.UNANSWERED if is_unanswered else DriftKind.MISSING_THERE
            yield _about(attempt, kind, here=attempt.status, there="nothing")


def _compare(attempt: Attempt, observed: Observed, *, fix: bool) -> Iterator[Drift]:
    drift = _judged(attempt, observed)
    if drift is None:
        return
    if fix and drift.is_safe:
        drift = replace(drift, is_fixed=_take_over(attempt))
    yield drift


def _judged(attempt: Attempt, observed: Observed) -> Drift | None:
    verdict = judge(join(said_of(attempt).values()), observed, _asked_of(attempt.payment))
    if verdict is None:
        return None
    drift = _about(attempt, verdict.kind, here=verdict.here, there=verdict.there)
    return replace(drift, is_safe=verdict.kind in SAFE)


def _take_over(attempt: Attempt) -> bool:
    """Record what the provider says now; whether that has mended it."""
    observed = attempts.observe(attempt.payment, attempt)
    if observed is None:
        return False
    try:
        with atomic(Payment):
            record(open_book(attempt.payment_id), attempt.pk, observed)
    except ProviderDisagrees:
        return False
    again = _with_observations(Attempt.objects.filter(pk=attempt.pk))
    return all(_judged(one, observed) is None for one in again)


def _doubles(listed: Iterable[Listed]) -> Iterator[Drift]:
    references: dict[UUID, list[str]] = defaultdict(list)
    for one in listed:
        if one.attempt_id is not None and moved(one.observed):
            references[one.attempt_id].append(one.observed.reference)
    for attempt_id, several in references.items():
        if len(several) > 1:
            attempt = Attempt.objects.select_related("payment").filter(pk=attempt_id).first()
            there = " and ".join(sorted(several))
            here = attempt.provider_reference if attempt else "nothing"
            payment = attempt.payment if attempt else None
            yield Drift(
                kind=DriftKind.DUPLICATE,
                reference=there,
                here=here,
                there=there,
                payment_id=payment.pk if payment else None,
                order_id=payment.order_id if payment else None,
            )


def _missing_here(one: Listed) -> Drift:
    said = one.observed
    amount = said.amount.amount + " " + said.amount.currency if said.amount else str(said.captured_minor)
    return Drift(kind=DriftKind.MISSING_HERE, reference=said.reference, here="nothing", there=f"{said.status} {amount}")


def _about(attempt: Attempt, kind: DriftKind, *, here: str, there: str) -> Drift:
    return Drift(
        kind=kind,
        reference=attempt.provider_reference or str(attempt.pk),
        here=here,
        there=there,
        payment_id=attempt.payment_id,
        order_id=attempt.payment.order_id,
    )


def _with_observations(found: QuerySet[Attempt]) -> list[Attempt]:
    observations = Prefetch("observations", Observation.objects.order_by("observed_at", "id"))
    return list(found.select_related("payment").prefetch_related(observations).order_by("pk"))


def _asked_of(payment: Payment) -> Money:
    return Money(minor=payment.amount_minor, currency=payment.currency)
