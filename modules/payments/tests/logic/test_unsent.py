"""A provider that cannot be reached was asked for nothing; one whose answer was lost may have taken the money."""

import pytest

from ecommerce.kernel.errors import Unavailable
from modules.payments import models
from modules.payments.contracts import CancelOutcome, ProviderUnreachable
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.retrying import retry_payment
from modules.payments.logic.starting import start_payment
from modules.payments.tests.factories import provider_that, published, start_arguments

pytestmark = pytest.mark.django_db


def is_unreachable(*_: object) -> None:
    raise ProviderUnreachable(dependency="sandbox")


def answer_is_lost(*_: object) -> None:
    raise Unavailable("the answer was lost", dependency="sandbox")


def test_what_was_never_sent_is_cancelled_without_the_provider():
    arguments = start_arguments()
    with provider_that(create=is_unreachable, fetch=is_unreachable, cancel=is_unreachable):
        with pytest.raises(ProviderUnreachable) as refusal:
            start_payment(**arguments)
        outcome = cancel_payment(order_id=arguments["order_id"], purpose="order")
    assert (refusal.value.status, refusal.value.details) == (503, {"dependency": "sandbox"})
    assert outcome == CancelOutcome.CANCELLED
    assert models.Attempt.objects.get().status == "cancelled"
    assert models.SandboxPayment.objects.count() == 0


def test_what_was_never_sent_can_be_tried_again_until_it_is_cancelled():
    arguments = start_arguments()
    with provider_that(create=is_unreachable), pytest.raises(ProviderUnreachable):
        start_payment(**arguments)
    payment = models.Payment.objects.get()
    assert (payment.status, payment.failure_code) == ("failed", "provider_unreachable")
    assert [name for name, _ in published()] == ["PaymentFailed"]
    assert retry_payment(payment_id=payment.pk).status == "pending"
    assert list(models.Attempt.objects.order_by("number").values_list("status", flat=True)) == [
        "cancelled",
        "processing",
    ]


def test_what_may_have_been_sent_is_not_cancelled_without_the_provider():
    arguments = start_arguments()
    with provider_that(create=answer_is_lost), pytest.raises(Unavailable) as refusal:
        start_payment(**arguments)
    assert not isinstance(refusal.value, ProviderUnreachable)
    with provider_that(fetch=is_unreachable):
        assert cancel_payment(order_id=arguments["order_id"], purpose="order") == CancelOutcome.UNKNOWN
    assert models.Attempt.objects.get().status == "started"


def test_a_repetition_that_is_not_sent_says_nothing_of_the_first_time():
    arguments = start_arguments()
    with provider_that(create=answer_is_lost), pytest.raises(Unavailable):
        start_payment(**arguments)
    with provider_that(create=is_unreachable), pytest.raises(Unavailable) as refusal:
        start_payment(**arguments)
    assert not isinstance(refusal.value, ProviderUnreachable)
    assert models.Attempt.objects.get().status == "started"
    assert start_payment(**arguments).status == "pending"
