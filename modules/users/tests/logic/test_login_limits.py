import pytest
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisIsDown

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.contracts import LinkPurpose
from modules.users.logic import links, login_limits, password_changes, sessions
from modules.users.logic.login_limits import SignInLocked
from modules.users.logic.sessions import InvalidCredentials
from modules.users.models import RefreshSession
from modules.users.tests.factories import PASSWORD, UserFactory


def fail(email: str, network: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            sessions.sign_in(email=email, password="wrong", network=network)


@pytest.fixture
def stranger() -> str:
    """An address nobody has, and no other run of this test has tried."""
    return f"{new_id()}@example.com"


def test_the_right_password_is_refused_too_after_five_failures(user, network, sign_in):
    fail(user.email, network, 5)
    with pytest.raises(SignInLocked) as refusal:
        sign_in(user)
    assert 0 < refusal.value.details["retry_after"] <= 900
    assert RefreshSession.objects.count() == 0


def test_an_unknown_address_is_locked_like_a_known_one(db, network, stranger):
    fail(stranger, network, 5)
    with pytest.raises(SignInLocked):
        sessions.sign_in(email=stranger.upper(), password="wrong", network=network)


def test_four_failures_lock_nothing_and_success_forgets_them(user, network, sign_in):
    for _ in range(2):
        fail(user.email, network, 4)
        assert sign_in(user).access


def test_the_same_account_from_elsewhere_and_another_account_from_here_are_not_locked(user, network):
    fail(user.email, network, 5)
    assert sessions.sign_in(email=user.email, password=PASSWORD, network=f"{network}0").access
    assert sessions.sign_in(email=UserFactory.create().email, password=PASSWORD, network=network).access


def test_attempts_against_the_lock_do_not_prolong_it(user, network):
    fail(user.email, network, 5)
    redis = get_redis_connection("default")
    redis.expire(login_limits._keys(user.email, network)[0], 100)
    with pytest.raises(SignInLocked) as refusal:
        sessions.sign_in(email=user.email, password=PASSWORD, network=network)
    assert refusal.value.details["retry_after"] <= 100


def test_guesses_made_at_the_same_time_do_not_slip_through(network, stranger):
    def guess() -> None:
        login_limits.count_attempt(stranger, network)

    results = at_once(*[guess] * 12)
    assert [type(result) for result in results].count(SignInLocked) == 7


def test_without_redis_everybody_may_try_and_it_is_logged(user, network, monkeypatch, caplog):
    class Down:
        def __getattr__(self, name):
            raise RedisIsDown("down")

    monkeypatch.setattr(login_limits, "_redis", Down)
    fail(user.email, network, 6)
    assert sessions.sign_in(email=user.email, password=PASSWORD, network=network).access
    assert "login attempts are not counted" in caplog.text


def networks(count: int) -> list[str]:
    return [f"{new_id()}" for _ in range(count)]


def test_many_accounts_from_one_network_lock_the_network(network, monkeypatch):
    monkeypatch.setattr(login_limits, "NETWORK_FAILURES", 10)
    for _ in range(10):
        login_limits.count_attempt(f"{new_id()}@example.com", network)
    with pytest.raises(SignInLocked):
        login_limits.count_attempt(f"{new_id()}@example.com", network)


def test_successes_do_not_count_against_their_network(network, monkeypatch):
    monkeypatch.setattr(login_limits, "NETWORK_FAILURES", 3)
    for _ in range(10):
        email = f"{new_id()}@example.com"
        login_limits.count_attempt(email, network)
        login_limits.forget_failures(email, network)


def test_one_account_from_many_networks_is_locked_for_strangers_but_not_where_its_owner_is_known(
    user, network, sign_in, monkeypatch
):
    monkeypatch.setattr(login_limits, "ACCOUNT_FAILURES", 10)
    assert sign_in(user).access
    for elsewhere in networks(10):
        fail(user.email, elsewhere)
    with pytest.raises(SignInLocked):
        sessions.sign_in(email=user.email, password=PASSWORD, network=networks(1)[0])
    assert sign_in(user).access


def test_a_lock_for_strangers_ends_with_a_password_chosen_by_mail(user, network, monkeypatch):
    monkeypatch.setattr(login_limits, "ACCOUNT_FAILURES", 10)
    for elsewhere in networks(10):
        fail(user.email, elsewhere)
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password="another battery staple", network=network)
    for elsewhere in (network, *networks(2)):
        assert sessions.sign_in(email=user.email, password="another battery staple", network=elsewhere).access


def test_five_failures_here_are_forgiven_with_a_password_chosen_by_mail(user, network):
    fail(user.email, network, 5)
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password="another battery staple", network=network)
    assert sessions.sign_in(email=user.email, password="another battery staple", network=network).access


def test_redis_learns_neither_addresses_nor_networks(user, network):
    fail(user.email, network)
    keys = b" ".join(get_redis_connection("default").keys("*"))
    assert user.email.encode() not in keys
    assert network.encode() not in keys
