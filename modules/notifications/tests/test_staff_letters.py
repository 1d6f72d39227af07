from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet, stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.logic.webhooks import health
from modules.notifications.models import Message, WebhookEndpoint
from modules.notifications.tests.factories import an_order, eur
from modules.orders.contracts import Order
from modules.payments.events import PaymentDisputed, RefundFailed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def staff(settings: Any) -> None:
    settings.STAFF_EMAILS = ["ada@shop.example", "bob@shop.example"]


@pytest.fixture
def order() -> Iterator[Order]:
    placed = an_order()
    with stand_in("orders", get_orders=lambda ids: [placed]):
        yield placed


def a_dispute(order: Order, **changes: Any) -> PaymentDisputed:
    known: dict[str, Any] = {
        "payment_id": new_id(),
        "order_id": order.id,
        "purpose": "order",
        "dispute_id": new_id(),
        "amount": eur(123990),
        "reason": "fraudulent",
        "evidence_due_at": datetime(2026, 12, 4, 23, 30, tzinfo=UTC),
    }
    return PaymentDisputed(**known | changes)


def happen(event: object, times: int = 1) -> list[Message]:
    """What staff are written when it happens, so often."""
    for _ in range(times):
        with atomic(Message):
            for handler in HANDLERS[type(event)]:
                if handler.__module__.endswith("staff_letters"):
                    handler(event)
    relay_until_quiet()
    return list(Message.objects.filter(recipient="staff").order_by("address"))


def disabled(reason: str) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.create(
        url="https://erp.example/hook", events=["orders.OrderPlaced"], secret=b"x", created_at=datetime.now(UTC)
    )
    with atomic(WebhookEndpoint):
        health.disable(endpoint, reason)
    relay_until_quiet()
    return endpoint


def test_every_address_hears_once_of_a_dispute_and_until_when_it_may_be_answered(
    order: Order, broker: list[Any], settings: Any
) -> None:
    settings.SHOP_TIME_ZONE = "Europe/Berlin"
    written = happen(a_dispute(order), times=3)
    assert [message.address for message in written] == ["ada@shop.example", "bob@shop.example"]
    assert {message.status for message in written} == {"ready"}
    assert sorted(broker) == sorted(message.pk for message in written)
    first = written[0]
    assert first.subject == "Order 1001: a payment of €1,239.90 is disputed"
    assert "Reason: fraudulent." in first.text
    assert "until: December 5, 2026" in first.text
    assert f"/admin/orders/order/{order.id}/change/" in first.text


def test_a_dispute_of_which_little_is_known_can_be_told(order: Order, broker: list[Any]) -> None:
    written = happen(a_dispute(order, reason="", evidence_due_at=None))
    assert "Reason: -." in written[0].text
    assert "see the provider's page" in written[0].text


def test_it_is_sent_like_any_mail(order: Order, broker: list[Any], provider: Any) -> None:
    for message in happen(a_dispute(order)):
        deliveries.deliver(message.pk)
    assert sorted(mail.to[0] for mail in provider.taken) == ["ada@shop.example", "bob@shop.example"]


def test_a_refund_that_came_back_is_told_in_the_shops_language(order: Order, broker: list[Any], settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    event = RefundFailed(payment_id=new_id(), order_id=order.id, purpose="order", reference=new_id(), amount=eur(500))
    written = happen(event)
    assert len(written) == 2
    assert written[0].subject == "Bestellung 1001: eine Erstattung über 5,00 € kam zurück"


@pytest.mark.parametrize(
    ("reason", "words"), [("failing", "it has taken nothing for three days"), ("gone", "that it is gone (410)")]
)
def test_a_webhook_that_the_shop_disables_is_told(broker: list[Any], reason: str, words: str) -> None:
    endpoint = disabled(reason)
    message = Message.objects.filter(topic="webhook_disabled").order_by("address")[0]
    assert words in message.text
    assert endpoint.url in message.text
    assert f"/admin/notifications/webhookendpoint/{endpoint.pk}/change/" in message.text


def test_a_webhook_that_staff_disable_is_no_news(broker: list[Any]) -> None:
    disabled("staff")
    assert not Message.objects.exists()


def test_a_webhook_that_is_enabled_again_before_the_mail_is_written_is_no_news(
    broker: list[Any],
) -> None:
    endpoint = WebhookEndpoint.objects.create(
        url="https://erp.example/hook", events=["orders.OrderPlaced"], secret=b"x", created_at=datetime.now(UTC)
    )
    with atomic(WebhookEndpoint):
        health.disable(endpoint, "failing")
    WebhookEndpoint.objects.update(disabled_reason="", disabled_at=None)
    relay_until_quiet()
    assert {message.status for message in Message.objects.all()} == {"skipped"}
    assert broker == []


def test_without_addresses_nobody_is_written_to(order: Order, settings: Any) -> None:
    settings.STAFF_EMAILS = []
    assert happen(a_dispute(order)) == []


def test_customers_have_no_say_in_what_staff_are_told() -> None:
    from modules.notifications.logic import preferences

    assert not {"payment_disputed", "refund_failed", "webhook_disabled"} & {*preferences.TOPICS}
    assert {*Message.Topic.values} - {*preferences.TOPICS} == {"payment_disputed", "refund_failed", "webhook_disabled"}
