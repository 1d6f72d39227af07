"""Thousands of payments that went well, written at once: what the provider has, what we have, and what is booked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from ecommerce.kernel import wire
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.logic.books import digest_of
from modules.payments.logic.providers.base import Observed
from modules.payments.models import AttemptStatus

BEGINNING = datetime(2026, 5, 1, tzinfo=UTC)
AMOUNT = 1000
BATCH = 2000
TABLES: tuple[type[Model], ...] = (
    models.Payment,
    models.Attempt,
    models.SandboxPayment,
    models.Observation,
    models.Posting,
    models.Entry,
)


def write_past(count: int, *, per_hour: int) -> list[UUID]:
    """So many captured payments of 10.00 EUR, evenly from `BEGINNING` on; returns their attempts' ids, oldest first."""
    attempts: list[UUID] = []
    for start in range(0, count, BATCH):
        times = [BEGINNING + timedelta(hours=n / per_hour) for n in range(start, min(count, start + BATCH))]
        rows: list[list[Any]] = [_rows_of(at) for at in times]
        with atomic(models.Payment):
            for model in TABLES:
                model._default_manager.bulk_create([row for one in rows for row in one if type(row) is model])
        attempts += [row.pk for one in rows for row in one if isinstance(row, models.Attempt)]
    return attempts


def write_unheard(hours: float, *, status: str = "processing", captured: int = AMOUNT) -> UUID:
    """One more, which the provider has captured (or cancelled), and of which no webhook has come."""
    rows = _rows_of(BEGINNING + timedelta(hours=hours))
    payment, attempt, there = rows[0], rows[1], rows[2]
    payment.status, payment.captured_minor, attempt.status = "pending", 0, status
    there.captured_minor, there.status = captured, "captured" if captured else "cancelled"
    for row in (payment, attempt, there):
        row.save(force_insert=True)
    made: UUID = attempt.pk
    return made


def _rows_of(at: datetime) -> list[Any]:
    payment = models.Payment(
        order_id=new_id(),
        purpose="order",
        provider="sandbox",
        currency="EUR",
        amount_minor=AMOUNT,
        sales_minor=AMOUNT,
        tax_minor=0,
        shipping_minor=0,
        payable_until=at,
        created_at=at,
        status="captured",
        captured_minor=AMOUNT,
    )
    attempt_id = new_id()
    reference = f"sandbox_{attempt_id.hex}"
    attempt = models.Attempt(
        id=attempt_id,
        payment=payment,
        provider="sandbox",
        status="captured",
        provider_reference=reference,
        created_at=at,
    )
    said = Observed(
        reference=reference,
        status=AttemptStatus.CAPTURED,
        amount=Money(minor=AMOUNT, currency="EUR"),
        captured_minor=AMOUNT,
    )
    posting = models.Posting(
        kind="capture", reference=f"{attempt_id}:{AMOUNT}", payment=payment, order_id=payment.order_id, posted_at=at
    )
    return [
        payment,
        attempt,
        models.SandboxPayment(
            id=attempt_id,
            method="sandbox_ok",
            status="captured",
            amount_minor=AMOUNT,
            captured_minor=AMOUNT,
            currency="EUR",
            created_at=at,
        ),
        models.Observation(attempt=attempt, said=wire.to_plain(said), digest=digest_of(said), observed_at=at),
        posting,
        models.Entry(posting=posting, account="provider:sandbox:clearing", amount_minor=AMOUNT, currency="EUR"),
        models.Entry(posting=posting, account="customer_deposits", amount_minor=-AMOUNT, currency="EUR"),
    ]
