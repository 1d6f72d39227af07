"""Two rows in one statement."""

import pytest
from django.db import DataError, IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.payments.logic.inserting import insert_pair
from modules.payments.models import SandboxPayment, SandboxWebhook

pytestmark = pytest.mark.django_db(transaction=True)


def pair(**changed) -> tuple[SandboxPayment, SandboxWebhook]:
    now = clock.now()
    payment = SandboxPayment(
        id=new_id(), method="sandbox_ok", status="processing", amount_minor=100, currency="EUR", created_at=now
    )
    webhook = SandboxWebhook(payment=payment, type="payment.captured", next_attempt_at=now, created_at=now)
    for name, value in changed.items():
        setattr(webhook, name, value)
    return payment, webhook


def test_both_are_there_as_they_were_given():
    payment, webhook = pair(last_error="100 % 'quoted'")
    assert insert_pair(payment, webhook)
    assert SandboxPayment.objects.values().get() == {
        field.attname: getattr(payment, field.attname) for field in SandboxPayment._meta.concrete_fields
    }
    assert SandboxWebhook.objects.values().get() == {
        field.attname: getattr(webhook, field.attname) for field in SandboxWebhook._meta.concrete_fields
    }


def test_where_the_first_is_there_neither_is_inserted():
    payment, webhook = pair()
    insert_pair(payment, webhook)
    _, another = pair()
    another.payment = payment
    assert not insert_pair(payment, another)
    assert SandboxWebhook.objects.get().id == webhook.id


@pytest.mark.parametrize(("changed", "refusal"), [({"type": "t" * 61}, DataError), ({"type": None}, IntegrityError)])
def test_what_the_second_table_refuses_leaves_neither(changed, refusal):
    with pytest.raises(refusal):
        insert_pair(*pair(**changed))
    assert SandboxPayment.objects.count() == 0
