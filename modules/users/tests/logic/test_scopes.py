import pytest

from ecommerce.kernel import identity
from modules.users.contracts import Scope
from modules.users.logic import sessions
from modules.users.logic.scopes import EVERYTHING, ScopeNotHeld, check_held, held_by
from modules.users.models import RoleAssignment, User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role, give


def test_staff_may_do_what_all_their_roles_say_together(db):
    clerk = a_clerk(Scope.CATALOG_READ, Scope.CATALOG_WRITE)
    give(clerk, a_role(Scope.CATALOG_READ, Scope.ORDERS_READ))
    assert held_by(clerk) == {"catalog.read", "catalog.write", "orders.read"}


def test_who_owns_the_shop_may_do_everything_without_a_role(db, django_assert_num_queries):
    owner = StaffFactory.create()
    with django_assert_num_queries(0):
        assert held_by(owner) == EVERYTHING


def test_customers_locked_staff_and_nobody_may_do_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert held_by(UserFactory.create()) == frozenset()
        assert held_by(StaffFactory.create(is_active=False)) == frozenset()
        assert held_by(None) == frozenset()


def test_a_role_of_somebody_who_is_no_staff_says_nothing(db):
    clerk = a_clerk(Scope.CATALOG_READ)
    User.objects.update(is_staff=False)
    assert held_by(User.objects.get(id=clerk.id)) == frozenset()


def test_what_is_lacking_is_named(db):
    check_held(EVERYTHING, [Scope.ORDERS_READ])
    check_held(frozenset({"orders.read"}), [Scope.ORDERS_READ])
    with pytest.raises(ScopeNotHeld) as refusal:
        check_held(frozenset({"orders.read"}), [Scope.USERS_READ, Scope.ORDERS_READ, Scope.CATALOG_READ])
    assert refusal.value.details == {"scopes": ["catalog.read", "users.read"]}


def test_the_access_token_says_what_its_owner_may_do(db, sign_in):
    clerk = a_clerk(Scope.ORDERS_WRITE, Scope.ORDERS_READ)
    caller = identity.verify(sign_in(clerk).access)
    assert (caller.is_staff, caller.scopes) == (True, frozenset({"orders.read", "orders.write"}))
    assert (caller.actor_id, caller.is_api_key) == (None, False)


def test_a_change_of_roles_shows_at_the_next_refresh(db, sign_in):
    clerk = a_clerk(Scope.ORDERS_READ)
    pair = sign_in(clerk)
    RoleAssignment.objects.all().delete()
    assert identity.verify(pair.access).may(Scope.ORDERS_READ)
    after = sessions.refresh(token=pair.refresh)
    assert not identity.verify(after.access).may(Scope.ORDERS_READ)


def test_signing_in_with_roles_takes_three_statements_and_the_sessions_write(db, sign_in, django_assert_num_queries):
    clerk = a_clerk(Scope.ORDERS_READ)
    give(clerk, a_role(Scope.ORDERS_WRITE))
    sign_in(clerk)
    with django_assert_num_queries(6):  # savepoint and release only under this test's own transaction
        sign_in(clerk)


def test_refreshing_with_roles_takes_three_statements(db, sign_in, django_assert_num_queries):
    pair = sign_in(a_clerk(Scope.ORDERS_READ))
    with django_assert_num_queries(3):
        sessions.refresh(token=pair.refresh)
