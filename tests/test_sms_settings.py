"""Twilio as operators configure it: every mistake is found when the shop starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from ecommerce.settings import Environment
from ecommerce.sms_settings import read_hours

TWILIO = {"twilio_account_sid": "AC" + "0f" * 16, "twilio_auth_token": "s3cret-token", "twilio_sender": "Lampen"}


def started(**variables: Any) -> Environment:
    return Environment.model_validate({"debug": True} | variables)


@pytest.mark.parametrize("sender", ["+4915112345678", "Lampen", "Lampen 24", "A", "12345a", "MG" + "0f" * 16, "H&M_+-"])
def test_a_sender_is_a_number_a_name_or_a_service(sender: str) -> None:
    assert started(**TWILIO | {"twilio_sender": sender}).twilio_sender == sender


def test_none_is_the_default_and_nights_are_quiet() -> None:
    shop = started()
    assert (shop.twilio_account_sid, shop.twilio_sender, shop.sms_quiet_hours) == ("", "", "21-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"twilio_sender": "Zwölf Lampen"},
        {"twilio_sender": "Lampenladen 24"},
        {"twilio_sender": "12345"},
        {"twilio_sender": "015112345678"},
        {"twilio_sender": "+0151"},
        {"twilio_account_sid": "../AC"},
        {"twilio_account_sid": "SK" + "0f" * 16},
        {"twilio_api_base": "api.twilio.com"},
        {"sms_quiet_hours": "21"},
        {"sms_quiet_hours": "21-24"},
        {"sms_quiet_hours": "21:00-8:00"},
        {"sms_quiet_hours": "20-9"},
    ],
)
def test_what_will_not_do_is_told_by_name_and_shows_no_secret(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        started(**TWILIO | changes)
    assert [error["loc"] for error in refusal.value.errors()] == [tuple(changes)]
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("missing", sorted(TWILIO))
def test_half_of_it_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        started(**TWILIO | {missing: ""})
    assert "or none of them" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(("hours", "read"), [("21-8", (21, 8)), ("0-0", (0, 0)), ("20-8", (20, 8)), ("1-6", (1, 6))])
def test_hours_are_read(hours: str, read: tuple[int, int]) -> None:
    assert started(sms_quiet_hours=hours).sms_quiet_hours == hours
    assert read_hours(hours) == read
