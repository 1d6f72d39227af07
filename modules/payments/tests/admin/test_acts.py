"""Money is moved by hand: what it comes to is shown, confirmed, and done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.contracts import Payment, ProviderNotAvailable
from modules.payments.logic.authorizations import capture_payment
from modules.payments.logic.providers.base import Observed, ObservedRefund
from modules.payments.logic.records import get_payment
from modules.payments.logic.refunds import refund_order
from modules.payments.models import AttemptStatus, RefundStatus
from modules.payments.tests.admin import desk
from modules.payments.tests.admin.desk import (
    HANDLES,
    READS,
    act_of,
    asked,
    confirmed,
    form_of,
    page_of,
    said,
    signed_in,
    text_of,
)
from modules.payments.tests.factories import (
    books,
    captured,
    eur,
    make_steps_due,
    provider_that,
    split_of,
    started,
)

pytestmark = [*desk.pytestmark[:1], pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staff() -> Client:
    return signed_in(*HANDLES)


def authorized() -> Payment:
    return started(captures_later=True)


def refunds() -> list[tuple[str, int]]:
    return list(models.Refund.objects.order_by("id").values_list("status", "amount_minor"))


def is_away(*_: Any) -> Any:
    raise Unavailable("The provider does not answer.", dependency="sandbox")


def test_a_refund_is_prefilled_shown_confirmed_and_given_once(staff):
    payment = captured()
    assert form_of(staff.get(act_of(payment, "refund")))["amount"] == "30.00"

    page = asked(staff, payment, "refund", amount="10", reason="Torn")

    assert refunds() == []
    assert page.context["confirmation"].button == "Give 10.00 EUR back"
    assert page.context["confirmation"].sentences == [
        "10.00 EUR go back to the buyer by sandbox.", "20.00 EUR are left after it.", "Why: Torn",
    ]  # fmt: skip
    answers = [confirmed(staff, page) for _ in range(2)]
    assert [(one["Location"], said(one)[-1]) for one in answers] == [
        (page_of(payment.id), "10.00 EUR are given back.")
    ] * 2
    assert refunds() == [("succeeded", 1000)]
    assert models.Refund.objects.get().reason == "Torn"
    assert get_payment(payment_id=payment.id).refunded == eur(1000)


def test_all_that_is_left_is_booked_on_its_parts_and_a_part_of_it_on_none(staff):
    whole, part = captured(split=split_of(3000, tax=500, shipping=400)), captured()

    confirmed(staff, asked(staff, whole, "refund", reason="Torn"))
    confirmed(staff, asked(staff, part, "refund", amount="10.00", reason="Torn"))

    split = ("sales_minor", "tax_minor", "shipping_minor")
    assert models.Refund.objects.filter(payment=whole.id).values_list(*split).get() == (2100, 500, 400)
    assert models.Refund.objects.filter(payment=part.id).values_list(*split).get() == (None, None, None)


def test_two_forms_are_two_refunds(staff):
    payment = captured()

    for _ in range(2):
        confirmed(staff, asked(staff, payment, "refund", amount="10", reason="Torn"))

    assert refunds() == [("succeeded", 1000)] * 2


def test_a_form_that_is_sent_twice_at_once_gives_back_once(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="10", reason="Torn")
    staff.get(page_of(payment.id))

    def send(_: int) -> int:
        client = Client()
        client.cookies = staff.cookies
        try:
            return int(client.post(act_of(payment, "refund"), dict(page.context["sent"]) | {"confirm": ""}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, range(2))) == [302, 302]
    assert refunds() == [("succeeded", 1000)]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"amount": "10", "reason": ""}, "This field is required."),
        ({"amount": "", "reason": "Torn"}, "This field is required."),
        ({"amount": "0", "reason": "Torn"}, "0 is no amount in EUR."),
        ({"amount": "-5", "reason": "Torn"}, "-5 is no amount in EUR."),
        ({"amount": "1.005", "reason": "Torn"}, "1.005 is no amount in EUR."),
        ({"amount": "NaN", "reason": "Torn"}, "NaN is no amount in EUR."),
        ({"amount": "ten", "reason": "Torn"}, "ten is no amount in EUR."),
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again(staff, typed: dict[str, str], complaint: str):
    page = asked(staff, captured(), "refund", **typed)

    assert (page.context["confirmation"], refunds()) == (None, [])
    assert complaint in text_of(page)


def test_more_than_is_left_is_refused_on_the_page_and_may_be_corrected(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="20", reason="Torn")
    refund_order(order_id=payment.order_id, reference=new_id(), amount=eur(1500), split=None, reason="Elsewhere")

    refused = confirmed(staff, page)

    assert (refused.status_code, said(refused)) == (200, ["More would be refunded than was captured."])
    assert refunds() == [("succeeded", 1500)]
    again = form_of(refused)
    assert (again["amount"], again["reason"]) == ("20", "Torn")
    assert again["form_id"] != dict(page.context["sent"])["form_id"]
    confirmed(staff, staff.post(act_of(payment, "refund"), again | {"amount": "15"}))
    assert refunds() == [("succeeded", 1500)] * 2
    assert staff.get(act_of(payment, "refund"))["Location"] == page_of(payment.id)


def test_what_was_shown_may_be_changed_before_it_is_confirmed(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="10", reason="Torn")

    form = staff.post(act_of(payment, "refund"), dict(page.context["sent"]) | {"change": ""})

    assert (form_of(form)["amount"], form.context["confirmation"], refunds()) == ("10", None, [])


def test_an_answer_that_is_lost_is_told_and_goes_on_by_itself(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="10", reason="Torn")

    with provider_that(refund=is_away):
        answer = confirmed(staff, page)

    assert (answer["Location"], len(said(answer))) == (page_of(payment.id), 1)
    assert said(answer)[0].endswith("It goes on by itself; look here again in a while.")
    assert refunds() == [("pending", 1000)]
    make_steps_due()
    confirmed(staff, page)
    assert refunds() == [("succeeded", 1000)]


def test_a_refund_that_is_begun_is_not_offered_for_correction_whatever_it_met(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="10", reason="Torn")

    def is_not_configured(*_: Any) -> Any:
        raise ProviderNotAvailable

    with provider_that(refund=is_not_configured):
        answer = confirmed(staff, page)

    assert (answer.status_code, refunds()) == (302, [("pending", 1000)])
    assert "It goes on by itself" in said(answer)[0]
    make_steps_due()
    assert refunds() == [("succeeded", 1000)]


def test_a_refund_that_the_provider_refuses_is_told(staff):
    payment = captured()
    page = asked(staff, payment, "refund", amount="10", reason="Torn")

    def refuse(charge: Any, refund_id: Any, amount: Any) -> Observed:
        refused = ObservedRefund(reference="re_1", refund_id=refund_id, status=RefundStatus.FAILED, amount_minor=1000)
        return Observed(
            reference=charge.reference, status=AttemptStatus.CAPTURED, captured_minor=3000, refunds=(refused,)
        )

    with provider_that(refund=refuse):
        answer = confirmed(staff, page)

    assert (answer.status_code, said(answer)) == (200, ["The payment provider has refused this refund."])
    assert refunds() == [("failed", 1000)]


def test_what_is_authorised_is_captured_once(staff):
    payment = authorized()
    assert form_of(staff.get(act_of(payment, "capture")))["amount"] == "30.00"

    page = asked(staff, payment, "capture", amount="12")

    assert page.context["confirmation"].sentences == [
        "12.00 EUR are taken from the buyer by sandbox.", "18.00 EUR are let go, and cannot be taken any more.",
    ]  # fmt: skip
    assert books() == {}
    answers = [confirmed(staff, page) for _ in range(2)]
    assert [said(one)[-1] for one in answers] == ["12.00 EUR are taken."] * 2
    assert books() == {"provider:sandbox:clearing": 1200, "customer_deposits": -1200}
    assert models.Instruction.objects.count() == 1


def test_more_than_is_authorised_is_refused(staff):
    payment = authorized()

    refused = confirmed(staff, asked(staff, payment, "capture", amount="30.01"))

    assert said(refused) == ["More would be captured than is authorised."]
    assert models.Instruction.objects.count() == 0
    assert get_payment(payment_id=payment.id).status == "authorized"


def test_an_authorisation_is_let_go_once(staff):
    payment = authorized()

    page = asked(staff, payment, "void")

    assert page.context["confirmation"].button == "Let 30.00 EUR go"
    assert get_payment(payment_id=payment.id).status == "authorized"
    assert [said(confirmed(staff, page))[-1] for _ in range(2)] == ["The authorisation is let go."] * 2
    assert get_payment(payment_id=payment.id).status == "cancelled"
    assert models.Instruction.objects.count() == 1


def test_what_was_taken_meanwhile_is_not_let_go(staff):
    payment = authorized()
    page = asked(staff, payment, "void")
    capture_payment(order_id=payment.order_id, purpose=payment.purpose, amount=None)

    refused = confirmed(staff, page)

    assert said(refused) == ["Only a payment that is authorised, and of which nothing was taken, can be voided."]
    assert get_payment(payment_id=payment.id).status == "captured"


@pytest.mark.parametrize("name", ["capture", "void"])
def test_a_decision_whose_answer_is_lost_goes_on_by_itself(staff, name: str):
    payment = authorized()
    page = asked(staff, payment, name)

    with provider_that(capture=is_away, cancel=is_away):
        answer = confirmed(staff, page)

    assert "It goes on by itself" in said(answer)[0]
    assert get_payment(payment_id=payment.id).status == "authorized"
    make_steps_due()
    assert get_payment(payment_id=payment.id).status == {"capture": "captured", "void": "cancelled"}[name]


@pytest.mark.parametrize("name", ["refund", "capture", "void"])
def test_what_the_state_does_not_allow_is_not_asked(staff, name: str):
    payment = started(method="sandbox_3ds")

    answer = staff.get(act_of(payment, name))

    assert (answer["Location"], len(said(answer))) == (page_of(payment.id), 1)
    assert said(answer)[0].endswith("the payment's state does not allow that.")


@pytest.mark.parametrize("name", ["refund", "capture", "void"])
def test_only_who_may_write_acts(name: str):
    payment = captured() if name == "refund" else authorized()
    sent = {"form_id": str(new_id()), "amount": "10", "reason": "Torn", "confirm": ""}

    for scopes in (READS, ("orders.refund", "payments.read"), ("orders.refund",)):
        client = signed_in(*scopes)
        assert client.get(act_of(payment, name)).status_code == 403
        assert client.post(act_of(payment, name), sent).status_code == 403
    assert (refunds(), models.Instruction.objects.count()) == ([], 0)
    assert signed_in(*HANDLES).get(f"/admin/payments/payment/{new_id()}/{name}/").status_code == 404


def test_who_moved_money_is_kept(staff):
    payment = captured()

    confirmed(staff, asked(staff, payment, "refund", amount="10", reason="Torn by Ada"))

    history = text_of(staff.get(f"/admin/payments/payment/{payment.id}/history/"))
    assert "Refund: 10.00 EUR are given back." in history
    # Why may tell of people.
    assert "Ada" not in history
