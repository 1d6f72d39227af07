from datetime import timedelta

import pytest
from django.contrib.auth import hashers

from ecommerce.kernel import identity
from ecommerce.kernel.testing import at_once
from modules.users.logic import sessions
from modules.users.logic.passwords import Argon2Hasher
from modules.users.logic.sessions import InvalidCredentials, TokenReused, TokenRevoked
from modules.users.logic.tokens import InvalidToken
from modules.users.models import RefreshSession
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory


def test_signing_in_begins_a_session_with_a_verifiable_pair(user, sign_in):
    pair = sign_in(user)
    session = RefreshSession.objects.get()
    caller = identity.verify(pair.access)
    assert (caller.id, caller.session_id, caller.is_staff, caller.scopes) == (user.id, session.id, False, frozenset())
    assert pair.expires_in == 600
    assert session.expires_at - session.issued_at == timedelta(days=14)


def test_who_owns_the_shop_has_every_scope(db, sign_in):
    caller = identity.verify(sign_in(StaffFactory.create()).access)
    assert (caller.is_staff, caller.scopes, caller.may("catalog.write")) == (True, frozenset({"*"}), True)


def test_other_staff_has_no_scope_yet(db, sign_in):
    caller = identity.verify(sign_in(StaffFactory.create(is_superuser=False)).access)
    assert (caller.is_staff, caller.scopes, caller.may("catalog.write")) == (True, frozenset(), False)


def test_the_address_is_found_in_any_case(user, network):
    assert sessions.sign_in(email=user.email.upper(), password=PASSWORD, network=network).access


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(user, network, known, django_assert_num_queries):
    email = user.email if known else "nobody@example.com"
    with django_assert_num_queries(1), pytest.raises(InvalidCredentials) as refusal:
        sessions.sign_in(email=email, password="wrong", network=network)
    assert refusal.value.details == {}
    assert RefreshSession.objects.count() == 0


def test_a_known_and_an_unknown_address_cost_one_hashing_each(user, network, monkeypatch):
    hashed: list[str] = []

    class Counting(Argon2Hasher):
        def encode(self, password, salt):
            hashed.append("encode")
            return super().encode(password, salt)

        def verify(self, password, encoded):
            hashed.append("verify")
            return super().verify(password, encoded)

    monkeypatch.setattr(hashers, "get_hashers", lambda: [Counting()])
    monkeypatch.setattr(hashers, "get_hashers_by_algorithm", lambda: {"argon2": Counting()})
    for email in (user.email, "nobody@example.com"):
        with pytest.raises(InvalidCredentials):
            sessions.sign_in(email=email, password="wrong", network=network)
    assert hashed == ["verify", "encode"]


def test_signing_in_takes_two_statements_and_the_sessions_write(user, sign_in, django_assert_num_queries):
    sign_in(user)
    with django_assert_num_queries(5):  # savepoint and release only under this test's own transaction
        sign_in(user)


def test_refreshing_takes_two_statements(user, sign_in, django_assert_num_queries):
    pair = sign_in(user)
    with django_assert_num_queries(2):
        sessions.refresh(token=pair.refresh)


def test_refreshing_again_takes_one_statement_and_a_late_reuse_two(user, sign_in, clock, django_assert_num_queries):
    pair = sign_in(user)
    sessions.refresh(token=pair.refresh)
    with django_assert_num_queries(1):
        sessions.refresh(token=pair.refresh)
    clock.shift(11)
    with django_assert_num_queries(2), pytest.raises(TokenReused):
        sessions.refresh(token=pair.refresh)


def test_refreshing_rotates_the_token_and_goes_on_with_the_session(user, sign_in, clock):
    pair = sign_in(user)
    clock.shift(3600)
    after = sessions.refresh(token=pair.refresh)
    assert after.refresh != pair.refresh
    assert identity.verify(after.access).session_id == RefreshSession.objects.get().id
    assert RefreshSession.objects.get().expires_at == NOON + timedelta(hours=1, days=14)


def test_the_same_token_within_ten_seconds_gives_the_very_same_successor(user, sign_in, clock):
    pair = sign_in(user)
    clock.shift(60.25)
    first = sessions.refresh(token=pair.refresh)
    clock.shift(9.9)
    assert sessions.refresh(token=pair.refresh).refresh == first.refresh


