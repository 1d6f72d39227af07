from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import driver
from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.logic import accounts, link_requests
from modules.users.models import LinkRequest, User

pytestmark = pytest.mark.django_db(transaction=True)

VERIFY, RESET = LinkPurpose.VERIFY_EMAIL, LinkPurpose.RESET_PASSWORD


@pytest.fixture
def address() -> str:
    """Mails are counted in Redis: one for each test keeps them apart, and this run from the last."""
    return f"{new_id()}@example.com"


def ask(email: str, purpose: LinkPurpose = RESET) -> None:
    link_requests.request_link(email=email, purpose=purpose)
    driver.run_due("default")


def account(email: str, **changes: Any) -> User:
    return accounts.register(email=email, password="correct horse battery", **changes)


@pytest.mark.parametrize(
    ("purpose", "event"), [(VERIFY, "EmailVerificationRequested"), (RESET, "PasswordResetRequested")]
)
def test_the_owner_of_an_address_gets_what_was_asked_for_whatever_the_case(address, outbox, purpose, event):
    user = account(address)
    before = outbox()
    ask(address.upper(), purpose)
    assert outbox()[len(before) :] == [(event, user.id)]
    assert LinkRequest.objects.count() == 0


def test_an_unknown_a_verified_and_a_locked_address_get_nothing_and_leave_nothing(address, outbox):
    verified, locked = account(f"a{address}", email_verified=True), account(f"b{address}", email_verified=True)
    accounts.lock(user_ids=[locked.id])
    before = outbox()
    ask(address)
    ask(verified.email, VERIFY)
    ask(locked.email)
    assert outbox() == before
    assert LinkRequest.objects.count() == 0


def test_asking_takes_the_same_statements_for_every_address(address):
    account(address)
    said = []
    for email in (address, f"unknown-{address}"):
        with CaptureQueriesContext(connection) as captured:
            link_requests.request_link(email=email, purpose=RESET)
        said.append([query["sql"].partition(" VALUES")[0].split(" (")[0] for query in captured])
    assert said[0] == said[1]
    assert not any("users_user" in sql for sql in said[0])


def test_a_fourth_mail_in_an_hour_to_one_address_is_not_sent(address, outbox):
    user = account(address, email_verified=True)
    before = len(outbox())
    for _ in range(5):
        ask(address)
    assert outbox()[before:] == [("PasswordResetRequested", user.id)] * 3


def test_a_request_that_is_answered_twice_is_one_mail(address, outbox):
    account(address, email_verified=True)
    link_requests.request_link(email=address, purpose=RESET)
    driver.run_due("default")
    before = outbox()
    driver.run_due("default")
    assert outbox() == before


def test_requests_that_nobody_answered_are_forgotten_after_a_day(clock, address):
    link_requests.request_link(email=address, purpose=RESET)
    clock.shift(timedelta(hours=23))
    assert link_requests.forget_unanswered() == 0
    clock.shift(timedelta(hours=2))
    assert link_requests.forget_unanswered() == 1
