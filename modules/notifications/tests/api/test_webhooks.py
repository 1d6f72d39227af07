"""Webhooks over HTTP, as staff keep them."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.notifications.logic import deliveries, records
from modules.notifications.models import Message, WebhookEndpoint
from modules.notifications.tests.api.callers import client, customer, staff
from modules.notifications.tests.factories import a_confirmation, told
from modules.users.contracts import Scope
from tests.fakes.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.django_db(transaction=True)

WEBHOOKS = "/api/v1/notifications/webhooks/"
DELIVERIES = "/api/v1/notifications/deliveries/"
PUBLIC = "https://93.184.215.14/hook"
EVENTS = ["orders.OrderConfirmed"]

reader = client(staff(Scope.NOTIFICATIONS_READ))
writer = client(staff(Scope.NOTIFICATIONS_READ, Scope.NOTIFICATIONS_WRITE))


@pytest.fixture
def receiver(settings: Any) -> Iterator[WebhookReceiver]:
    settings.DEBUG = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with WebhookReceiver() as running:
        yield running


def made(**changes: Any) -> dict[str, Any]:
    answer = writer.post(WEBHOOKS, {"url": PUBLIC, "events": EVENTS} | changes, format="json")
    assert answer.status_code == 201
    webhook: dict[str, Any] = answer.json()
    return webhook


def test_a_webhook_is_made_with_a_secret_that_is_shown_once() -> None:
    answer = writer.post(WEBHOOKS, {"url": PUBLIC, "events": [*EVENTS, *EVENTS], "description": "ERP"}, format="json")
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    webhook = answer.json()
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    assert webhook == {
        "id": webhook["id"],
        "url": PUBLIC,
        "description": "ERP",
        "events": EVENTS,
        "enabled": True,
        "disabled_reason": "",
        "disabled_at": None,
        "failing_since": None,
        "previous_secret_until": None,
        "version": 1,
        "created_at": webhook["created_at"],
    }
    assert reader.get(f"{WEBHOOKS}{webhook['id']}/").json() == webhook
    assert reader.get(WEBHOOKS).json()["results"] == [webhook]
    assert secret not in str(reader.get(WEBHOOKS).content)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "http://93.184.215.14/", "nonsense"]
)
def test_an_address_that_is_not_allowed_makes_nothing(url: str) -> None:
    answer = writer.post(WEBHOOKS, {"url": url, "events": EVENTS}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "url_not_allowed")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("url", "url_not_allowed")]
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"events": []}, "events", "empty"),
        ({"events": ["orders.Nonsense"]}, "events.0", "invalid_choice"),
        ({"events": ["users.PasswordResetRequested"]}, "events.0", "invalid_choice"),
        ({"events": "orders.OrderConfirmed"}, "events", "not_a_list"),
        ({"url": None}, "url", "null"),
        ({"url": "https://a.example/" + "x" * 2000}, "url", "max_length"),
        ({"description": "x" * 201}, "description", "max_length"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
        ({"enabled": False}, "enabled", "unknown_field"),
    ],
)
def test_a_body_that_will_not_do_makes_nothing(changes: dict[str, Any], field: str, code: str) -> None:
    answer = writer.post(WEBHOOKS, {"url": PUBLIC, "events": EVENTS} | changes, format="json")
    assert answer.status_code == 400
    assert (field, code) in [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert not WebhookEndpoint.objects.exists()


def test_it_is_changed_for_who_has_seen_it_as_it_is() -> None:
    url = f"{WEBHOOKS}{made()['id']}/"
    changed = writer.patch(url, {"events": ["orders.OrderShipped"]}, format="json", HTTP_IF_MATCH='"1"')
    assert (changed.status_code, changed["ETag"], changed.json()["events"]) == (200, '"2"', ["orders.OrderShipped"])
    stale = writer.patch(url, {"enabled": False}, format="json", HTTP_IF_MATCH='"1"')
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    off = writer.patch(url, {"enabled": False}, format="json").json()
    assert (off["enabled"], off["disabled_reason"], off["disabled_at"] is None) == (False, "staff", False)
    on = writer.patch(url, {"enabled": True}, format="json").json()
    assert (on["enabled"], on["disabled_reason"], on["disabled_at"]) == (True, "", None)
    refused = writer.patch(url, {"url": "https://127.0.0.1/", "description": "no"}, format="json")
    assert refused.json()["code"] == "url_not_allowed"
    assert reader.get(url).json()["description"] == ""


def test_it_is_removed_for_good() -> None:
    url = f"{WEBHOOKS}{made()['id']}/"
    assert writer.delete(url, HTTP_IF_MATCH='"9"').status_code == 412
    assert writer.delete(url).status_code == 204
    assert [call(url).status_code for call in (reader.get, writer.patch, writer.delete)] == [404, 404, 404]
    assert reader.get(WEBHOOKS).json()["results"] == []


def test_its_secret_is_rotated() -> None:
    webhook = made()
    answer = writer.post(f"{WEBHOOKS}{webhook['id']}/rotate-secret/")
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert answer.json()["secret"] not in ("", webhook["secret"])
    assert answer.json()["previous_secret_until"] is not None


def test_a_test_tells_what_the_program_answered(receiver: WebhookReceiver) -> None:
    webhook = made(url=receiver.url)
    receiver.secret, receiver.answers = webhook["secret"], [418]
    answer = writer.post(f"{WEBHOOKS}{webhook['id']}/test/")
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (200, "failed", "418")
    assert receiver.received[0].is_signed


def test_its_log_shows_every_attempt(receiver: WebhookReceiver, broker: list, clock: Any) -> None:
    webhook, other = made(url=receiver.url), made(url=receiver.url, events=["orders.OrderCancelled"])
    receiver.answers = [500]
    told(a_confirmation())
    message = Message.objects.get()
    deliveries.deliver(message.pk)
    clock.shift(60)
    deliveries.deliver(message.pk)
    with statements() as asked:
        log = reader.get(f"{DELIVERIES}?webhook_id={webhook['id']}").json()["results"]
    assert len(asked) == 1
    assert [(row["topic"], row["status"], row["code"]) for row in log] == [
        ("orders.OrderConfirmed", "sent", ""),
        ("orders.OrderConfirmed", "failed", "500"),
    ]
    assert {row["webhook_id"] for row in log} == {webhook["id"]}
    assert reader.get(f"{DELIVERIES}?webhook_id={other['id']}").json()["results"] == []


def test_a_log_is_found_by_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off")
        try:
            plan = records.deliveries(webhook_id=new_id()).order_by("-id").explain()
        finally:
            cursor.execute("RESET ALL")
    assert "delivery_of_endpoint" in plan


def test_who_may_not_is_refused() -> None:
    url = f"{WEBHOOKS}{new_id()}/"
    for api, status in ((client(), 401), (client(customer()), 403), (client(staff()), 403)):
        assert api.get(WEBHOOKS).status_code == status
        assert api.post(WEBHOOKS, {}, format="json").status_code == status
    for address in (f"{url}test/", f"{url}rotate-secret/"):
        assert reader.post(address).status_code == 403
        assert writer.post(address).status_code == 404
    assert reader.post(WEBHOOKS, {"url": PUBLIC, "events": EVENTS}, format="json").status_code == 403
    assert reader.patch(url, {}, format="json").status_code == 403
    assert reader.delete(url).status_code == 403
