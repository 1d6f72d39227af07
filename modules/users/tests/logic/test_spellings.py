"""Letters that PostgreSQL folds to others: however an address is spelt, its account has one count."""

import sys
from unicodedata import category

import pytest
from django.db import connection

from ecommerce.kernel import driver
from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.logic import link_requests, login_limits, sessions
from modules.users.logic.login_limits import SignInLocked
from modules.users.logic.sessions import InvalidCredentials
from modules.users.models import User
from modules.users.tests.factories import PASSWORD, UserFactory

SPELLINGS = ("mimi", "mİmi", "mimİ", "mİmİ", "MIMI", "mİMi")


@pytest.fixture
def domain() -> str:
    """Counts are kept in Redis: one for each test keeps them apart."""
    return f"@{new_id()}.example"


def test_another_spelling_of_an_address_gives_no_further_attempts(db, domain, network):
    UserFactory.create(email="mimi" + domain)
    assert [User.objects.with_email(spelling + domain).count() for spelling in SPELLINGS] == [1] * 6
    for spelling in SPELLINGS[:5]:
        with pytest.raises(InvalidCredentials):
            sessions.sign_in(email=spelling + domain, password="wrong", network=network)
    for spelling in SPELLINGS:
        with pytest.raises(SignInLocked):
            sessions.sign_in(email=spelling + domain, password=PASSWORD, network=network)


def test_what_postgresql_takes_for_one_letter_is_one_here_too(db):
    # Letters that are younger than this Python's Unicode are in nobody's address.
    letters = [chr(code) for code in range(sys.maxunicode) if category(chr(code)) not in ("Cc", "Cn", "Cs")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT letter, lower(letter) FROM unnest(%s::text[]) AS letter", [letters])
        folded = [(letter, lower) for letter, lower in cursor.fetchall() if letter != lower]
    assert ("İ", "i") in folded
    assert [pair for pair in folded if login_limits.folded(pair[0]) != login_limits.folded(pair[1])] == []


@pytest.mark.django_db(transaction=True)
def test_another_spelling_of_an_address_sends_no_further_mails(domain, outbox):
    user = UserFactory.create(email="mimi" + domain, email_verified=True)
    for spelling in SPELLINGS:
        link_requests.request_link(email=spelling + domain, purpose=LinkPurpose.RESET_PASSWORD)
        driver.run_due("default")
    assert outbox() == [("PasswordResetRequested", user.id)] * 3
