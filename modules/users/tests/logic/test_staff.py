from functools import partial

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.contracts import Scope
from modules.users.logic import accounts, roles, staff
from modules.users.logic.people import UserNotFound
from modules.users.logic.scopes import ScopeNotHeld
from modules.users.logic.staff import AccountLocked, OwnersOnly, UnknownRole
from modules.users.models import Role, RoleAssignment, User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role, give

HEAD = (Scope.ROLES_WRITE, Scope.CATALOG_READ)


def roles_of(user: User) -> set[Role]:
    return {one.role for one in RoleAssignment.objects.filter(user=user).select_related("role")}


def is_staff(user: User) -> bool:
    return User.objects.get(id=user.id).is_staff


def test_somebody_with_a_role_is_staff_and_without_any_no_more(user):
    head, role = a_clerk(*HEAD), a_role(Scope.CATALOG_READ)
    assert staff.assign_roles(actor_id=head.id, user_id=user.id, role_ids=[role.id, role.id]) == [role]
    given = RoleAssignment.objects.get(user=user)
    assert (given.role, given.granted_by_id, is_staff(user)) == (role, head.id, True)
    assert staff.assign_roles(actor_id=head.id, user_id=user.id, role_ids=[]) == []
    assert (roles_of(user), is_staff(user)) == (set(), False)


def test_assigning_again_keeps_who_gave_it_first(user):
    head, owner, role, other = a_clerk(*HEAD), StaffFactory.create(), a_role(Scope.CATALOG_READ), a_role(*HEAD)
    staff.assign_roles(actor_id=head.id, user_id=user.id, role_ids=[role.id])
    before = RoleAssignment.objects.get(user=user)
    staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[role.id, other.id])
    assert RoleAssignment.objects.get(user=user, role=role).granted_at == before.granted_at
    assert {one.granted_by_id for one in RoleAssignment.objects.filter(user=user)} == {head.id, owner.id}


def test_who_owns_the_shop_stays_staff_without_a_role(db):
    owner, other = StaffFactory.create(), StaffFactory.create()
    staff.assign_roles(actor_id=owner.id, user_id=other.id, role_ids=[])
    assert is_staff(other)


def test_nobody_gives_what_he_lacks_not_even_to_himself(user):
    head, wider = a_clerk(*HEAD), a_role(Scope.CATALOG_READ, Scope.ORDERS_REFUND)
    own = roles_of(head)
    for person in (user, head):
        with pytest.raises(ScopeNotHeld) as refusal:
            staff.assign_roles(
                actor_id=head.id, user_id=person.id, role_ids=[wider.id, *(role.id for role in roles_of(person))]
            )
        assert refusal.value.details == {"scopes": ["orders.refund"]}
    assert (roles_of(user), is_staff(user), roles_of(head)) == (set(), False, own)


def test_nobody_takes_what_he_lacks_and_what_stays_is_not_asked_about(db):
    head, other, role = a_clerk(*HEAD), a_clerk(Scope.ORDERS_REFUND), a_role(Scope.CATALOG_READ)
    wider = roles_of(other)
    with pytest.raises(ScopeNotHeld):
        staff.assign_roles(actor_id=head.id, user_id=other.id, role_ids=[role.id])
    assert roles_of(other) == wider
    staff.assign_roles(actor_id=head.id, user_id=other.id, role_ids=[role.id, *(one.id for one in wider)])
    assert roles_of(other) == {role, *wider}


def test_who_may_not_hand_out_roles_any_more_is_refused(user):
    clerk, role = a_clerk(Scope.CATALOG_READ), a_role(Scope.CATALOG_READ)
    for actor_id in (clerk.id, new_id()):
        with pytest.raises(ScopeNotHeld):
            staff.assign_roles(actor_id=actor_id, user_id=user.id, role_ids=[role.id])
    assert roles_of(user) == set()


