"""Every kind of drift is put into thousands of payments: exactly that is found, and what is safe is mended."""

import gc
import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.contracts import Drift, DriftKind
from modules.payments.logic.books import open_book
from modules.payments.logic.drift import find_drift
from modules.payments.logic.providers.base import Charge, ListedPage, Observed, ObservedDispute, ObservedMove, Payout
from modules.payments.logic.providers.sandbox import Sandbox
from modules.payments.logic.recording import record
from modules.payments.models import AttemptStatus, DisputeStatus
from modules.payments.tests.factories import provider_that, run_steps
from modules.payments.tests.past import AMOUNT, BEGINNING, write_past, write_unheard

pytestmark = pytest.mark.django_db

# `make test-drift` compares ten thousand.
COUNT = int(os.environ.get("DRIFT_PAYMENTS", "2000"))
HOURS = 10
PAYOUT = Payout(reference="po_1", amount=Money(minor=5000, currency="EUR"), arrived_at=BEGINNING + timedelta(hours=3))
DISPUTE = ObservedDispute(
    reference="dp_1", status=DisputeStatus.NEEDS_RESPONSE, amount_minor=AMOUNT, withdrawn_minor=AMOUNT
)
FEE = ObservedMove(reference="txn_1", moved_minor=AMOUNT, settled_minor=AMOUNT, fee_minor=30, currency="EUR")

SAFE = {
    DriftKind.CAPTURED,
    DriftKind.STATUS,
    DriftKind.REFUNDED,
    DriftKind.DISPUTED,
    DriftKind.FEES,
    DriftKind.SURPLUS,
    DriftKind.PAYOUT,
}
UNSAFE = set(DriftKind) - SAFE


def find_all(hours: int, *, fix: bool = False) -> tuple[list[Drift], int]:
    """All pages, as the command goes through them."""
    drifts: list[Drift] = []
    checked, since, until = 0, BEGINNING, BEGINNING + timedelta(hours=hours)
    while True:
        page = find_drift(provider="sandbox", since=since, until=until, fix=fix)
        drifts += page.drifts
        checked += page.checked
        if page.until is None:
            return drifts, checked
        since = page.until


def payment_of(attempt_id: UUID) -> models.Payment:
    return models.Attempt.objects.select_related("payment").get(pk=attempt_id).payment


def the_provider_has(attempt_id: UUID, **other: Any) -> None:
    assert models.SandboxPayment.objects.filter(pk=attempt_id).update(**other) == 1


@contextmanager
def a_provider_that_also_has(said: dict[UUID, dict[str, Any]], twice: UUID) -> Iterator[None]:
    """It says more of some attempts than the sandbox can, has one of them twice, and has paid out."""
    sandbox, fetch, list_attempts = Sandbox(), Sandbox.fetch, Sandbox.list_attempts

    def fetch_more(charge: Charge) -> Observed | None:
        observed = fetch(sandbox, charge)
        return replace(observed, **said.get(charge.attempt_id, {})) if observed else None

    def list_more(since: datetime, until: datetime, cursor: str | None) -> ListedPage:
        page = list_attempts(sandbox, since, until, cursor)
        listed = [
            replace(one, observed=replace(one.observed, **said.get(one.attempt_id, {})))  # type: ignore[arg-type]
            for one in page.listed
        ]
        listed += [
            replace(one, observed=replace(one.observed, reference="sandbox_other"))
            for one in page.listed
            if one.attempt_id == twice
        ]
        return ListedPage(listed=tuple(listed), cursor=page.cursor)

    def list_payouts(since: datetime, until: datetime) -> Iterator[Payout]:
        return iter([PAYOUT] if since <= PAYOUT.arrived_at < until else [])

    with provider_that(fetch=fetch_more, list_attempts=list_more, list_payouts=list_payouts):
        yield


def captured_twice(attempt_id: UUID) -> None:
    """A second attempt of the same payment was captured as well, and we have heard of it."""
    first = models.Attempt.objects.get(pk=attempt_id)
    second = models.Attempt.objects.create(
        payment_id=first.payment_id, number=2, provider="sandbox", created_at=first.created_at
    )
    reference = f"sandbox_{second.pk.hex}"
    models.SandboxPayment.objects.create(
        id=second.pk,
        method="sandbox_ok",
        status="captured",
        amount_minor=AMOUNT,
        captured_minor=AMOUNT,
        currency="EUR",
        created_at=first.created_at,
    )
    amount = Money(minor=AMOUNT, currency="EUR")
    said = Observed(reference=reference, status=AttemptStatus.CAPTURED, captured_minor=AMOUNT, amount=amount)
    with atomic(models.Payment):
        record(open_book(first.payment_id), second.pk, said)


