"""A second factor that was offered and not confirmed yet dies with the password it was asked for with."""

import pytest

from modules.users.contracts import LinkPurpose
from modules.users.logic import enrolment, links, password_changes
from modules.users.logic.enrolment import SecondFactorNotStarted
from modules.users.logic.reauthentication import WrongPassword
from modules.users.models import SecondFactor, User
from modules.users.tests.authenticator import offered, switched_on
from modules.users.tests.factories import PASSWORD, UserFactory
from modules.users.tests.racing import held_up

NEW = "another battery staple"


@pytest.fixture
def user(db) -> User:
    return UserFactory.create(email_verified=True)


def reset(user: User, network: str) -> None:
    token = links.make_token(User.objects.get(id=user.id), LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password=NEW, network=network)


def change(user: User, network: str) -> None:
    password_changes.change_password(
        user_id=user.id, session_id=None, current_password=PASSWORD, new_password=NEW, network=network
    )


@pytest.mark.parametrize("renew", [reset, change])
def test_a_thiefs_access_token_confirms_nothing_once_the_owner_has_a_new_password(clock, user, network, renew):
    thief = offered(user, network)
    renew(user, network)
    with pytest.raises(SecondFactorNotStarted):
        enrolment.confirm(user_id=user.id, session_id=None, code=thief.code())
    assert User.objects.get().second_factor_at is None
    assert SecondFactor.objects.count() == 0


@pytest.mark.parametrize("renew", [reset, change])
def test_a_factor_that_is_in_force_outlives_the_password(clock, user, network, renew):
    switched_on(user, network)
    renew(user, network)
    assert User.objects.get().second_factor_at is not None
    assert SecondFactor.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_offer_asked_for_with_the_old_password_during_a_reset_is_refused(user, network):
    def start() -> None:
        enrolment.start(user_id=user.id, password=PASSWORD, network=network)

    refusal, done = held_up(start, lambda: reset(user, network))
    assert (type(refusal), done) == (WrongPassword, None)
    assert SecondFactor.objects.count() == 0