def test_a_token_that_was_exchanged_twice_over_still_gives_its_own_successor(user, sign_in, clock):
    a = sign_in(user).refresh
    clock.shift(60)
    b = sessions.refresh(token=a).refresh
    clock.shift(3)
    c = sessions.refresh(token=b).refresh
    clock.shift(3)
    assert sessions.refresh(token=a).refresh == b
    assert sessions.refresh(token=b).refresh == c
    d = sessions.refresh(token=c).refresh
    assert len({a, b, c, d}) == 4
    clock.shift(5)
    with pytest.raises(TokenReused):
        sessions.refresh(token=a)


def test_a_session_remembers_no_token_longer_than_it_may_be_repeated(user, sign_in, clock):
    token = sign_in(user).refresh
    for _ in range(5):
        clock.shift(60)
        token = sessions.refresh(token=token).refresh
    assert len(RefreshSession.objects.get().replaced) == 1


def test_a_late_reuse_ends_the_session_for_every_member_of_the_family(user, sign_in, clock):
    pair, elsewhere = sign_in(user), sign_in(user)
    successor = sessions.refresh(token=pair.refresh)
    clock.shift(11)
    with pytest.raises(TokenReused):
        sessions.refresh(token=pair.refresh)
    for token in (successor.refresh, pair.refresh):
        with pytest.raises(TokenRevoked):
            sessions.refresh(token=token)
    assert sessions.refresh(token=elsewhere.refresh).access


def test_a_token_lives_fourteen_days(user, sign_in, clock):
    pair = sign_in(user)
    clock.shift(timedelta(days=14, seconds=-1))
    after = sessions.refresh(token=pair.refresh)
    clock.shift(timedelta(days=14, seconds=1))
    with pytest.raises(InvalidToken):
        sessions.refresh(token=after.refresh)


def test_an_access_token_lives_ten_minutes(user, sign_in, clock):
    pair = sign_in(user)
    clock.shift(599)
    assert identity.verify(pair.access).id == user.id
    clock.shift(2 + identity.LEEWAY_SECONDS)
    with pytest.raises(identity.BadToken):
        identity.verify(pair.access)


def test_signing_out_ends_the_session_and_may_be_repeated(user, sign_in):
    pair, elsewhere = sign_in(user), sign_in(user)
    after = sessions.refresh(token=pair.refresh)
    sessions.revoke(token=pair.refresh)
    sessions.revoke(token=after.refresh)
    for token in (pair.refresh, after.refresh):
        with pytest.raises(TokenRevoked):
            sessions.refresh(token=token)
    assert sessions.refresh(token=elsewhere.refresh).access


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "ä" * 9])
def test_what_is_no_token_of_ours_is_refused(db, token):
    for ask in (sessions.refresh, sessions.revoke):
        with pytest.raises(InvalidToken):
            ask(token=token)


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(user, sign_in):
    pair = sign_in(user)
    with pytest.raises(InvalidToken):
        sessions.refresh(token=pair.access)
    with pytest.raises(identity.BadToken):
        identity.verify(pair.refresh)


def test_sessions_are_forgotten_when_their_last_token_has_expired(user, sign_in, clock):
    sign_in(user)
    clock.shift(timedelta(days=1))
    kept = sign_in(user)
    clock.shift(timedelta(days=13, seconds=1))
    assert sessions.forget_expired() == 1
    assert sessions.refresh(token=kept.refresh).access


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_get_the_same_successor(sign_in):
    for _ in range(3):
        pair = sign_in(UserFactory.create())
        results = at_once(*[lambda token=pair.refresh: sessions.refresh(token=token).refresh] * 4)
        assert len(set(results)) == 1
        assert results[0] != pair.refresh


@pytest.mark.django_db(transaction=True)
def test_nobody_goes_on_who_refreshes_while_the_session_is_ended(sign_in):
    pair = sign_in(UserFactory.create())
    result, _ = at_once(
        lambda: sessions.refresh(token=pair.refresh).refresh, lambda: sessions.revoke(token=pair.refresh)
    )
    with pytest.raises(TokenRevoked):
        sessions.refresh(token=pair.refresh if isinstance(result, Exception) else result)
