"""What becomes of the payments of somebody who has erased his account."""

import json

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.payments.contracts import PaymentNotFound
from modules.payments.handlers import HANDLERS
from modules.payments.logic.providers import sandbox_webhooks
from modules.payments.logic.records import get_visible
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.webhooks import receive_event
from modules.payments.models import Attempt, Payment, ProviderEvent, Refund
from modules.payments.tests.factories import TOKEN, books, captured, deliver_webhooks, make_steps_due, run_steps
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def erased(user_id):
    with atomic(Payment):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=user_id))


def bodies():
    return [bytes(body) for body in ProviderEvent.objects.order_by("received_at").values_list("body", flat=True)]


def event_about(attempt_id, name="Ada Lovelace"):
    body = json.dumps({"type": "payment.captured", "data": {"attempt_id": str(attempt_id), "name": name}}).encode()
    event_id, timestamp = f"evt_{new_id().hex}", str(int(clock.now().timestamp()))
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sandbox_webhooks.sign(event_id, timestamp, body),
    }
    receive_event(provider="sandbox", headers=headers, body=body)


def test_the_providers_words_are_emptied_and_the_figures_stay():
    user_id = new_id()
    payment = captured(payer_id=user_id)
    refund_order(
        order_id=payment.order_id, purpose="order", reference=new_id(), amount=None, split=None, reason="Ada asked"
    )
    deliver_webhooks()
    run_steps()
    stood = books()
    row = Payment.objects.get()
    assert all(bodies())

    erased(user_id)
    erased(user_id)

    assert set(bodies()) == {b""}
    kept = Payment.objects.get()
    assert (kept.status, kept.captured_minor, kept.refunded_minor) == ("refunded", 3000, 3000)
    assert (kept.payer_id, kept.token_hash, kept.version) == (user_id, "", row.version + 1)
    assert Refund.objects.get().reason == ""
    assert books() == stood
    with pytest.raises(PaymentNotFound):
        get_visible(payment_id=payment.id, caller=Principal.anonymous, token=TOKEN)


def test_what_the_provider_tells_later_is_followed_up_and_not_kept():
    user_id = new_id()
    captured(payer_id=user_id)
    erased(user_id)

    event_about(Attempt.objects.get().pk)

    assert bodies() == [b"", b""]
    assert ProviderEvent.objects.filter(handled_at=None).count() == 0


def test_an_event_that_came_too_early_is_emptied_when_it_is_matched():
    user_id = new_id()
    captured(payer_id=user_id)
    erased(user_id)
    attempt = Attempt.objects.get()
    Attempt.objects.filter(pk=attempt.pk).update(provider="elsewhere")
    event_about(attempt.pk)
    assert bodies()[1] != b""

    Attempt.objects.filter(pk=attempt.pk).update(provider="sandbox")
    make_steps_due()

    assert bodies() == [b"", b""]


def test_others_payments_stay_as_they_are():
    captured(payer_id=new_id())
    captured()
    before = bodies(), list(Payment.objects.order_by("id").values())

    erased(new_id())

    assert (bodies(), list(Payment.objects.order_by("id").values())) == before