def test_only_owners_touch_owners(db):
    head, owner, role = a_clerk(*HEAD), StaffFactory.create(), a_role(Scope.CATALOG_READ)
    with pytest.raises(OwnersOnly):
        staff.assign_roles(actor_id=head.id, user_id=owner.id, role_ids=[role.id])
    assert roles_of(owner) == set()
    staff.assign_roles(actor_id=owner.id, user_id=owner.id, role_ids=[role.id])
    assert roles_of(owner) == {role}


def test_roles_and_people_that_are_not_there_are_named_and_nothing_changes(user):
    owner, role = StaffFactory.create(), a_role(Scope.CATALOG_READ)
    with pytest.raises(UnknownRole) as refusal:
        staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[role.id, new_id()])
    assert [(error["field"], error["code"]) for error in refusal.value.details["errors"]] == [
        ("role_ids.1", "unknown_role")
    ]
    with pytest.raises(UserNotFound):
        staff.assign_roles(actor_id=owner.id, user_id=new_id(), role_ids=[role.id])
    assert RoleAssignment.objects.count() == 0


def test_a_locked_account_loses_roles_but_gets_none(db):
    owner, clerk, role = StaffFactory.create(), a_clerk(Scope.ORDERS_READ), a_role(Scope.CATALOG_READ)
    accounts.lock(user_ids=[clerk.id])
    with pytest.raises(AccountLocked):
        staff.assign_roles(actor_id=owner.id, user_id=clerk.id, role_ids=[role.id])
    assert len(roles_of(clerk)) == 1
    staff.assign_roles(actor_id=owner.id, user_id=clerk.id, role_ids=[])
    assert (roles_of(clerk), is_staff(clerk)) == (set(), False)


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_at_once_one_is_the_last_and_nothing_is_mixed():
    owner, user = StaffFactory.create(), UserFactory.create()
    for _ in range(3):
        one, two = a_role(Scope.CATALOG_READ), a_role(Scope.ORDERS_READ)
        results = at_once(
            *[
                lambda role=role: staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[role.id])
                for role in (one, two)
            ]
        )
        assert results == [[one], [two]]
        assert (len(roles_of(user)), roles_of(user) < {one, two}, is_staff(user)) == (1, True, True)


@pytest.mark.django_db(transaction=True)
def test_giving_and_taking_at_once_never_leaves_staff_without_a_role():
    owner, user, role = StaffFactory.create(), UserFactory.create(), a_role(Scope.CATALOG_READ)
    for _ in range(3):
        at_once(
            lambda: staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[role.id]),
            lambda: staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[]),
        )
        assert is_staff(user) == bool(roles_of(user))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_dismiss_each_other_at_once_one_stays():
    one, two = a_clerk(Scope.ROLES_WRITE), a_clerk(Scope.ROLES_WRITE)
    results = at_once(
        lambda: staff.assign_roles(actor_id=one.id, user_id=two.id, role_ids=[]),
        lambda: staff.assign_roles(actor_id=two.id, user_id=one.id, role_ids=[]),
    )
    assert sorted(type(result).__name__ for result in results) == ["ScopeNotHeld", "list"]
    assert sorted([is_staff(one), is_staff(two)]) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_role_is_not_deleted_while_it_is_given():
    owner, other, user = StaffFactory.create(), StaffFactory.create(), UserFactory.create()
    for _ in range(3):
        role = a_role(Scope.CATALOG_READ)
        given, deleted = at_once(
            partial(staff.assign_roles, actor_id=owner.id, user_id=user.id, role_ids=[role.id]),
            partial(roles.delete_role, actor_id=other.id, role_id=role.id),
        )
        outcome = (type(given).__name__, type(deleted).__name__)
        assert outcome in [("list", "RoleInUse"), ("UnknownRole", "NoneType")]
        staff.assign_roles(actor_id=owner.id, user_id=user.id, role_ids=[])


def test_a_member_of_staff_without_a_role_would_break_an_invariant(db):
    from modules.users.tests.logic.test_invariants import broken

    give(UserFactory.create(), a_role(Scope.CATALOG_READ))
    assert broken() == []
    RoleAssignment.objects.all().delete()
    assert broken() == ["who has a role or owns the shop is staff, and nobody else"]
