"""What payments gives to a user's export of everything that is held on him."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from ecommerce.kernel import parcels
from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments.models import Attempt, Payment, Refund
from modules.users import service as users_service
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

CHUNK = 200


def promise_contribution(event: ExportRequested) -> None:
    """Somebody wants to see everything: what payments holds is gathered by a step."""
    add_steps(event.export_id, [NewStep(contribute, {"user_id": event.user_id})])


@step
def contribute(run: Run, *, user_id: UUID) -> None:
    """Give users what somebody paid and was given back; an export that is gone by now wants nothing."""
    give = partial(users_service.contribute_to_export, export_id=run.aggregate_id, module="payments")
    with suppress(ExportNotFound):
        parcels.hand_over({"payments": _payments(user_id)}, give)


def _payments(user_id: UUID) -> Iterator[dict[str, Any]]:
    """Oldest first; without what opens or pays them (token, client secret, the provider's references)."""
    payments = Payment.objects.filter(payer_id=user_id).order_by("id").prefetch_related("attempts", "refunds")
    return (_payment(payment) for payment in payments.iterator(chunk_size=CHUNK))


def _payment(payment: Payment) -> dict[str, Any]:
    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=payment.currency))

    attempts = sorted(payment.attempts.all(), key=lambda attempt: attempt.number)
    refunds = sorted(payment.refunds.all(), key=lambda refund: (refund.created_at, refund.pk))
    return {
        "id": payment.pk,
        "order_id": payment.order_id,
        "purpose": payment.purpose,
        "provider": payment.provider,
        "status": payment.status,
        "amount": money(payment.amount_minor),
        "authorized": money(payment.authorized_minor),
        "captured": money(payment.captured_minor),
        "refunded": money(payment.refunded_minor),
        "failure": {"code": payment.failure_code, "message": payment.failure_message} if payment.failure_code else None,
        "attempts": [_attempt(attempt) for attempt in attempts],
        "refunds": [_refund(refund, payment.currency) for refund in refunds],
        "created_at": payment.created_at,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "provider": attempt.provider,
        "method": attempt.method,
        "status": attempt.status,
        "created_at": attempt.created_at,
    }


def _refund(refund: Refund, currency: str) -> dict[str, Any]:
    return {
        "id": refund.pk,
        "status": refund.status,
        "amount": api_money(Money(minor=refund.amount_minor, currency=currency)),
        "reason": refund.reason,
        "created_at": refund.created_at,
    }
