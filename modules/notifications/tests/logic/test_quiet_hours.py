"""Nobody is woken: when it is night for a number's owner, and what becomes of an SMS that is due then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pytest
from time_machine import Traveller

from ecommerce.kernel import clock as kernel_clock
from modules.notifications.logic import deliveries, handover, quiet_hours
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.factories import MessageFactory
from modules.notifications.tests.texts import a_text, send
from tests.fakes.twilio import TwilioServer

BERLIN, MOSCOW, NEW_YORK, TOKYO, KOLKATA = (
    "+4915112345678",
    "+79161234567",
    "+12125550123",
    "+819012345678",
    "+919812345678",
)
SATELLITE = "+881612345678"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}Z").astimezone(UTC)


@pytest.mark.parametrize(
    ("number", "now", "day"),
    [
        (BERLIN, "11-28 12:00", "11-28 12:00"),
        # 20:59, 21:00, 23:59, 00:00, 07:59 and 08:00 by the clocks of Berlin.
        (BERLIN, "11-28 19:59", "11-28 19:59"),
        (BERLIN, "11-28 20:00", "11-29 07:00"),
        (BERLIN, "11-28 22:59", "11-29 07:00"),
        (BERLIN, "11-28 23:00", "11-29 07:00"),
        (BERLIN, "11-29 06:59", "11-29 07:00"),
        (BERLIN, "11-29 07:00", "11-29 07:00"),
        # Summer time begins and ends in this night.
        (BERLIN, "03-28 21:00", "03-29 06:00"),
        (BERLIN, "10-24 21:00", "10-25 07:00"),
        (TOKYO, "11-28 12:00", "11-28 23:00"),
        (KOLKATA, "11-28 15:29", "11-28 15:29"),
        (KOLKATA, "11-28 15:30", "11-29 02:30"),
        # Several zones: from 8 in Honolulu (18:00) until 21 in New York (02:00).
        (NEW_YORK, "11-28 17:59", "11-28 18:00"),
        (NEW_YORK, "11-28 18:00", "11-28 18:00"),
        (NEW_YORK, "11-29 01:59", "11-29 01:59"),
        (NEW_YORK, "11-29 02:00", "11-29 18:00"),
        # From 8 in Kaliningrad (06:00) until 21 in Kamchatka (09:00).
        (MOSCOW, "11-28 09:00", "11-29 06:00"),
        (MOSCOW, "11-28 18:00", "11-29 06:00"),
        (MOSCOW, "11-29 08:59", "11-29 08:59"),
    ],
)
def test_it_is_night_as_long_as_it_is_in_any_zone_of_the_country(
    settings: Any, number: str, now: str, day: str
) -> None:
    settings.SMS_QUIET_HOURS = (21, 8)
    assert quiet_hours.ends_at(number, at(now)) == at(day)


def test_a_number_of_no_country_sleeps_when_the_shop_does(settings: Any) -> None:
    settings.SMS_QUIET_HOURS, settings.SHOP_TIME_ZONE = (21, 8), "Asia/Tokyo"
    assert quiet_hours.ends_at(SATELLITE, at("11-28 13:00")) == at("11-28 23:00")


def test_the_same_hour_twice_is_no_night_and_a_night_need_not_pass_midnight(settings: Any) -> None:
    settings.SMS_QUIET_HOURS = (0, 0)
    assert quiet_hours.ends_at(BERLIN, at("11-28 01:00")) == at("11-28 01:00")
    settings.SMS_QUIET_HOURS = (1, 6)
    assert quiet_hours.ends_at(BERLIN, at("11-28 00:00")) == at("11-28 05:00")
    assert quiet_hours.ends_at(BERLIN, at("11-28 05:00")) == at("11-28 05:00")


def test_each_country_has_a_day_even_after_the_longest_night(settings: Any) -> None:
    settings.SMS_QUIET_HOURS = (20, 8)
    now = at("06-28 12:00")
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
        if example is not None:
            number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            assert now <= quiet_hours.ends_at(number, now) <= now + timedelta(days=1), country


@pytest.mark.django_db(transaction=True)
class TestHeld:
    @pytest.fixture(autouse=True)
    def nights(self, clock: Traveller, twilio: TwilioServer, settings: Any, broker: list[Any]) -> None:
        settings.SMS_QUIET_HOURS = (21, 8)

    def test_what_is_due_at_night_leaves_in_the_morning_and_counts_no_attempt(
        self, clock: Traveller, twilio: TwilioServer
    ) -> None:
        clock.move_to(at("11-28 22:30"))
        message = a_text(handed_until=kernel_clock.now() + timedelta(seconds=60))
        assert send(message) == ["ready"]
        assert (message.attempts, message.next_attempt_at, message.handed_until) == (0, at("11-29 07:00"), None)
        assert (Delivery.objects.count(), twilio.calls, handover.hand_over_due()) == (0, [], 0)

        clock.move_to(at("11-29 07:00"))
        assert handover.hand_over_due() == 1
        assert send(message) == ["sent"]
        assert len(twilio.messages) == 1

    def test_a_retry_waits_too(self, clock: Traveller, twilio: TwilioServer) -> None:
        clock.move_to(at("11-28 19:59:55"))
        twilio.answers = [503]
        message = a_text()
        assert send(message) == ["ready"]
        clock.shift(timedelta(seconds=30))
        assert send(message) == ["ready"]
        assert (message.attempts, message.next_attempt_at) == (1, at("11-29 07:00"))

    def test_what_another_worker_is_sending_is_left_to_it(self, clock: Traveller) -> None:
        message = a_text()
        assert deliveries._claim(message.pk) is not None
        clock.move_to(at("11-28 20:00:30"))
        Message.objects.update(claimed_until=kernel_clock.now() + timedelta(seconds=5))
        send(message)
        assert message.next_attempt_at == at("11-28 12:00")

    def test_mail_comes_at_any_hour(self, clock: Traveller, provider: Any) -> None:
        clock.move_to(at("11-28 22:30"))
        deliveries.deliver(MessageFactory.create().pk)
        assert len(provider.taken) == 1
