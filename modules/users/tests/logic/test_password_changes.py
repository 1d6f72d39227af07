from functools import partial
from typing import Any

import pytest

from ecommerce.kernel.testing import at_once
from modules.users.contracts import LinkPurpose
from modules.users.logic import links, password_changes, sessions, verification
from modules.users.logic.links import InvalidLink
from modules.users.logic.login_limits import SignInLocked
from modules.users.logic.passwords import WeakPassword
from modules.users.logic.reauthentication import WrongPassword
from modules.users.logic.sessions import InvalidCredentials
from modules.users.logic.tokens import InvalidToken
from modules.users.models import RefreshSession, User
from modules.users.tests.factories import PASSWORD, hashed

NEW = "another battery staple"


def reset(token: str, network: str, password: str = NEW) -> None:
    password_changes.reset_password(token=token, new_password=password, network=network)


def change(user: User, network: str, **changes: Any) -> None:
    arguments: dict[str, Any] = {
        "user_id": user.id,
        "session_id": None,
        "current_password": PASSWORD,
        "new_password": NEW,
    }
    password_changes.change_password(network=network, **arguments | changes)


def test_a_reset_gives_the_account_its_new_password_ends_every_session_and_verifies_the_address(
    user, network, sign_in, outbox
):
    sign_in(user)
    reset(links.make_token(user, LinkPurpose.RESET_PASSWORD), network)
    kept = User.objects.get()
    assert (kept.check_password(NEW), kept.email_verified) == (True, True)
    assert RefreshSession.objects.filter(revoked_at=None).count() == 0
    assert outbox() == [("PasswordChanged", user.id), ("EmailVerified", user.id)]


def test_a_reset_token_serves_once(user, network):
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    reset(token, network)
    with pytest.raises(InvalidLink):
        reset(token, network, "a third battery staple")
    assert User.objects.get().check_password(NEW)


def test_a_weak_password_is_refused_and_leaves_the_token_good(user, network):
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    with pytest.raises(WeakPassword) as refusal:
        reset(token, network, "password1")
    assert {reason["field"] for reason in refusal.value.details["errors"]} == {"new_password"}
    assert User.objects.get().check_password(PASSWORD)
    reset(token, network)
    assert User.objects.get().check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_one_reset_token_at_once_exactly_one_counts(user, network):
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    passwords = ("first battery staple", "second battery staple")
    results = at_once(*[partial(reset, token, network, password) for password in passwords])
    assert sorted(type(result).__name__ for result in results) == ["InvalidLink", "NoneType"]
    assert User.objects.get().check_password(passwords[results.index(None)])


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_one_verification_token_at_once_exactly_one_counts(user, outbox):
    token = links.make_token(user, LinkPurpose.VERIFY_EMAIL)
    results = at_once(*[lambda: verification.verify_email(token=token)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["InvalidLink", "User"]
    assert outbox() == [("EmailVerified", user.id)]


def test_changing_the_password_ends_every_other_session_and_tells_the_owner(user, network, sign_in, outbox):
    here, elsewhere = sign_in(user), sign_in(user)
    current = RefreshSession.objects.earliest("created_at", "id")
    change(user, network, session_id=current.id)
    assert User.objects.get().check_password(NEW)
    assert sessions.refresh(token=here.refresh).access
    with pytest.raises(sessions.TokenRevoked):
        sessions.refresh(token=elsewhere.refresh)
    assert outbox() == [("PasswordChanged", user.id)]


def test_a_wrong_present_password_changes_nothing_and_counts_as_a_failure(user, network, sign_in, outbox):
    for _ in range(5):
        with pytest.raises(WrongPassword) as refusal:
            change(user, network, current_password="wrong")
    assert [reason["field"] for reason in refusal.value.details["errors"]] == ["current_password"]
    with pytest.raises(SignInLocked):
        change(user, network)
    assert User.objects.get().check_password(PASSWORD)
    assert outbox() == []


def test_a_weak_new_password_is_refused_and_changes_nothing(user, network, outbox):
    with pytest.raises(WeakPassword):
        change(user, network, new_password="12345678")
    assert User.objects.get().check_password(PASSWORD)
    assert outbox() == []


def test_a_closed_account_changes_nothing(user, network):
    User.objects.update(is_active=False)
    with pytest.raises(InvalidToken):
        change(user, network)


@pytest.mark.django_db(transaction=True)
def test_a_change_and_a_reset_at_once_leave_one_password_and_no_session_of_the_other(user, network, sign_in):
    sign_in(user)
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    results = at_once(
        lambda: change(user, network, new_password="first battery staple"),
        lambda: reset(token, network, "second battery staple"),
    )
    assert [type(result).__name__ for result in results].count("NoneType") == 1
    winner = ("first battery staple", "second battery staple")[results.index(None)]
    assert User.objects.get().check_password(winner)
    assert RefreshSession.objects.filter(revoked_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_with_the_old_password_during_a_reset_leaves_no_session(user, network, sign_in):
    for _ in range(3):
        User.objects.update(password=hashed())
        token = links.make_token(User.objects.get(), LinkPurpose.RESET_PASSWORD)
        result, _ = at_once(partial(sign_in, user), partial(reset, token, network))
        assert isinstance(result, sessions.TokenPair | InvalidCredentials)
        assert RefreshSession.objects.filter(revoked_at=None).count() == 0
