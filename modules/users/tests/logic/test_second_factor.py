from functools import partial

import pytest
from django.core.checks import run_checks
from django.db import connection
from redis.exceptions import ConnectionError as RedisIsDown

from ecommerce.kernel import identity
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.testing import at_once
from modules.users.logic import diagnoses, login_limits, second_factor, sessions, signing_keys
from modules.users.logic.login_limits import SignInLocked
from modules.users.logic.second_factor import InvalidCode, SecondFactorRequired
from modules.users.logic.sessions import InvalidCredentials
from modules.users.models import RecoveryCode, RefreshSession, SecondFactor, User
from modules.users.tests.authenticator import Authenticator, offered, switched_on
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(user, network):
    """Sign in with the password and a code."""

    def enter(code=None, *, password=PASSWORD, network=network, email=user.email):
        return sessions.sign_in(email=email, password=password, network=network, code=code)

    return enter


@pytest.fixture
def app(clock, user, network) -> Authenticator:
    """The user has a second factor, and the half minute in which it was confirmed has passed."""
    app = switched_on(user, network)
    clock.shift(60)
    return app


def fail(enter, code: str, times: int, **where: str) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCode):
            enter(code, **where)


def test_the_right_password_alone_is_told_that_a_code_is_missing(app, enter):
    with pytest.raises(SecondFactorRequired):
        enter()
    assert RefreshSession.objects.count() == 0


def test_a_wrong_password_hears_nothing_of_the_second_factor(app, enter):
    for code in (None, app.code()):
        with pytest.raises(InvalidCredentials):
            enter(code, password="wrong")
    assert enter(app.code()).access


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_half_a_minute_wrong_either_way(app, enter, steps):
    assert enter(app.code(steps=steps)).access


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_no_more_than_that(app, enter, steps):
    with pytest.raises(InvalidCode):
        enter(app.code(steps=steps))
    assert RefreshSession.objects.count() == 0


def test_spaces_in_a_code_do_not_matter(app, enter):
    code = app.code()
    assert enter(f" {code[:3]} {code[3:]}").access


def test_a_code_serves_once_and_none_before_it_serves_afterwards(app, enter):
    assert enter(app.code()).access
    for steps in (0, -1):
        with pytest.raises(InvalidCode):
            enter(app.code(steps=steps))
    assert enter(app.code(steps=1)).access
    assert RefreshSession.objects.count() == 2


def test_the_code_that_confirmed_it_does_not_sign_in_too(clock, user, network, enter):
    app = switched_on(user, network)
    with pytest.raises(InvalidCode):
        enter(app.code())


def test_a_recovery_code_serves_once_however_it_is_typed(app, enter):
    first, second = app.recovery_codes[:2]
    assert enter(first).access
    with pytest.raises(InvalidCode):
        enter(first)
    assert enter(second.replace("-", " ").upper()).access
    assert RecoveryCode.objects.filter(used_at=None).count() == 8


def test_nobody_elses_recovery_code_serves(app, enter, network):
    others = switched_on(UserFactory.create(), network)
    with pytest.raises(InvalidCode):
        enter(others.recovery_codes[0])
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 0


@pytest.mark.parametrize("code", ["000000000000", "12345", "١٢٣٤٥٦", "𝟙𝟚𝟛𝟜𝟝𝟞", "ä", "-"])
def test_what_is_no_code_is_refused_as_a_wrong_one(app, enter, code):
    with pytest.raises(InvalidCode):
        enter(code)


def test_a_code_is_not_asked_of_who_has_only_been_offered_a_secret(user, network, enter):
    app = offered(user, network)
    assert enter().access
    assert enter(app.wrong_code()).access


def test_five_wrong_codes_lock_the_account_for_codes_from_every_network(app, enter, clock):
    for number in range(5):
        fail(enter, app.wrong_code(), 1, network=f"10.0.0.{number}")
    for network in ("10.0.1.1", "10.0.1.2"):
        with pytest.raises(SignInLocked) as refusal:
            enter(app.code(), network=network)
        assert refusal.value.details == {"retry_after": 900}
    with pytest.raises(SignInLocked):
        enter(app.recovery_codes[0], network="10.0.1.3")
    assert RefreshSession.objects.count() == 0
    assert RecoveryCode.objects.filter(used_at=None).count() == 10

    clock.shift(901)
    assert enter(app.code(), network="10.0.1.4").access


