"""The address of an erased account: kept for its last mail, and no longer."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import far_end
from modules.users import remote, service
from modules.users.contracts import Farewell, FarewellOver
from modules.users.logic import erasure
from modules.users.models import Farewell as FarewellRow
from modules.users.tests.factories import PASSWORD, UserFactory


@pytest.fixture(params=["near", "far"])
def either_end(request, db) -> Iterator[None]:
    with far_end(service, remote) if request.param == "far" else nullcontext():
        yield


@pytest.fixture
def erased(network):
    user = UserFactory.create(email="ada@example.com", language="de")
    erasure.erase(user_id=user.id, password=PASSWORD, network=network)
    return user.id


def test_the_owner_is_told_where_he_was_until_he_has_been(either_end, erased):
    for _ in range(2):
        assert service.get_farewell(user_id=erased) == Farewell(email="ada@example.com", language="de")
    for _ in range(2):
        service.forget_farewell(user_id=erased)
    with pytest.raises(FarewellOver):
        service.get_farewell(user_id=erased)
    assert not FarewellRow.objects.exists()


def test_who_has_an_account_is_told_no_farewell(either_end):
    for user_id in (UserFactory.create().id, new_id()):
        with pytest.raises(FarewellOver):
            service.get_farewell(user_id=user_id)
        service.forget_farewell(user_id=user_id)


def test_closing_the_erasure_forgets_the_address_told_or_not(db, clock, erased):
    assert erasure.close_erased() == 0
    assert FarewellRow.objects.filter(user_id=erased).exists()
    clock.shift(timedelta(minutes=21))
    assert erasure.close_erased() == 1
    assert not FarewellRow.objects.exists()


def test_the_address_is_free_for_a_new_account_at_once(db, erased):
    assert UserFactory.create(email="ada@example.com").id != erased
