"""What notifications gives to a user's export."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic.preferences import turn_off
from modules.notifications.models import Message, OptIn, OptOut, StockAlert
from modules.notifications.tests.factories import MessageFactory
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

pytestmark = pytest.mark.django_db(transaction=True)

Asked = list[tuple[str, dict[str, Any]]]

LAMP = new_id()


@pytest.fixture
def users() -> Iterator[Asked]:
    with stand_in("users", contribute_to_export=lambda **_: None) as asked:
        yield asked


def request_export(user_id: UUID) -> UUID:
    """As the inbox does it: all handlers in one transaction."""
    event = ExportRequested(export_id=new_id(), user_id=user_id)
    with atomic(Message):
        for handler in HANDLERS[ExportRequested]:
            handler(event)
    return event.export_id


def at(instant: Any) -> str:
    text: str = instant.isoformat()
    return text.replace("+00:00", "Z")


def test_the_users_messages_are_given_with_their_deliveries_and_nobody_elses(users: Asked) -> None:
    user_id, now = new_id(), clock.now()
    message = MessageFactory.create(customer_id=user_id, status="sent", sent_at=now, next_attempt_at=None)
    message.deliveries.create(status="failed", code="timeout", detail="", started_at=now, finished_at=now)
    later = now + timedelta(seconds=10)
    message.deliveries.create(status="sent", started_at=later, finished_at=later)
    told = {"provider": "sendgrid", "event_id": "1", "outcome": "bounced", "detail": "550", "received_at": now}
    message.tracking.create(at=later, **told)
    turn_off(user_id, "cart_abandoned", "mail")
    turn_off(new_id(), "cart_abandoned", "mail")
    for customer_id in (user_id, new_id()):
        OptIn.objects.create(customer_id=customer_id, topic="order_shipped", channel="sms", created_at=now)
        StockAlert.objects.create(customer_id=customer_id, variant_id=LAMP, created_at=now)
    MessageFactory.create(customer_id=new_id())
    MessageFactory.create()

    export_id = request_export(user_id)
    driver.run_due("default")

    expected = {
        "id": str(message.pk),
        "topic": "order_confirmed",
        "reference_id": str(message.reference_id),
        "channel": "mail",
        "language": "en",
        "address": "ada@example.com",
        "subject": "Your order 1001 is confirmed",
        "text": "Thank you for order 1001.\n",
        "status": "sent",
        "deliveries": [
            {"status": "failed", "code": "timeout", "detail": "", "started_at": at(now), "finished_at": at(now)},
            {"status": "sent", "code": "", "detail": "", "started_at": at(later), "finished_at": at(later)},
        ],
        "tracking": [{"outcome": "bounced", "detail": "550", "at": at(later)}],
        "created_at": at(message.created_at),
        "sent_at": at(now),
    }
    off = {
        "topic": "cart_abandoned",
        "channel": "mail",
        "created_at": at(OptOut.objects.get(customer_id=user_id).created_at),
    }
    on = {"topic": "order_shipped", "channel": "sms", "created_at": at(now)}
    alert = {"variant_id": str(LAMP), "created_at": at(now)}
    document = {"messages": [expected], "turned_off": [off], "turned_on": [on], "stock_alerts": [alert]}
    part = {"module": "notifications", "document": document, "parcel": 0, "is_last": True}
    assert users == [("contribute_to_export", {"export_id": str(export_id)} | part)]


def test_more_messages_cost_no_more_statements(users: Asked) -> None:
    def statements(count: int) -> int:
        user_id = new_id()
        MessageFactory.create_batch(count, customer_id=user_id)
        request_export(user_id)
        with CaptureQueriesContext(connection) as captured:
            driver.run_due("default")
        return len(captured)

    assert statements(2) == statements(9)
    assert [len(asked["document"]["messages"]) for _, asked in users] == [2, 9]


def test_an_export_that_is_gone_wants_nothing_any_more() -> None:
    def gone(**_: Any) -> None:
        raise ExportNotFound

    with stand_in("users", contribute_to_export=gone):
        request_export(new_id())
        driver.run_due("default")

    assert Step.objects.using("default").get(name="notifications.contribute").status == "done"
