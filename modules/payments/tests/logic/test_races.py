"""The same thing at the same time, by real threads on a real database."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from modules.payments import models
from modules.payments.logic.authorizations import capture_payment, void_payment
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.ledger import recognise_revenue
from modules.payments.logic.providers.sandbox_webhooks import sign
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.retrying import retry_payment
from modules.payments.logic.starting import start_payment
from modules.payments.logic.webhooks import receive_event
from modules.payments.tests.factories import (
    books,
    captured,
    deliver_webhooks,
    eur,
    published,
    run_steps,
    split_of,
    start_arguments,
    started,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the code it was refused with; all begin together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        except ServiceError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_one_webhook_eight_times_at_once_is_one_event_and_one_posting():
    started()
    models.SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    attempt = models.Attempt.objects.get()
    body = json.dumps({"type": "payment.captured", "data": {"attempt_id": str(attempt.id)}}).encode()
    timestamp = str(int(clock.now().timestamp()))
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": sign("evt_1", timestamp, body),
    }
    at_once(*[lambda: receive_event(provider="sandbox", headers=headers, body=body)] * 8)
    at_once(*[run_steps] * 3)
    run_steps()
    assert models.ProviderEvent.objects.count() == Step.objects.count() == 1
    assert [name for name, _ in published()] == ["PaymentCaptured"]
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}


def test_eight_different_webhooks_at_once_are_still_one_posting():
    started()
    models.SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    attempt = models.Attempt.objects.get()
    body = json.dumps({"type": "payment.captured", "data": {"attempt_id": str(attempt.id)}}).encode()
    timestamp = str(int(clock.now().timestamp()))

    def receive(event_id: str) -> None:
        signature = sign(event_id, timestamp, body)
        headers = {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
        receive_event(provider="sandbox", headers=headers, body=body)

    at_once(*[lambda n=n: receive(f"evt_{n}") for n in range(8)])
    at_once(*[run_steps] * 3)
    run_steps()
    assert set(Step.objects.values_list("status", flat=True)) == {"done"}
    assert models.Posting.objects.count() == 1


def test_two_refunds_of_sixty_percent_at_once_are_one():
    payment = captured()

    def refund() -> str:
        refund_order(
            order_id=payment.order_id, purpose="order", reference=new_id(), amount=eur(1800), split=None, reason=""
        )
        return "refunded"

    assert Counter(at_once(refund, refund)) == {"refunded": 1, "refund_exceeds_captured": 1}
    run_steps()
    assert models.Payment.objects.get().refunded_minor == 1800
    assert models.SandboxRefund.objects.count() == 1
    assert books() == {"provider:sandbox:clearing": 1200, "customer_deposits": -1200}


def test_one_refund_eight_times_at_once_is_one():
    payment, reference = captured(), new_id()

    def refund() -> str:
        refund_order(
            order_id=payment.order_id, purpose="order", reference=reference, amount=eur(1800), split=None, reason=""
        )
        return "refunded"

    answers = at_once(*[refund] * 8)
    # Who finds another at it is told that it is not known yet.
    assert "refunded" in answers
    assert set(answers) <= {"refunded", "unavailable"}
    run_steps()
    assert refund() == "refunded"
    assert models.Refund.objects.count() == models.SandboxRefund.objects.count() == 1
    assert models.Payment.objects.get().refunded_minor == 1800


def test_one_start_eight_times_at_once_is_one_charge():
    asked = start_arguments()
    found = at_once(*[lambda: start_payment(**asked).id] * 8)
    assert len(set(found)) == 1
    assert models.Attempt.objects.count() == models.SandboxPayment.objects.count() == 1


def test_starting_and_cancelling_at_once_never_leaves_a_closed_payment_that_collects():
    for _ in range(5):
        asked = start_arguments()
        order = {"order_id": asked["order_id"], "purpose": "order"}
        at_once(partial(start_payment, **asked), partial(cancel_payment, **order))
        cancel_payment(**order)
    deliver_webhooks()
    run_steps()
    assert set(models.Payment.objects.values_list("status", "captured_minor")) == {("cancelled", 0)}
    assert not models.SandboxPayment.objects.exclude(status="cancelled").exists()


def test_revenue_recognised_eight_times_at_once_is_posted_once():
    payment = captured()
    at_once(*[lambda: recognise_revenue(order_id=payment.order_id, purpose="order", split=split_of(3000))] * 8)
    assert models.Posting.objects.filter(kind="recognise").count() == 1


def test_retrying_eight_times_at_once_opens_one_attempt():
    payment = started(method="sandbox_declined")
    found = at_once(*[lambda: retry_payment(payment_id=payment.id, method="sandbox_ok").status] * 8)
    assert set(found) <= {"pending", "payment_not_retryable"}
    assert "pending" in found
    assert models.Attempt.objects.count() == models.SandboxPayment.objects.count() == 2


def test_two_workers_deliver_each_webhook_once():
    for _ in range(6):
        started()
    assert sum(at_once(*[deliver_webhooks] * 3)) == 6
    assert set(models.SandboxWebhook.objects.values_list("attempts", flat=True)) == {0}
    assert models.ProviderEvent.objects.count() == 6


def test_cancelling_while_the_webhook_is_delivered_ends_one_way_or_the_other():
    for _ in range(5):
        payment = started()
        cancel = partial(cancel_payment, order_id=payment.order_id, purpose="order")
        outcome, _ = at_once(cancel, deliver_webhooks)
        run_steps()
        row = models.Payment.objects.get(pk=payment.id)
        assert (outcome, row.status) in {("cancelled", "cancelled"), ("captured", "captured")}


def test_of_captures_and_voids_at_once_one_is_done():
    payment = started(captures_later=True)
    capture = partial(capture_payment, order_id=payment.order_id, purpose="order", amount=None)
    void = partial(void_payment, payment_id=payment.id)

    answers = at_once(*[capture, void] * 4)

    status = models.Payment.objects.get().status
    refused = "payment_not_voidable" if status == "captured" else "payment_not_capturable"
    said = Counter(answer if isinstance(answer, str) else answer.status.value for answer in answers)
    assert said == {status: 4, refused: 4}
    assert models.Instruction.objects.count() == 1
