"""What other modules may ask of payments, at both ends: near, and over the wire."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import far_end
from modules.payments import models, remote, service
from modules.payments.contracts import (
    CancelOutcome,
    MethodNotAvailable,
    PaymentClosed,
    PaymentNotFound,
    PaymentStatus,
    ProviderNotAvailable,
    RefundExceedsCaptured,
    RefundRefused,
    SplitMismatch,
)
from modules.payments.logic.records import get_visible
from modules.payments.tests.factories import deliver_webhooks, eur, run_steps, split_of, start_arguments

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["near", "far"], autouse=True)
def _end(request: pytest.FixtureRequest) -> Iterator[None]:
    with far_end(service, remote) if request.param == "far" else nullcontext():
        yield


def take_the_money(method: str = "sandbox_ok"):
    payment = service.start_payment(**start_arguments(method=method))
    deliver_webhooks()
    run_steps()
    return payment


def test_start_payment_begins_once():
    asked = start_arguments()
    first = service.start_payment(**asked)
    assert service.start_payment(**asked) == first
    assert (first.status, first.amount, first.provider) == (PaymentStatus.PENDING, eur(3000), "sandbox")
    assert first == service.get_payments(order_ids=[asked["order_id"]])[0]


def test_start_payment_answers_a_decline_as_a_payment():
    payment = service.start_payment(**start_arguments(method="sandbox_declined"))
    assert payment.status == PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code == "card_declined"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"provider": "stripe"}, ProviderNotAvailable),
        ({"method": "sandbox_gold"}, MethodNotAvailable),
        ({"split": split_of(1)}, SplitMismatch),
    ],
)
def test_start_payment_refuses(change, refusal):
    with pytest.raises(refusal):
        service.start_payment(**start_arguments() | change)


def test_start_payment_whose_answer_was_lost_is_found_by_repeating_it():
    asked = start_arguments(method="sandbox_timeout")
    # The far end repeats it by itself.
    with suppress(Unavailable):
        service.start_payment(**asked)
    assert service.start_payment(**asked).status == PaymentStatus.PENDING
    assert models.SandboxPayment.objects.count() == 1


def test_cancel_payment_closes_what_was_never_seen_and_what_was_begun():
    asked = start_arguments()
    assert service.cancel_payment(order_id=asked["order_id"], purpose="order") == CancelOutcome.CANCELLED
    with pytest.raises(PaymentClosed):
        service.start_payment(**asked)
    payment = service.start_payment(**start_arguments())
    assert service.cancel_payment(order_id=payment.order_id, purpose="order") == CancelOutcome.CANCELLED


def test_cancel_payment_finds_what_was_captured():
    payment = take_the_money()
    assert service.cancel_payment(order_id=payment.order_id, purpose="order") == CancelOutcome.CAPTURED


def test_recognise_revenue_posts_once():
    payment = take_the_money()
    for _ in range(2):
        service.recognise_revenue(order_id=payment.order_id, purpose="order", split=split_of(3000, tax=479))
    assert models.Posting.objects.filter(kind="recognise").count() == 1
    with pytest.raises(PaymentNotFound):
        service.recognise_revenue(order_id=new_id(), purpose="order", split=split_of(3000))


def test_refund_order_gives_back_once_per_reference_and_never_too_much():
    payment, reference = take_the_money(), new_id()
    asked = {"order_id": payment.order_id, "purpose": "order", "reason": "", "split": None}
    for _ in range(2):
        [after] = service.refund_order(**asked, reference=reference, amount=eur(1800))
        assert (after.status, after.refunded) == (PaymentStatus.PARTIALLY_REFUNDED, eur(1800))
    with pytest.raises(RefundExceedsCaptured):
        service.refund_order(**asked, reference=new_id(), amount=eur(1800))
    assert service.refund_order(**asked, reference=new_id(), amount=None)[0].status == PaymentStatus.REFUNDED


def test_refund_order_says_when_the_provider_refuses():
    payment = take_the_money()
    models.SandboxPayment.objects.update(refunded_minor=3000)
    with pytest.raises(RefundRefused):
        service.refund_order(
            order_id=payment.order_id, purpose="order", reference=new_id(), amount=None, split=None, reason=""
        )


def test_get_payments_answers_for_many_orders_in_one_statement(django_assert_num_queries):
    payments = [service.start_payment(**start_arguments()) for _ in range(3)]
    with django_assert_num_queries(1):
        found = service.get_payments(order_ids=[payment.order_id for payment in payments] + [new_id()])
    assert found == payments


def test_get_payments_goes_through_all_of_them_by_pages():
    payments = [service.start_payment(**start_arguments()) for _ in range(5)]
    ids, after = [], None
    while page := service.get_payments(after=after, limit=2):
        ids += [payment.id for payment in page]
        after = page[-1].id
    assert ids == sorted(payment.id for payment in payments)
    assert service.get_payments(after=None, limit=0) == []


def test_assign_payer_makes_a_user_the_payer_where_there_is_none():
    payer_id, other_id = new_id(), new_id()
    guests, others, strangers = (
        service.start_payment(**start_arguments(payer_id=payer)) for payer in (None, other_id, None)
    )
    for _ in range(2):
        service.assign_payer(order_ids=[guests.order_id, others.order_id, new_id()], payer_id=payer_id)
    payers = dict(models.Payment.objects.values_list("id", "payer_id"))
    assert payers == {guests.id: payer_id, others.id: other_id, strangers.id: None}


def test_a_payer_sees_the_payment_that_was_assigned():
    payment, payer_id = service.start_payment(**start_arguments()), new_id()
    seen: dict[str, Any] = {"payment_id": payment.id, "caller": Principal(id=payer_id), "token": ""}
    with pytest.raises(PaymentNotFound):
        get_visible(**seen)
    service.assign_payer(order_ids=[payment.order_id], payer_id=payer_id)
    assert get_visible(**seen) == payment


def test_assign_payer_without_orders_changes_nothing():
    payment = service.start_payment(**start_arguments())
    service.assign_payer(order_ids=[], payer_id=new_id())
    assert models.Payment.objects.get(pk=payment.id).payer_id is None


def test_forget_payer_empties_the_providers_words_whoever_paid_and_may_be_repeated():
    payment = take_the_money()
    for _ in range(2):
        service.forget_payer(order_id=payment.order_id)
    assert bytes(models.ProviderEvent.objects.get().body) == b""
    kept = models.Payment.objects.get()
    assert (kept.status, kept.token_hash, kept.payer_erased_at is None) == ("captured", "", False)
    service.forget_payer(order_id=new_id())


def test_refund_order_gives_back_out_of_all_payments():
    first = take_the_money()
    service.start_payment(**start_arguments(order_id=first.order_id, purpose="edit:1"))
    deliver_webhooks()
    run_steps()
    asked = {"order_id": first.order_id, "reason": "", "split": None}
    after = service.refund_order(**asked, reference=new_id(), amount=eur(4000))
    assert [payment.refunded for payment in after] == [eur(3000), eur(1000)]
    with pytest.raises(RefundExceedsCaptured):
        service.refund_order(**asked, reference=new_id(), amount=eur(2001))


def test_set_off_revenue_books_once():
    payment, reference = take_the_money(), new_id()
    for _ in range(2):
        service.set_off_revenue(
            order_id=payment.order_id, reference=reference, sold=split_of(1000), given_back=split_of(1000, tax=160)
        )
    assert models.Posting.objects.filter(kind="set_off").count() == 1
    with pytest.raises(SplitMismatch):
        service.set_off_revenue(order_id=payment.order_id, reference=new_id(), sold=split_of(1), given_back=split_of(2))
