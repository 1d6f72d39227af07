from functools import partial

import jwt
import pytest

from ecommerce.kernel import identity
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.contracts import Scope
from modules.users.logic import accounts, impersonation
from modules.users.logic.impersonation import ImpersonationRefused
from modules.users.logic.people import UserNotFound
from modules.users.logic.scopes import ScopeNotHeld
from modules.users.models import Impersonation, RefreshSession
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk


def test_acting_as_a_customer_is_on_record_and_the_token_names_both(user, clock):
    clerk = a_clerk(Scope.USERS_IMPERSONATE)
    token = impersonation.impersonate(actor_id=clerk.id, user_id=user.id, reason="Her cart is stuck")
    record = Impersonation.objects.get()
    assert (record.actor_id, record.user_id, record.reason, record.at) == (
        clerk.id,
        user.id,
        "Her cart is stuck",
        NOON,
    )
    caller = identity.verify(token.access)
    assert (caller.id, caller.actor_id) == (user.id, clerk.id)
    assert (caller.is_staff, caller.scopes, caller.session_id, caller.is_api_key) == (False, frozenset(), None, False)
    claims = jwt.decode(token.access, options={"verify_signature": False})
    assert (claims["act"], claims["exp"] - claims["iat"], token.expires_in) == ({"sub": str(clerk.id)}, 600, 600)
    assert RefreshSession.objects.count() == 0


def test_nobody_acts_as_staff_owners_or_locked_accounts(user):
    owner = StaffFactory.create()
    accounts.lock(user_ids=[user.id])
    for person in (user, a_clerk(Scope.ORDERS_READ), StaffFactory.create(), StaffFactory.create(is_staff=False), owner):
        with pytest.raises(ImpersonationRefused):
            impersonation.impersonate(actor_id=owner.id, user_id=person.id, reason="Why not")
    with pytest.raises(UserNotFound):
        impersonation.impersonate(actor_id=owner.id, user_id=new_id(), reason="Why not")
    assert Impersonation.objects.count() == 0


def test_who_may_not_act_as_others_now_is_refused_whatever_his_token_says(user):
    for actor_id in (a_clerk(Scope.USERS_WRITE).id, user.id, new_id()):
        with pytest.raises(ScopeNotHeld) as refusal:
            impersonation.impersonate(actor_id=actor_id, user_id=user.id, reason="Why not")
        assert refusal.value.details == {"scopes": ["users.impersonate"]}
    assert Impersonation.objects.count() == 0


def test_of_an_erased_customer_the_record_stays_and_what_was_written_goes(user):
    owner, other = StaffFactory.create(), UserFactory.create()
    for person in (user, other):
        impersonation.impersonate(actor_id=owner.id, user_id=person.id, reason="Ada called")
    impersonation.forget_reasons(user_id=user.id)
    assert dict(Impersonation.objects.values_list("user_id", "reason")) == {user.id: "", other.id: "Ada called"}


@pytest.mark.django_db(transaction=True)
def test_no_token_is_signed_later_than_its_customer_is_locked():
    owner = StaffFactory.create()
    for _ in range(3):
        user = UserFactory.create()
        result, _ = at_once(
            partial(impersonation.impersonate, actor_id=owner.id, user_id=user.id, reason="Look"),
            partial(accounts.lock, user_ids=[user.id]),
        )
        on_record = Impersonation.objects.filter(user_id=user.id).count()
        assert on_record == (0 if isinstance(result, ImpersonationRefused) else 1)
