from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from ecommerce.kernel import identity
from ecommerce.kernel.testing import at_once
from modules.users.logic import enrolment, second_factor, sessions
from modules.users.logic.enrolment import (
    SecondFactorEnabled,
    SecondFactorNotStarted,
    SecondFactorOff,
    State,
    WrongCode,
)
from modules.users.logic.export_sections import second_factor_of
from modules.users.logic.login_limits import SignInLocked
from modules.users.logic.reauthentication import WrongPassword
from modules.users.logic.tokens import InvalidToken
from modules.users.models import RecoveryCode, RefreshSession, SecondFactor, User
from modules.users.tests.authenticator import Authenticator, offered, switched_on
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import PASSWORD, UserFactory
from modules.users.tests.racing import held_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(clock, user, network) -> Authenticator:
    """The user has a second factor, and the half minute in which it was confirmed has passed."""
    app = switched_on(user, network)
    clock.shift(60)
    return app


@pytest.fixture
def switch_off(user, network):
    def switch_off(code: str, *, password: str = PASSWORD, session_id=None) -> None:
        enrolment.switch_off(user_id=user.id, session_id=session_id, password=password, code=code, network=network)

    return switch_off


@pytest.fixture
def renew(user, network):
    def renew(code: str, *, password: str = PASSWORD) -> list[str]:
        return enrolment.renew_recovery_codes(user_id=user.id, password=password, code=code, network=network)

    return renew


def state(user: User) -> State:
    return enrolment.get_state(user_id=user.id)


def open_sessions(user: User) -> list:
    return list(RefreshSession.objects.filter(user=user, revoked_at=None).values_list("id", flat=True))


def confirming(user: User, code: str) -> partial:
    """A call for a thread of its own."""
    return partial(enrolment.confirm, user_id=user.id, session_id=None, code=code)


def session_of(pair: sessions.TokenPair):
    return identity.verify(pair.access).session_id


def test_an_offer_is_what_an_authenticator_app_reads(user, network, settings):
    settings.PUBLIC_URL = "https://lamps.example:8443"
    offer = enrolment.start(user_id=user.id, password=PASSWORD, network=network)
    url = urlsplit(offer.otpauth_url)
    assert (url.scheme, url.netloc, url.path) == ("otpauth", "totp", f"/lamps.example:{user.email.replace('@', '%40')}")
    assert parse_qs(url.query) == {"secret": [offer.secret], "issuer": ["lamps.example"]}
    assert len(offer.secret) == 32


def test_an_offer_alone_changes_nothing(user, network):
    offered(user, network)
    assert state(user) == State(enabled=False, enabled_at=None, recovery_codes_left=0)


def test_a_second_offer_replaces_the_first(clock, user, network):
    first, second = offered(user, network), offered(user, network)
    with pytest.raises(WrongCode):
        enrolment.confirm(user_id=user.id, session_id=None, code=first.code())
    assert not state(user).enabled
    assert len(enrolment.confirm(user_id=user.id, session_id=None, code=second.code())) == 10


def test_a_first_code_switches_it_on_and_gives_ten_recovery_codes(clock, user, network):
    app = switched_on(user, network)
    assert state(user) == State(enabled=True, enabled_at=NOON, recovery_codes_left=10)
    assert len(set(app.recovery_codes)) == 10
    assert [len(code) for code in app.recovery_codes] == [19] * 10


def test_a_wrong_first_code_switches_nothing_on_and_five_lock(clock, user, network, sign_in):
    app = offered(user, network)
    sign_in(user)
    for _ in range(5):
        with pytest.raises(WrongCode):
            enrolment.confirm(user_id=user.id, session_id=None, code=app.wrong_code())
    with pytest.raises(SignInLocked):
        enrolment.confirm(user_id=user.id, session_id=None, code=app.code())
    assert state(user) == State(enabled=False, enabled_at=None, recovery_codes_left=0)
    assert len(open_sessions(user)) == 1
    assert sign_in(user).access


def test_there_is_nothing_to_confirm_or_to_switch_off_without_an_offer(user, switch_off, renew):
    with pytest.raises(SecondFactorNotStarted):
        enrolment.confirm(user_id=user.id, session_id=None, code="123456")
    for refused in (switch_off, renew):
        with pytest.raises(SecondFactorOff):
            refused("123456")