def test_attempts_against_the_lock_do_not_prolong_it(app, enter, clock):
    for number in range(5):
        fail(enter, app.wrong_code(), 1, network=f"10.0.0.{number}")
    clock.shift(800)
    with pytest.raises(SignInLocked) as refusal:
        enter(app.wrong_code(), network="10.0.1.1")
    assert refusal.value.details == {"retry_after": 100}
    clock.shift(101)
    assert enter(app.code(), network="10.0.1.2").access


def test_after_the_lock_there_are_five_guesses_more_not_one(app, enter, clock):
    for _ in range(2):
        for number in range(5):
            fail(enter, app.wrong_code(), 1, network=f"10.0.0.{number}")
        with pytest.raises(SignInLocked):
            enter(app.wrong_code(), network="10.0.1.1")
        clock.shift(901)
        for number in range(5):
            login_limits.forget_failures(User.objects.get().email, f"10.0.0.{number}")


def test_four_wrong_codes_lock_nothing_and_a_right_one_forgets_them(app, enter, clock):
    for code in (app.code, lambda: app.recovery_codes[0], app.code):
        fail(enter, app.wrong_code(), 4)
        assert enter(code()).access
        clock.shift(60)


def test_failures_of_long_ago_are_forgotten(app, enter, clock):
    for number in range(4):
        fail(enter, app.wrong_code(), 1, network=f"10.0.0.{number}")
    clock.shift(901)
    fail(enter, app.wrong_code(), 1, network="10.0.1.1")
    assert SecondFactor.objects.get().failures == 1


def test_codes_are_counted_without_redis_too(app, enter, monkeypatch):
    class Down:
        def __getattr__(self, name):
            raise RedisIsDown("down")

    monkeypatch.setattr(login_limits, "_redis", Down)
    fail(enter, app.wrong_code(), 5)
    with pytest.raises(SignInLocked):
        enter(app.code())


def test_asking_without_a_code_is_no_failure_and_makes_up_for_none(app, enter):
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            enter(password="wrong")
    for _ in range(6):
        with pytest.raises(SecondFactorRequired):
            enter()
    with pytest.raises(InvalidCredentials):
        enter(password="wrong")
    with pytest.raises(SignInLocked):
        enter(app.code())


def test_a_wrong_code_counts_as_a_failed_attempt_from_there_as_well(app, enter):
    fail(enter, app.wrong_code(), 3)
    for _ in range(2):
        with pytest.raises(InvalidCredentials):
            enter(password="wrong")
    with pytest.raises(SignInLocked):
        enter(app.code())


def test_nobody_locks_the_account_for_codes_without_its_password(app, enter):
    for number in range(20):
        with pytest.raises(InvalidCredentials):
            enter("123456", password="wrong", network=f"10.0.0.{number}")
    assert enter(app.code(), network="10.0.1.1").access


def test_signing_in_with_a_code_takes_three_statements_and_the_sessions_write(app, enter, django_assert_num_queries):
    signing_keys.signing_key()
    with django_assert_num_queries(6):  # savepoint and release only under this test's own transaction
        enter(app.code())


def test_neither_secret_nor_recovery_codes_are_in_the_database_in_the_clear(app, user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(secret, 'escape') || row_to_json(factor)::text FROM users_secondfactor factor")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(row_to_json(code)::text, ' ') FROM users_recoverycode code")
        kept += cursor.fetchone()[0]
    assert second_factor.unseal(SecondFactor.objects.get()) == app.secret
    for secret in (app.secret, app.secret.encode().hex(), *app.recovery_codes):
        assert secret not in kept
        assert secret.replace("-", "") not in kept


def test_a_secret_moved_to_somebody_elses_row_is_worthless(app, enter, network):
    other = UserFactory.create()
    thief = switched_on(other, network)
    SecondFactor.objects.exclude(user=other).update(secret=SecondFactor.objects.get(user=other).secret)
    with pytest.raises(Unavailable):
        enter(thief.code(steps=1))


def test_it_outlives_a_change_of_the_secret_key_and_the_old_one_may_go_after_signing_in(app, enter, settings, clock):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new one"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert enter(app.code()).access
    assert enter(app.recovery_codes[0]).access
    settings.SECRET_KEY_FALLBACKS = []
    clock.shift(60)
    assert enter(app.code()).access


