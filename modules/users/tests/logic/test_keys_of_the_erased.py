"""What machines may still do with the keys of somebody who erases his account, or tries to."""

import pytest

from ecommerce.kernel import denials
from modules.users.contracts import Scope
from modules.users.logic import api_keys, erasure
from modules.users.logic.erasure import LastSuperuser
from modules.users.models import ApiKey, User
from modules.users.tests.factories import PASSWORD, StaffFactory
from modules.users.tests.racing import held_up


@pytest.fixture
def owner(db) -> User:
    return StaffFactory.create()


def make_key(owner: User) -> ApiKey:
    return api_keys.make_key(actor_id=owner.id, name="Scanner", scopes=[Scope.CATALOG_WRITE]).row


def erase(owner: User, network: str) -> None:
    erasure.erase(user_id=owner.id, password=PASSWORD, network=network)


def test_an_erasure_that_is_refused_stops_no_machine(owner, network):
    key = make_key(owner)
    with pytest.raises(LastSuperuser):
        erase(owner, network)
    assert not denials.is_denied(key.id)


def test_an_erasure_ends_the_tokens_of_the_keys(owner, network):
    StaffFactory.create()
    key = make_key(owner)
    erase(owner, network)
    assert not ApiKey.objects.exists()
    assert denials.is_denied(key.id)


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_made_meanwhile_ends_too(network):
    StaffFactory.create()
    owner = StaffFactory.create()
    erased, key = held_up(lambda: erase(owner, network), lambda: make_key(owner))
    assert erased is None
    assert not ApiKey.objects.exists()
    assert denials.is_denied(key.id)