def test_what_was_only_offered_is_not_switched_off_by_its_code(clock, user, network, switch_off):
    app = offered(user, network)
    with pytest.raises(SecondFactorOff):
        switch_off(app.code())
    assert SecondFactor.objects.get().last_step == 0


def test_one_that_is_on_is_neither_offered_nor_confirmed_again(app, user, network):
    before = SecondFactor.objects.values().get()
    with pytest.raises(SecondFactorEnabled):
        enrolment.start(user_id=user.id, password=PASSWORD, network=network)
    with pytest.raises(SecondFactorEnabled):
        enrolment.confirm(user_id=user.id, session_id=None, code=app.code())
    assert SecondFactor.objects.values().get() == before


def test_switching_it_on_ends_the_other_sessions(clock, user, network, sign_in):
    sign_in(user)
    kept, others = sign_in(user), sign_in(UserFactory.create())
    app = offered(user, network)
    enrolment.confirm(user_id=user.id, session_id=session_of(kept), code=app.code())
    assert open_sessions(user) == [session_of(kept)]
    assert sessions.refresh(token=others.refresh).access


def test_switching_it_off_ends_the_other_sessions_and_the_password_is_enough_again(app, user, sign_in, switch_off):
    # Begun with a code each, as far as this test goes.
    User.objects.filter(id=user.id).update(second_factor_at=None)
    sign_in(user)
    kept = sign_in(user)
    User.objects.filter(id=user.id).update(second_factor_at=user.second_factor_at)

    switch_off(app.code(), session_id=session_of(kept))
    assert open_sessions(user) == [session_of(kept)]
    assert state(user) == State(enabled=False, enabled_at=None, recovery_codes_left=0)
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert sign_in(user).access


def test_a_recovery_code_switches_it_off_too(app, user, switch_off):
    switch_off(app.recovery_codes[3])
    assert not state(user).enabled


def test_without_password_or_code_it_stays_on(app, user, switch_off, sign_in):
    for password, code, refusal in (("wrong", app.code(), WrongPassword), (PASSWORD, app.wrong_code(), WrongCode)):
        with pytest.raises(refusal):
            switch_off(code, password=password)
    assert state(user) == State(enabled=True, enabled_at=NOON, recovery_codes_left=10)


def test_new_recovery_codes_end_the_old_ones_and_no_session(app, user, network, renew):
    pair = sessions.sign_in(email=user.email, password=PASSWORD, network=network, code=app.recovery_codes[0])
    assert state(user).recovery_codes_left == 9
    codes = renew(app.code())
    assert state(user).recovery_codes_left == 10
    assert not set(codes) & set(app.recovery_codes)
    assert open_sessions(user) == [session_of(pair)]
    with pytest.raises(WrongCode):
        renew(app.recovery_codes[1])
    assert len(renew(codes[0])) == 10


@pytest.mark.parametrize("right", ["password", "code"])
def test_new_recovery_codes_take_both_the_password_and_a_code(app, user, renew, right):
    kept = list(RecoveryCode.objects.order_by("id").values_list("digest", flat=True))
    with pytest.raises(WrongCode if right == "password" else WrongPassword):
        renew(app.code() if right == "code" else app.wrong_code(), password=PASSWORD if right == "password" else "x")
    assert list(RecoveryCode.objects.order_by("id").values_list("digest", flat=True)) == kept


def test_a_stolen_access_token_guesses_five_passwords(app, user, network, switch_off, renew):
    for number in range(5):
        with pytest.raises(WrongPassword):
            (switch_off if number % 2 else renew)(app.code(), password="wrong")
    for refused in (switch_off, renew):
        with pytest.raises(SignInLocked):
            refused(app.code())
    with pytest.raises(SignInLocked):
        enrolment.start(user_id=user.id, password=PASSWORD, network=network)
    with pytest.raises(SignInLocked):
        sessions.sign_in(email=user.email, password=PASSWORD, network=network, code=app.code())


