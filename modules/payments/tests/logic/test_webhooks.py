"""Events from providers: in any order, however often, late or never."""

import itertools
import json
from datetime import timedelta

import pytest
import time_machine
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import NotFound, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from modules.payments import models
from modules.payments.logic.providers.base import InvalidSignature
from modules.payments.logic.providers.sandbox import Sandbox
from modules.payments.logic.providers.sandbox_webhooks import sign
from modules.payments.logic.records import get_payments
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.retrying import confirm_payment
from modules.payments.logic.webhooks import receive_event
from modules.payments.tests.factories import (
    books,
    captured,
    deliver_webhooks,
    eur,
    make_steps_due,
    provider_that,
    published,
    run_steps,
    started,
)

pytestmark = pytest.mark.django_db


def signed(body: bytes, *, event_id: str | None = None, at=None) -> dict[str, str]:
    event_id, timestamp = event_id or f"evt_{new_id().hex}", str(int((at or clock.now()).timestamp()))
    signature = sign(event_id, timestamp, body)
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def event(kind: str, attempt_id=None) -> bytes:
    return json.dumps({"type": kind, "data": {"attempt_id": str(attempt_id or new_id())}}).encode()


def receive(body: bytes, headers=None, provider: str = "sandbox") -> None:
    receive_event(provider=provider, headers=signed(body) if headers is None else headers, body=body)


def test_the_capture_arrives_by_webhook_and_is_announced_and_booked_once():
    payment = captured()
    deliver_webhooks()
    run_steps()
    assert get_payments(order_ids=[payment.order_id])[0].status == "captured"
    assert published() == [
        (
            "PaymentCaptured",
            {
                "payment_id": str(payment.id),
                "order_id": str(payment.order_id),
                "purpose": "order",
                "captured": {"minor": 3000, "currency": "EUR"},
            },
        )
    ]
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}


def test_an_event_is_kept_as_it_came_and_a_repetition_is_a_no_op():
    started()
    body = event("payment.captured", models.Attempt.objects.get().id)
    headers = signed(body)
    for _ in range(3):
        receive(body, headers)
    kept = models.ProviderEvent.objects.get()
    assert (bytes(kept.body), kept.event_id, kept.type) == (body, headers["webhook-id"], "payment.captured")
    assert Step.objects.count() == 1


def test_an_unknown_type_is_kept_and_nothing_follows():
    receive(event("payment.dreamt_of"))
    receive(b"not json at all")
    receive(b'["a", "list"]')
    assert list(models.ProviderEvent.objects.order_by("id").values_list("type", flat=True)) == [
        "payment.dreamt_of",
        "unreadable",
        "unreadable",
    ]
    assert Step.objects.count() == 0


def test_a_signature_must_be_the_providers_over_exactly_this_and_now():
    body = event("payment.captured")
    now, good = clock.now(), signed(body)
    for headers in (
        {},
        good | {"webhook-signature": ""},
        good | {"webhook-signature": "v1,AAAA"},
        good | {"webhook-signature": "ünicode"},
        good | {"webhook-id": "evt_other"},
        good | {"webhook-timestamp": "soon"},
        signed(body + b" "),
        signed(body, at=now - timedelta(minutes=5, seconds=2)),
        signed(body, at=now + timedelta(minutes=5, seconds=2)),
        signed(body, event_id="e" * 256),
    ):
        with pytest.raises(InvalidSignature):
            receive(body, headers)
    assert models.ProviderEvent.objects.count() == 0
    receive(body, good | {"webhook-signature": "v1,AAAA " + good["webhook-signature"]})
    receive(body, signed(body, at=now - timedelta(minutes=4, seconds=50)))
    assert models.ProviderEvent.objects.count() == 2


def test_only_a_configured_provider_can_have_signed(settings):
    body = event("payment.captured")
    with pytest.raises(NotFound):
        receive(body, provider="nobody")
    settings.SANDBOX_ALLOWED = False
    with pytest.raises(InvalidSignature):
        receive(body)
    settings.SANDBOX_ALLOWED, settings.SANDBOX_WEBHOOK_SECRET = True, ""
    with pytest.raises(InvalidSignature):
        receive(body, signed(body))
    assert models.ProviderEvent.objects.count() == 0


