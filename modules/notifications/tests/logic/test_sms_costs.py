"""What SMS cost, as Twilio tells it some time later."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from time_machine import Traveller

from ecommerce.kernel.metrics import exposition
from modules.notifications.logic import sms_costs
from modules.notifications.logic.channels import twilio as client
from modules.notifications.models import Message
from modules.notifications.tasks import count_sms_costs
from modules.notifications.tests.texts import a_text, send
from tests.fakes.twilio import TwilioServer

pytestmark = pytest.mark.django_db(transaction=True)


def figures(message: Message) -> tuple[int, Decimal | None, str]:
    message.refresh_from_db()
    return message.segments, message.cost, message.cost_currency


def test_the_price_is_kept_when_it_is_known(clock: Traveller, twilio: TwilioServer) -> None:
    message = a_text()
    send(message)
    (sent,) = twilio.messages
    assert (sms_costs.count(), figures(message)) == (0, (1, None, ""))
    twilio.settle(sent["sid"], "sent")
    assert (sms_costs.count(), figures(message)) == (0, (1, None, ""))
    twilio.settle(sent["sid"], "delivered", price="-0.07500")
    sent["num_segments"] = "2"
    count_sms_costs()
    assert figures(message) == (2, Decimal("0.07500"), "USD")

    # It is not asked for again.
    asked = len(twilio.calls)
    assert (sms_costs.count(), len(twilio.calls)) == (0, asked)


def test_many_are_priced_page_by_page(clock: Traveller, twilio: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    messages = [a_text() for _ in range(5)]
    send(*messages)
    for sent in twilio.messages:
        twilio.settle(sent["sid"], "delivered", price="-0.01")
    asked = len(twilio.calls)
    assert (sms_costs.count(), len(twilio.calls) - asked) == (5, 3)
    assert {message.cost for message in Message.objects.all()} == {Decimal("0.01")}


def test_what_has_no_price_for_days_is_asked_for_no_more(clock: Traveller, twilio: TwilioServer) -> None:
    send(a_text())
    clock.shift(timedelta(days=4))
    asked = len(twilio.calls)
    assert (sms_costs.count(), len(twilio.calls)) == (0, asked)


def test_a_twilio_that_does_not_answer_is_asked_another_time(
    clock: Traveller, twilio: TwilioServer, settings: Any
) -> None:
    message = a_text()
    send(message)
    twilio.settle(twilio.messages[0]["sid"], "delivered", price="-0.01")
    settings.TWILIO_AUTH_TOKEN = "wrong"
    assert sms_costs.count() == 0
    settings.TWILIO_AUTH_TOKEN = twilio.token
    assert sms_costs.count() == 1


@pytest.mark.parametrize(
    "told",
    [
        {"price": "free"},
        {"price": "NaN"},
        {"price": "-1e30"},
        {"price_unit": None},
        {"price_unit": "EURO"},
        {"num_segments": "many"},
        {"num_segments": "0"},
        {"sid": None},
    ],
)
def test_odd_figures_are_no_server_error(clock: Traveller, twilio: TwilioServer, told: dict[str, Any]) -> None:
    message = a_text()
    send(message)
    twilio.settle(twilio.messages[0]["sid"], "delivered", price="-0.01")
    twilio.messages[0] |= told
    sms_costs.count()
    kept = Decimal("0.01") if "num_segments" in told else None
    assert figures(message) == (1, kept, "USD" if kept else "")


def test_the_segments_of_a_day_are_counted(clock: Traveller, twilio: TwilioServer) -> None:
    assert sms_costs.segments_of_the_day() == 0
    send(a_text(segments=2), a_text(segments=3))
    assert sms_costs.segments_of_the_day() == 5
    assert b"notifications_sms_segments" in exposition()
    clock.shift(timedelta(hours=25))
    assert sms_costs.segments_of_the_day() == 0
