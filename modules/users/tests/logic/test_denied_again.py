"""Somebody who is let in again while somebody else locks him, or revokes one of his keys, is refused."""

from collections.abc import Callable

import pytest

from ecommerce.kernel import denials
from modules.users.contracts import Scope
from modules.users.logic import accounts, api_keys
from modules.users.models import ApiKey, User
from modules.users.tests.factories import StaffFactory

Meanwhile = Callable[[Callable[[], None]], None]


@pytest.fixture
def meanwhile(monkeypatch) -> Meanwhile:
    """Let something happen after it was found out who is let in, and before the deny-list hears of it."""

    def happens(what: Callable[[], None]) -> None:
        allow = denials.allow

        def allow_after(subject) -> None:
            monkeypatch.setattr(denials, "allow", allow)
            what()
            allow(subject)

        monkeypatch.setattr(denials, "allow", allow_after)

    return happens


@pytest.fixture
def owner(db) -> User:
    return StaffFactory.create()


@pytest.fixture
def key(owner) -> ApiKey:
    return api_keys.make_key(actor_id=owner.id, name="Scanner", scopes=[Scope.CATALOG_WRITE]).row


def test_whoever_is_locked_meanwhile_stays_denied_and_so_do_his_keys(owner, key, meanwhile):
    accounts.lock(user_ids=[owner.id])
    meanwhile(lambda: accounts.lock(user_ids=[owner.id]) and None)
    accounts.unlock(user_ids=[owner.id])
    assert not User.objects.get().is_active
    assert (denials.is_denied(owner.id), denials.is_denied(key.id)) == (True, True)


def test_a_key_that_is_revoked_meanwhile_stays_denied(owner, key, meanwhile):
    accounts.lock(user_ids=[owner.id])
    User.objects.update(is_active=True)
    meanwhile(lambda: api_keys.revoke_key(actor_id=owner.id, key_id=key.id))
    api_keys.allow_keys_of([owner.id])
    assert denials.is_denied(key.id)