def test_one_whose_key_is_lost_answers_that_it_cannot_be_checked(app, enter, settings, caplog):
    assert diagnoses.second_factors_readable() is None
    settings.SECRET_KEY = "another"
    with pytest.raises(Unavailable):
        enter(app.code())
    assert SecondFactor.objects.get().failures == 0
    assert "second_factor_unreadable" in caplog.text
    said = diagnoses.second_factors_readable() or ""
    assert said.startswith(f"1 of 1 cannot be decrypted, that of {User.objects.get().id}")


def test_logs_hold_no_code_and_no_secret(app, enter, caplog):
    caplog.set_level("DEBUG")
    wrong, right, recovery = app.wrong_code(), app.code(), app.recovery_codes[0]
    fail(enter, wrong, 4)
    enter(right)
    enter(recovery)
    with pytest.raises(InvalidCode):
        enter(recovery)
    for number in range(4):
        fail(enter, wrong, 1, network=f"10.0.0.{number}")
    with pytest.raises(SignInLocked):
        enter(wrong, network="10.0.1.1")
    assert "second_factor_locked" in caplog.text
    for secret in (wrong, right, recovery, app.secret):
        assert secret not in caplog.text


def test_staff_without_one_are_customers_where_it_is_required_and_staff_at_the_next_refresh_after(
    clock, network, settings, sign_in
):
    settings.STAFF_MFA = "required"
    staff = StaffFactory.create()
    pair = sign_in(staff)
    caller = identity.verify(pair.access)
    assert (caller.is_staff, caller.scopes, caller.may("catalog.write")) == (False, frozenset(), False)

    User.objects.filter(id=staff.id).update(second_factor_at=NOON)
    caller = identity.verify(sessions.refresh(token=pair.refresh).access)
    assert (caller.is_staff, caller.scopes) == (True, frozenset({"*"}))


def test_staff_who_have_one_sign_in_as_staff_where_it_is_required(clock, network, settings):
    staff = StaffFactory.create()
    app = switched_on(staff, network)
    settings.STAFF_MFA = "required"
    clock.shift(60)
    pair = sessions.sign_in(email=staff.email, password=PASSWORD, network=network, code=app.code())
    assert identity.verify(pair.access).may("catalog.write")


def test_a_token_begun_before_it_was_required_loses_its_powers_at_the_next_refresh(db, settings, sign_in):
    pair = sign_in(StaffFactory.create())
    assert identity.verify(pair.access).is_staff
    settings.STAFF_MFA = "required"
    caller = identity.verify(sessions.refresh(token=pair.refresh).access)
    assert (caller.is_staff, caller.scopes) == (False, frozenset())


def test_customers_are_not_asked_where_it_is_required_of_staff(user, settings, enter):
    settings.STAFF_MFA = "required"
    assert enter().access


@pytest.mark.parametrize(("mode", "warned"), [("off", True), ("required", False)])
def test_checking_a_deployment_warns_where_staff_need_none(settings, mode, warned):
    settings.STAFF_MFA = mode
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert ("shop.W001" in [message.id for message in found]) is warned


def all_at_once(times: int, user: User, code: str) -> list[str]:
    """Sign in so often at the same instant, each time from another network: what came of it, sorted."""

    def enter(number: int) -> sessions.TokenPair:
        return sessions.sign_in(email=user.email, password=PASSWORD, network=f"10.0.0.{number}", code=code)

    return sorted(type(result).__name__ for result in at_once(*[partial(enter, number) for number in range(times)]))


@pytest.mark.django_db(transaction=True)
def test_one_code_used_by_several_at_once_serves_one_of_them(network):
    for _ in range(3):
        user = UserFactory.create()
        code = switched_on(user, network).code(steps=1)
        assert all_at_once(4, user, code) == ["InvalidCode"] * 3 + ["TokenPair"]
        assert RefreshSession.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_recovery_code_used_by_several_at_once_serves_one_of_them(network):
    for _ in range(3):
        user = UserFactory.create()
        code = switched_on(user, network).recovery_codes[0]
        assert all_at_once(4, user, code) == ["InvalidCode"] * 3 + ["TokenPair"]
        assert RecoveryCode.objects.filter(user=user, used_at=None).count() == 9


@pytest.mark.django_db(transaction=True)
def test_codes_guessed_at_the_same_time_do_not_slip_through(network):
    user = UserFactory.create()
    wrong = switched_on(user, network).wrong_code()
    assert all_at_once(10, user, wrong) == ["InvalidCode"] * 5 + ["SignInLocked"] * 5
