"""What payments gives to a user's export."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import stand_in
from modules.payments import models
from modules.payments.handlers import HANDLERS
from modules.payments.logic.refunds import refund_order
from modules.payments.tests.factories import captured, eur, run_steps, started, statements
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

pytestmark = pytest.mark.django_db(transaction=True)

Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def users() -> Iterator[Asked]:
    with stand_in("users", contribute_to_export=lambda **_: None) as asked:
        yield asked


def request_export(user_id: UUID) -> UUID:
    """As the inbox does it: all handlers in one transaction."""
    event = ExportRequested(export_id=new_id(), user_id=user_id)
    with atomic(models.Payment):
        for handler in HANDLERS[ExportRequested]:
            handler(event)
    return event.export_id


def at(instant: Any) -> str:
    text: str = instant.isoformat()
    return text.replace("+00:00", "Z")


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_what_the_user_paid_is_given_with_its_refunds_and_nobody_elses(users: Asked) -> None:
    user_id = new_id()
    payment = captured(payer_id=user_id)
    started(payer_id=new_id())
    started()
    refund_order(
        order_id=payment.order_id, purpose="order", reference=new_id(), amount=eur(1000), split=None, reason="Scratched"
    )

    export_id = request_export(user_id)
    run_steps()

    refund, attempt = models.Refund.objects.get(), models.Attempt.objects.get(payment_id=payment.id)
    expected = {
        "id": str(payment.id),
        "order_id": str(payment.order_id),
        "purpose": "order",
        "provider": "sandbox",
        "status": "partially_refunded",
        "amount": money("30.00"),
        "authorized": money("0.00"),
        "captured": money("30.00"),
        "refunded": money("10.00"),
        "failure": None,
        "attempts": [
            {
                "number": 1,
                "provider": "sandbox",
                "method": "sandbox_ok",
                "status": "captured",
                "created_at": at(attempt.created_at),
            }
        ],
        "refunds": [
            {
                "id": str(refund.pk),
                "status": "succeeded",
                "amount": money("10.00"),
                "reason": "Scratched",
                "created_at": at(refund.created_at),
            }
        ],
        "created_at": at(payment.created_at),
    }
    part = {"module": "payments", "document": {"payments": [expected]}, "parcel": 0, "is_last": True}
    assert users == [("contribute_to_export", {"export_id": str(export_id)} | part)]


def test_what_opens_or_pays_a_payment_is_not_in_it(users: Asked) -> None:
    user_id = new_id()
    started(payer_id=user_id, method="sandbox_3ds")
    models.Payment.objects.update(client_secret="the-client-secret")
    row, attempt = models.Payment.objects.get(), models.Attempt.objects.get()

    request_export(user_id)
    run_steps()

    text = json.dumps(users)
    assert str(row.id) in text
    for secret in (row.token_hash, row.client_secret, attempt.provider_reference):
        assert secret
        assert secret not in text


def test_more_payments_cost_no_more_statements(users: Asked) -> None:
    def cost(count: int) -> int:
        user_id = new_id()
        for _ in range(count):
            started(payer_id=user_id)
        request_export(user_id)
        with statements() as sql:
            run_steps()
        return len(sql)

    assert cost(2) == cost(6)
    assert [len(asked["document"]["payments"]) for _, asked in users] == [2, 6]


def test_an_export_that_is_gone_wants_nothing_any_more() -> None:
    def gone(**_: Any) -> None:
        raise ExportNotFound

    with stand_in("users", contribute_to_export=gone):
        request_export(new_id())
        run_steps()

    assert Step.objects.using("default").get(name="payments.contribute").status == "done"


def test_a_payers_payments_are_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        # Few rows would be read whole, or in their order; what matters is that the index serves at all.
        cursor.execute("SET enable_seqscan = off")
        plan = models.Payment.objects.filter(payer_id=new_id()).order_by().explain()
        cursor.execute("RESET enable_seqscan")
    assert "payment_of_payer" in plan
