"""A desk where payments are looked after."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from ecommerce.kernel.db import atomic
from modules.payments import models
from modules.payments.contracts import Payment
from modules.payments.logic.books import open_book
from modules.payments.logic.providers.base import Observed, ObservedDispute
from modules.payments.logic.recording import record
from modules.payments.models import AttemptStatus, DisputeStatus

__all__ = ["signed_in"]

pytestmark = [needs_admin, pytest.mark.django_db]
PAYMENTS, DISPUTES, EVENTS, ENTRIES = (
    f"/admin/payments/{name}/" for name in ("payment", "dispute", "providerevent", "entry")
)
READS, HANDLES = ("payments.read",), ("payments.read", "payments.write")


def page_of(payment_id: UUID) -> str:
    return f"{PAYMENTS}{payment_id}/change/"


def act_of(payment: Payment, name: str) -> str:
    return f"{PAYMENTS}{payment.id}/{name}/"


def form_of(answer: Any) -> dict[str, str]:
    """The form of a page, as a browser sends it back untouched."""
    return {field.html_name: str(field.value() or "") for field in answer.context["form"]}


def asked(client: Client, payment: Payment, name: str, **typed: str) -> Any:
    """An act's form, filled in and sent: what it comes to is shown."""
    address = act_of(payment, name)
    return client.post(address, form_of(client.get(address)) | typed)


def confirmed(client: Client, page: Any) -> Any:
    """The same, confirmed."""
    return client.post(page.wsgi_request.path, dict(page.context["sent"]) | {"confirm": ""})


def said(answer: Any) -> list[str]:
    """The messages that an answer leaves for the next page, or shows itself."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: Any) -> str:
    """What a page shows, its white space made one."""
    return " ".join(answer.content.decode().split())


def found(client: Client, address: str) -> list[Any]:
    """What a list shows, in its order."""
    return [row.pk for row in client.get(address).context["cl"].result_list]


def disputed(
    payment: Payment, *, due: datetime | None, status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE
) -> models.Dispute:
    """The provider says of a captured payment that its buyer disputes all of it."""
    attempt = models.Attempt.objects.get(payment_id=payment.id)
    minor = payment.amount.minor
    told = ObservedDispute(
        reference=f"dp_{attempt.id.hex[-8:]}",
        status=status,
        amount_minor=minor,
        withdrawn_minor=minor,
        reinstated_minor=minor if status == DisputeStatus.WON else 0,
        reason="product_not_received",
        evidence_due_at=due,
    )
    observed = Observed(
        reference=attempt.provider_reference, status=AttemptStatus.CAPTURED, captured_minor=minor, disputes=(told,)
    )
    with atomic(models.Payment):
        record(open_book(payment.id), attempt.id, observed)
    return models.Dispute.objects.get(payment_id=payment.id)
