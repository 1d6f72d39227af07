"""The built-in provider: predictable failures, idempotency, and events that are delivered in the end."""

import time
from datetime import timedelta

import httpx2
import pytest
from django.conf import settings as shop

from ecommerce.celery import app
from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.payments.contracts import MethodNotAvailable
from modules.payments.logic.attempts import charge_of
from modules.payments.logic.providers import configured_providers, find_provider, sandbox_webhooks
from modules.payments.logic.providers.base import Charge
from modules.payments.models import Attempt, AttemptStatus, Payment, SandboxPayment, SandboxRefund, SandboxWebhook
from modules.payments.tasks import deliver_sandbox_webhooks
from modules.payments.tests.factories import captured, deliver_webhooks, eur, started

pytestmark = pytest.mark.django_db


def a_charge(method: str = "sandbox_ok") -> Charge:
    return Charge(attempt_id=new_id(), payment_id=new_id(), order_id=new_id(), amount=eur(1000), method=method)


def charge_of_the_payment() -> Charge:
    return charge_of(Payment.objects.get(), Attempt.objects.get())


def answering(status: int) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda request: httpx2.Response(status, text="no"))


def test_the_same_key_is_the_same_payment():
    sandbox, charge = find_provider("sandbox"), a_charge()
    assert sandbox.create(charge) == sandbox.create(charge) == sandbox.fetch(charge)
    assert SandboxPayment.objects.count() == SandboxWebhook.objects.count() == 1


def test_what_was_never_created_is_not_there():
    assert find_provider("sandbox").fetch(a_charge()) is None


def test_a_method_it_does_not_know_is_refused():
    with pytest.raises(MethodNotAvailable):
        find_provider("sandbox").method_for("visa")
    assert find_provider("sandbox").method_for(None) == "sandbox_ok"


def test_an_authorised_payment_is_captured_once():
    sandbox, charge = find_provider("sandbox"), a_charge()
    sandbox.create(charge)
    SandboxPayment.objects.update(status=AttemptStatus.AUTHORIZED)
    for _ in range(2):
        assert sandbox.capture(charge, new_id(), charge.amount).captured_minor == 1000
    assert SandboxWebhook.objects.count() == 2


def test_it_refunds_once_per_key_and_never_more_than_it_took():
    captured()
    sandbox, charge, refund_id = find_provider("sandbox"), charge_of_the_payment(), new_id()
    for _ in range(2):
        sandbox.refund(charge, refund_id, eur(2000))
    observed = sandbox.refund(charge, new_id(), eur(1001))
    assert [(refund.status, refund.amount_minor) for refund in observed.refunds] == [
        ("succeeded", 2000),
        ("failed", 1001),
    ]
    assert SandboxPayment.objects.get().refunded_minor == 2000
    assert SandboxRefund.objects.filter(succeeded=True).count() == 1


def test_it_captures_a_moment_later():
    started()
    assert SandboxPayment.objects.get().status == "processing"
    assert deliver_webhooks() == 1
    assert SandboxPayment.objects.get().status == "captured"


@pytest.mark.parametrize("transport", [answering(503), answering(400)])
def test_an_event_that_is_not_taken_is_delivered_again_later(transport):
    started()
    assert sandbox_webhooks.deliver_due(transport) == 0
    webhook = SandboxWebhook.objects.get()
    assert (webhook.attempts, webhook.delivered_at) == (1, None)
    assert webhook.next_attempt_at > webhook.created_at
    SandboxWebhook.objects.update(next_attempt_at=clock.now())
    assert deliver_webhooks() == 1
    assert SandboxWebhook.objects.get().delivered_at is not None
    assert deliver_webhooks() == 0


def test_a_shop_that_cannot_be_reached_is_tried_again():
    started()

    def refuse(request):
        raise httpx2.ConnectError("refused")

    assert sandbox_webhooks.deliver_due(httpx2.MockTransport(refuse)) == 0
    assert "ConnectError" in SandboxWebhook.objects.get().last_error


def test_a_worker_that_died_while_delivering_loses_nothing():
    started()
    SandboxWebhook.objects.update(next_attempt_at=clock.now() + sandbox_webhooks.CLAIM)
    assert deliver_webhooks() == 0
    SandboxWebhook.objects.update(next_attempt_at=clock.now() - timedelta(seconds=1))
    assert deliver_webhooks() == 1


def test_the_task_goes_to_the_public_address(monkeypatch):
    started()
    asked = []

    def post(self, url, **_):
        asked.append(str(self.base_url) + url)
        return httpx2.Response(200)

    monkeypatch.setattr(httpx2.Client, "post", post)
    assert deliver_sandbox_webhooks() == 1
    assert asked == [f"{shop.PUBLIC_URL}/api/v1/payments/webhooks/sandbox/"]


def test_beat_looks_for_due_events_every_few_seconds():
    entry = app.conf.beat_schedule["deliver-sandbox-webhooks"]
    assert entry["task"] == deliver_sandbox_webhooks.name
    assert entry["schedule"] <= timedelta(seconds=5)


@pytest.fixture
def _broker_is_down():
    url = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    yield
    app.conf.broker_url = url


@pytest.mark.usefixtures("_broker_is_down")
def test_a_broker_that_is_down_neither_fails_nor_delays_a_start():
    began = time.monotonic()
    assert started().status == "pending"
    assert time.monotonic() - began < 1
    assert deliver_webhooks() == 1


def test_it_is_offered_only_where_it_is_allowed(settings):
    assert [provider.name for provider in configured_providers()] == ["sandbox"]
    settings.SANDBOX_ALLOWED = False
    assert configured_providers() == []