def test_codes_guessed_here_and_when_signing_in_are_counted_together(app, user, switch_off, renew):
    for number in range(5):
        with pytest.raises(WrongCode):
            (switch_off if number % 2 else renew)(app.wrong_code())
    with pytest.raises(SignInLocked):
        sessions.sign_in(email=user.email, password=PASSWORD, network="10.9.9.9", code=app.code())


def test_a_closed_account_has_no_second_factor_to_speak_of(app, user, network, switch_off):
    User.objects.update(is_active=False)
    for refused in (
        lambda: state(user),
        lambda: enrolment.start(user_id=user.id, password=PASSWORD, network=network),
        lambda: enrolment.confirm(user_id=user.id, session_id=None, code=app.code()),
        lambda: switch_off(app.code()),
    ):
        with pytest.raises(InvalidToken):
            refused()


def test_an_export_says_since_when_and_no_secret(app, user):
    RecoveryCode.objects.filter(id=RecoveryCode.objects.order_by("id")[0].id).update(used_at=NOON)
    assert second_factor_of(user.id) == {
        "enabled_at": NOON,
        "app_added_at": NOON,
        "recovery_codes_used_at": [NOON],
    }


def test_resetting_it_ends_every_session_and_leaves_nothing(app, user, network, sign_in):
    sessions.sign_in(email=user.email, password=PASSWORD, network=network, code=app.code())
    assert enrolment.reset(user_id=user.id) is True
    assert open_sessions(user) == []
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    sign_in(user)
    assert enrolment.reset(user_id=user.id) is False
    assert len(open_sessions(user)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_is_given_recovery_codes(network):
    for _ in range(3):
        user = UserFactory.create()
        app = offered(user, network)
        results = at_once(
            *[confirming(user, code) for code in (app.code(), app.code(), app.code(steps=1), app.code(steps=1))]
        )
        assert [type(result) for result in results].count(list) == 1
        assert RecoveryCode.objects.filter(user=user).count() == 10


@pytest.mark.django_db(transaction=True)
def test_no_session_without_a_code_outlives_the_switching_on(network, sign_in):
    for _ in range(5):
        user = UserFactory.create()
        app = offered(user, network)
        at_once(
            partial(sign_in, user),
            partial(sign_in, user),
            confirming(user, app.code()),
        )
        user.refresh_from_db()
        assert user.second_factor_at is not None
        assert open_sessions(user) == []


@pytest.mark.django_db(transaction=True)
def test_a_secret_replaced_while_it_is_confirmed_is_not_confirmed(network):
    user = UserFactory.create()
    app = offered(user, network)
    confirmed, offer = held_up(
        confirming(user, app.code()),
        meanwhile=lambda: offered(user, network),
    )
    assert isinstance(confirmed, WrongCode)
    assert not state(user).enabled
    assert RecoveryCode.objects.count() == 0
    assert second_factor.unseal(SecondFactor.objects.get()) == offer.secret


@pytest.mark.django_db(transaction=True)
def test_an_offer_made_while_another_is_confirmed_replaces_nothing(network):
    user = UserFactory.create()
    app = offered(user, network)
    offer, confirmed = held_up(
        lambda: offered(user, network),
        meanwhile=confirming(user, app.code()),
    )
    assert isinstance(offer, SecondFactorEnabled)
    assert state(user) == State(enabled=True, enabled_at=state(user).enabled_at, recovery_codes_left=len(confirmed))
    assert second_factor.unseal(SecondFactor.objects.get()) == app.secret


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_of_what_is_switched_off_meanwhile_are_not_made(network):
    user = UserFactory.create()
    app = switched_on(user, network)
    codes, _ = held_up(
        lambda: enrolment.renew_recovery_codes(
            user_id=user.id, password=PASSWORD, code=app.code(steps=1), network=network
        ),
        meanwhile=lambda: enrolment.reset(user_id=user.id),
    )
    assert isinstance(codes, SecondFactorOff)
    assert RecoveryCode.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_who_signs_in_without_a_code_while_it_is_switched_on_is_refused(network, sign_in):
    user = UserFactory.create()
    app = offered(user, network)
    pair, _ = held_up(
        lambda: sign_in(user),
        meanwhile=confirming(user, app.code()),
    )
    assert isinstance(pair, sessions.InvalidCredentials)
    assert RefreshSession.objects.count() == 0