def damage(healthy: list[UUID]) -> tuple[Counter[DriftKind], dict[UUID, dict[str, Any]], UUID]:
    """One drift of each kind, two of some, spread over all hours; what the provider says beyond its rows."""
    picked = iter(healthy[:: len(healthy) // 16])
    the_provider_has(next(picked), amount_minor=AMOUNT + 1)
    the_provider_has(next(picked), currency="USD")
    for _ in range(2):
        models.SandboxPayment.objects.filter(pk=next(picked)).delete()
    refunded = next(picked)
    the_provider_has(refunded, refunded_minor=400)
    models.SandboxRefund.objects.create(
        id=new_id(), payment_id=refunded, amount_minor=400, succeeded=True, created_at=BEGINNING
    )
    models.Payment.objects.filter(pk=payment_of(next(picked)).pk).update(captured_minor=AMOUNT - 1)
    captured_twice(next(picked))
    stuck = payment_of(next(picked))
    models.Payment.objects.filter(pk=stuck.pk).update(refund_pending_minor=100)
    models.Refund.objects.create(payment=stuck, reference=new_id(), amount_minor=100, created_at=stuck.created_at)
    models.ProviderEvent.objects.create(
        provider="sandbox", event_id="evt_1", type="payment.captured", body=b"", received_at=stuck.created_at
    )
    disputed, charged, twice = next(picked), next(picked), next(picked)
    write_unheard(0.5)
    write_unheard(1.5, captured=0)
    unanswered = write_unheard(2.5, status="started")
    models.SandboxPayment.objects.filter(pk=unanswered).delete()
    models.SandboxPayment.objects.create(
        id=new_id(),
        method="sandbox_ok",
        status="captured",
        amount_minor=AMOUNT,
        captured_minor=AMOUNT,
        currency="EUR",
        created_at=BEGINNING + timedelta(hours=1.2),
    )
    expected = Counter(dict.fromkeys(DriftKind, 1) | {DriftKind.MISSING_THERE: 2})
    return expected, {disputed: {"disputes": (DISPUTE,)}, charged: {"moves": (FEE,)}}, twice


def test_where_nothing_differs_nothing_is_found():
    write_past(300, per_hour=100)
    assert find_all(hours=3) == ([], 300)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_broken_shop_of_thousands_of_payments_is_told_what_is_broken_and_nothing_else():
    expected, said, twice = damage(write_past(COUNT, per_hour=COUNT // HOURS))
    before = models.Observation.objects.count(), models.Posting.objects.count()

    with a_provider_that_also_has(said, twice):
        found, checked = find_all(HOURS)
        assert Counter(drift.kind for drift in found) == expected
        assert {drift.kind for drift in found if drift.is_safe} == SAFE
        assert not any(drift.is_fixed for drift in found)
        # All of ours and the one that is not; of the deleted ones two were asked for by themselves.
        assert checked == COUNT + 3 + 1 + 1 + 1
        assert (models.Observation.objects.count(), models.Posting.objects.count()) == before

        mended, _ = find_all(HOURS, fix=True)
        run_steps()
        assert {drift.kind for drift in mended if drift.is_fixed} == SAFE
        left, _ = find_all(HOURS)
    assert Counter(drift.kind for drift in left) == {kind: expected[kind] for kind in UNSAFE}


def test_memory_does_not_grow_with_the_time_that_is_compared():
    write_past(1200, per_hour=100)
    find_all(1)
    tracemalloc.start()
    held = []
    for hours in (2, 12):
        assert find_all(hours) == ([], hours * 100)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # A thousand payments more would be some megabytes.
    assert held[1] - held[0] < 100_000


def test_what_is_too_young_to_be_stuck_is_not_reported():
    attempt_id = write_past(1, per_hour=1)[0]
    payment = payment_of(attempt_id)
    now = clock.now()
    models.Payment.objects.filter(pk=payment.pk).update(refund_pending_minor=100)
    models.Refund.objects.create(payment=payment, reference=new_id(), amount_minor=100, created_at=now)
    page = find_drift(
        provider="sandbox", since=now - timedelta(minutes=30), until=now + timedelta(minutes=1), fix=False
    )
    assert page.drifts == []
