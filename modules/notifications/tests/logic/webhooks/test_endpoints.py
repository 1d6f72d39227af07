from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from modules.notifications.logic import deliveries
from modules.notifications.logic.webhooks import endpoints
from modules.notifications.models import Message, WebhookEndpoint
from modules.notifications.tests.factories import a_confirmation, told

pytestmark = pytest.mark.django_db(transaction=True)


def deliver_one():
    deliveries.deliver(Message.objects.get(status="ready").pk)


def is_signed_with(secret, call):
    try:
        Webhook(secret).verify(call.body, call.headers)
    except Exception:
        return False
    return True


def test_a_rotated_secret_and_the_one_before_are_both_valid_for_a_day(clock, receiver, endpoint, broker):
    old = receiver.secret
    _, new = endpoints.rotate_secret(endpoint.pk)
    told(a_confirmation())
    deliver_one()
    clock.shift(timedelta(hours=24))
    told(a_confirmation(), position=2)
    deliver_one()
    both, one = receiver.received
    clock.shift(-timedelta(hours=24))
    assert (is_signed_with(old, both), is_signed_with(new, both)) == (True, True)
    clock.shift(timedelta(hours=24))
    assert (is_signed_with(old, one), is_signed_with(new, one)) == (False, True)


def test_rotated_twice_the_first_secret_is_worthless(receiver, endpoint, broker):
    first = receiver.secret
    _, second = endpoints.rotate_secret(endpoint.pk)
    _, third = endpoints.rotate_secret(endpoint.pk)
    told(a_confirmation())
    deliver_one()
    (call,) = receiver.received
    assert [is_signed_with(secret, call) for secret in (first, second, third)] == [False, True, True]


def test_no_secret_lies_readable_in_the_database(receiver, endpoint):
    assert receiver.secret.startswith("whsec_")
    assert receiver.secret.encode() not in bytes(WebhookEndpoint.objects.get().secret)


def test_another_address_gets_what_waits(receiver, endpoint, broker):
    receiver.answers = [500]
    told(a_confirmation())
    deliver_one()
    endpoints.change_endpoint(endpoint.pk, {"url": receiver.url + "&moved=yes"})
    assert Message.objects.get().address == receiver.url + "&moved=yes"


def test_a_removed_endpoint_gets_nothing_not_even_what_waits(receiver, endpoint, broker):
    told(a_confirmation())
    endpoints.remove_endpoint(endpoint.pk)
    message = Message.objects.get()
    deliveries.deliver(message.pk)
    assert (message.status, receiver.received) == ("skipped", [])
    with pytest.raises(endpoints.EndpointNotFound):
        endpoints.remove_endpoint(endpoint.pk)


def test_a_test_is_posted_at_once_and_answered_with_what_came_of_it(receiver, endpoint):
    delivery = endpoints.send_test(endpoint.pk)
    (call,) = receiver.received
    assert call.is_signed
    assert (call.event["type"], call.event["data"]) == ("notifications.WebhookTested", {"webhook_id": str(endpoint.pk)})
    assert (delivery.status, delivery.message.status) == ("sent", "sent")


def test_a_test_that_fails_waits_for_nobody_and_is_held_against_nobody(receiver, endpoint):
    receiver.answers, receiver.answer_body = [401], b"Who are you?"
    delivery = endpoints.send_test(endpoint.pk)
    assert (delivery.status, delivery.code, delivery.detail) == ("failed", "401", "Who are you?")
    assert delivery.message.status == "skipped"
    endpoint.refresh_from_db()
    assert endpoint.failures == 0


def test_a_disabled_endpoint_can_be_tested(receiver, endpoint):
    endpoints.change_endpoint(endpoint.pk, {"enabled": False})
    assert endpoints.send_test(endpoint.pk).status == "sent"
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "staff"


def test_what_changes_nothing_makes_no_new_version(receiver, endpoint):
    same = {"url": receiver.url, "description": "", "events": list(endpoint.events), "enabled": True}
    assert endpoints.change_endpoint(endpoint.pk, same).version == 1
    assert endpoints.change_endpoint(endpoint.pk, {"enabled": False}).version == 2
    assert endpoints.change_endpoint(endpoint.pk, {"enabled": False}).version == 2
