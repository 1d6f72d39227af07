"""Money that is only authorised: taken once, or let go."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.contracts import (
    CancelOutcome,
    CaptureExceedsAuthorized,
    Payment,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentNotVoidable,
)
from modules.payments.logic.authorizations import capture_payment, void_payment
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.providers.base import Observed
from modules.payments.logic.records import get_payment
from modules.payments.logic.retrying import confirm_payment
from modules.payments.logic.sweeps import capture_lapsing
from modules.payments.models import AttemptStatus
from modules.payments.tests.factories import (
    books,
    deliver_webhooks,
    eur,
    make_steps_due,
    provider_that,
    published,
    run_steps,
    started,
)

pytestmark = pytest.mark.django_db


def authorized(**given: Any) -> Payment:
    return started(captures_later=True, **given)


def capture(payment: Payment, amount=None) -> Payment:
    return capture_payment(order_id=payment.order_id, purpose=payment.purpose, amount=amount)


def test_a_payment_that_is_captured_later_is_authorised_first():
    payment = authorized()
    deliver_webhooks()
    run_steps()
    assert (get_payment(payment_id=payment.id).status, books()) == ("authorized", {})
    assert [name for name, _ in published()] == ["PaymentAuthorized"]


def test_a_buyer_who_proves_himself_authorises():
    payment = authorized(method="sandbox_3ds")
    assert confirm_payment(payment_id=payment.id).status == "authorized"


def test_all_of_it_is_taken_once_however_often_it_is_asked():
    payment = authorized()
    for _ in range(2):
        assert (capture(payment).status, capture(payment).captured) == ("captured", eur(3000))
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}
    assert [name for name, _ in published()] == ["PaymentAuthorized", "PaymentCaptured"]
    assert models.Instruction.objects.get().status == "done"


def test_a_part_of_it_is_taken_and_the_rest_is_let_go():
    payment = authorized()
    assert capture(payment, eur(1200)).captured == eur(1200)
    assert capture(payment, eur(1200)).captured == eur(1200)
    with pytest.raises(PaymentNotCapturable):
        capture(payment, eur(1800))
    assert books() == {"provider:sandbox:clearing": 1200, "customer_deposits": -1200}


def test_more_than_is_authorised_is_refused_and_nothing_is_asked_of_the_provider():
    payment = authorized()
    with pytest.raises(CaptureExceedsAuthorized) as refusal:
        capture(payment, eur(3001))
    assert refusal.value.details == {"authorized": 3000}
    assert models.Instruction.objects.count() == 0
    assert get_payment(payment_id=payment.id).status == "authorized"


@pytest.mark.parametrize("method", ["sandbox_ok", "sandbox_3ds", "sandbox_declined"])
def test_what_is_not_authorised_is_neither_captured_nor_voided(method):
    payment = started(method=method)
    with pytest.raises(PaymentNotCapturable):
        capture(payment)
    with pytest.raises(PaymentNotVoidable):
        void_payment(payment_id=payment.id)
    assert models.Instruction.objects.count() == 0


def test_what_is_not_there_is_not_captured():
    with pytest.raises(PaymentNotFound):
        capture_payment(order_id=new_id(), purpose="order", amount=None)


def test_it_is_let_go_once_and_then_nothing_is_taken():
    payment = authorized()
    assert [void_payment(payment_id=payment.id).status for _ in range(2)] == ["cancelled"] * 2
    with pytest.raises(PaymentNotCapturable):
        capture(payment)
    assert [name for name, _ in published()] == ["PaymentAuthorized", "PaymentVoided"]
    assert books() == {}


def test_what_is_taken_is_not_let_go():
    payment = authorized()
    capture(payment)
    with pytest.raises(PaymentNotVoidable):
        void_payment(payment_id=payment.id)
    assert get_payment(payment_id=payment.id).status == "captured"


def test_a_lost_answer_is_asked_for_again_under_its_own_key():
    payment, keys = authorized(), []

    def answer_is_lost(charge, capture_id, amount):
        keys.append(capture_id)
        raise Unavailable("the answer was lost", dependency="sandbox")

    with provider_that(capture=answer_is_lost), pytest.raises(Unavailable):
        capture(payment)
    # Meanwhile nothing else is decided on.
    with pytest.raises(PaymentNotVoidable):
        void_payment(payment_id=payment.id)
    make_steps_due()
    assert get_payment(payment_id=payment.id).status == "captured"
    assert keys == [models.Instruction.objects.get().id]


def test_a_capture_that_the_provider_still_looks_at_is_not_refused():
    payment = authorized()
    attempt = models.Attempt.objects.get()

    def is_looked_at(charge, capture_id, amount):
        return Observed(reference=attempt.provider_reference, status=AttemptStatus.PROCESSING, authorized_minor=3000)

    with provider_that(capture=is_looked_at):
        assert capture(payment).status == "authorized"
    assert models.Instruction.objects.get().status == "done"
    with pytest.raises(PaymentNotVoidable):
        void_payment(payment_id=payment.id)


def test_an_authorisation_that_has_lapsed_is_refused_and_told():
    payment = authorized()
    models.SandboxPayment.objects.update(status="cancelled")
    with pytest.raises(PaymentNotCapturable):
        capture(payment)
    assert get_payment(payment_id=payment.id).status == "failed"
    assert [name for name, _ in published()] == ["PaymentAuthorized", "PaymentVoided"]
    assert models.Instruction.objects.get().status == "refused"


def test_cancelling_lets_an_authorisation_go_only_when_told_to():
    payment = authorized()
    asked: dict[str, Any] = {"order_id": payment.order_id, "purpose": "order"}
    assert cancel_payment(**asked) == CancelOutcome.AUTHORIZED
    assert get_payment(payment_id=payment.id).status == "authorized"
    assert [cancel_payment(**asked, even_authorized=True) for _ in range(2)] == [CancelOutcome.CANCELLED] * 2
    assert get_payment(payment_id=payment.id).status == "cancelled"


def test_cancelling_does_not_know_while_the_provider_does_not_say():
    payment = authorized()

    def is_away(charge):
        raise Unavailable("away", dependency="sandbox")

    with provider_that(cancel=is_away):
        outcome = cancel_payment(order_id=payment.order_id, purpose="order", even_authorized=True)
    assert outcome == CancelOutcome.AUTHORIZED
    make_steps_due()
    assert get_payment(payment_id=payment.id).status == "cancelled"


def test_an_authorisation_is_taken_before_it_lapses_and_not_earlier():
    payment, cancelled = authorized(), authorized()
    cancel_payment(order_id=cancelled.order_id, purpose="order")
    assert capture_lapsing() == 0
    with time_machine.travel(clock.now() + timedelta(days=6, minutes=1)):
        assert [capture_lapsing(), capture_lapsing()] == [1, 0]
    assert get_payment(payment_id=payment.id).status == "captured"
    assert get_payment(payment_id=cancelled.id).status == "authorized"
