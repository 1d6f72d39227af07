from datetime import timedelta

import pytest
from anymail.exceptions import AnymailRecipientsRefused

from ecommerce.kernel import chance
from ecommerce.kernel import clock as shop_clock
from modules.notifications.logic import breakers, deliveries, handover
from modules.notifications.models import ProviderBreaker
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch):
    monkeypatch.setattr(chance, "jitter", lambda seconds: seconds)


def attempt(times=1):
    """So many messages, one attempt each."""
    for message in MessageFactory.create_batch(times):
        deliveries.deliver(message.pk)


def test_after_five_failures_nothing_is_sent_for_a_while_and_that_costs_no_attempt(clock, provider):
    provider.failure = ConnectionRefusedError("nobody")
    attempt(5)
    breaker = ProviderBreaker.objects.get()
    assert breaker.paused_until is not None
    assert breaker.failing_since is not None
    assert (breaker.channel, breaker.failures) == ("mail", 5)
    assert breaker.paused_until - breaker.failing_since == timedelta(seconds=10)

    provider.failure = None
    message = MessageFactory.create()
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, message.deliveries.count()) == ("ready", 0, 0)

    clock.shift(10)
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert message.status == "sent"
    assert ProviderBreaker.objects.values_list("failures", "failing_since", "paused_until").get() == (0, None, None)


def test_pauses_grow_to_two_minutes(clock, provider):
    provider.failure = ConnectionRefusedError("nobody")
    attempt(4)
    pauses = []
    for _ in range(6):
        clock.shift(120)
        attempt()
        paused_until = ProviderBreaker.objects.get().paused_until
        assert paused_until is not None
        pauses.append((paused_until - shop_clock.now()).total_seconds())
    assert pauses == [10, 20, 40, 80, 120, 120]


def test_what_waits_for_a_provider_that_is_left_alone_is_not_handed_over(clock, provider, broker):
    provider.failure = ConnectionRefusedError("nobody")
    attempt(5)
    message = MessageFactory.create()
    clock.shift(9)
    assert handover.hand_over_due() == 0
    clock.shift(2)
    assert handover.hand_over_due() == 6
    assert message.pk in broker


def test_a_task_that_comes_while_the_provider_rests_leaves_the_message_to_the_sweep(clock, provider, broker):
    message = MessageFactory.create(handed_until=shop_clock.now() + handover.IN_BROKERS_HANDS)
    provider.failure = ConnectionRefusedError("nobody")
    attempt(5)
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.handed_until, message.attempts) == (None, 0)
    clock.shift(11)
    handover.hand_over_due()
    assert message.pk in broker


@pytest.mark.parametrize("answer", [None, AnymailRecipientsRefused()])
def test_an_answer_of_any_kind_says_that_the_provider_works(clock, provider, answer):
    provider.failure = ConnectionRefusedError("nobody")
    attempt(4)
    provider.failure = answer
    attempt()
    provider.failure = ConnectionRefusedError("nobody")
    attempt(4)
    assert ProviderBreaker.objects.get().paused_until is None


def test_the_doctor_hears_of_a_provider_that_takes_nothing(clock, provider):
    assert breakers.complain() is None
    provider.failure = ConnectionRefusedError("nobody")
    attempt(5)
    assert breakers.complain() == "mail takes nothing since 12:00 UTC"