def test_the_webhooks_of_one_payment_in_any_order_and_twice_end_the_same():
    ends = {_play(order) for order in itertools.permutations(range(3))}
    assert len(ends) == 1
    assert ends == {
        (
            "partially_refunded",
            3000,
            1000,
            (("customer_deposits", -2000), ("provider:sandbox:clearing", 2000)),
            ("PaymentCaptured", "PaymentRefunded"),
        )
    }


def _play(order: tuple[int, ...]):
    """One payment by 3-D Secure, captured and partly refunded, while its three events are held back; then they come."""
    payment = started(method="sandbox_3ds")
    charge = models.Attempt.objects.get(payment_id=payment.id).id
    confirm_payment(payment_id=payment.id)
    models.SandboxPayment.objects.filter(pk=charge).update(
        status="captured", captured_minor=F("amount_minor"), refunded_minor=1000
    )
    models.SandboxRefund.objects.create(
        id=new_id(), payment_id=charge, amount_minor=1000, succeeded=True, created_at=clock.now()
    )
    bodies = [event(f"payment.{kind}", charge) for kind in ("requires_action", "captured", "refunded")]
    for index in (*order, *reversed(order)):
        receive(bodies[index], signed(bodies[index], event_id=f"evt_{charge.hex}_{index}"))
        run_steps()
    row = models.Payment.objects.get(pk=payment.id)
    posted = models.Entry.objects.filter(posting__payment=row).values_list("account", "amount_minor")
    accounts: dict[str, int] = {}
    for account, minor in posted:
        accounts[account] = accounts.get(account, 0) + minor
    facts = tuple(name for name, about in published() if about["payment_id"] == str(payment.id))
    return row.status, row.captured_minor, row.refunded_minor, tuple(sorted(accounts.items())), facts


def test_an_event_that_comes_before_its_attempt_waits_for_it():
    started()
    attempt = models.Attempt.objects.get()
    models.SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    models.Observation.objects.all().delete()
    models.Attempt.objects.all().delete()
    receive(event("payment.captured", attempt.id))
    run_steps()
    assert models.ProviderEvent.objects.get().handled_at is None
    assert Step.objects.get().attempts == 1
    attempt.save(force_insert=True)
    make_steps_due()
    assert models.ProviderEvent.objects.get().handled_at is not None
    assert models.Payment.objects.get().status == "captured"


def test_an_event_about_nothing_is_parked_after_a_day():
    receive(event("payment.captured"))
    with time_machine.travel(clock.now() + timedelta(hours=23), tick=False):
        for _ in range(12):
            make_steps_due()
        assert Step.objects.get().status == "pending"
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        make_steps_due()
    assert Step.objects.get().status == "parked"


def test_a_provider_that_does_not_answer_is_asked_again():
    started()

    def silent(charge):
        raise Unavailable("nobody there")

    with provider_that(fetch=silent):
        deliver_webhooks()
        run_steps()
    assert models.Payment.objects.get().status == "pending"
    make_steps_due()
    assert models.Payment.objects.get().status == "captured"


def test_a_refunds_own_webhook_changes_nothing_more():
    payment = captured()
    refund_order(
        order_id=payment.order_id, purpose="order", reference=new_id(), amount=eur(1000), split=None, reason=""
    )
    before = (models.Payment.objects.values().get(), published())
    assert deliver_webhooks() == 1
    run_steps()
    assert (models.Payment.objects.values().get(), published()) == before


def test_events_that_came_together_are_followed_up_by_asking_once():
    started()
    attempt = models.Attempt.objects.get()
    for _ in range(5):
        receive(event("payment.captured", attempt.id))
    asked = []
    fetch = Sandbox.fetch

    def counting(charge):
        asked.append(charge.attempt_id)
        if len(asked) == 1:
            # This one comes while the provider is being asked: its answer may be older.
            receive(event("payment.captured", attempt.id))
        return fetch(Sandbox(), charge)

    with provider_that(fetch=counting):
        run_steps()
    assert len(asked) == 2
    assert set(Step.objects.filter(name="payments.refetch_attempt").values_list("status", flat=True)) == {"done"}
