import pytest
from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import PreconditionFailed
from ecommerce.kernel.testing import at_once
from modules.users.contracts import Scope
from modules.users.logic import roles
from modules.users.logic.roles import RoleInUse, RoleNameTaken, RoleNotFound
from modules.users.logic.scopes import ScopeNotHeld
from modules.users.models import Role
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role, give

HEAD = (Scope.ROLES_WRITE, Scope.CATALOG_READ, Scope.CATALOG_WRITE)


def kept() -> list[tuple[str, list[str], int]]:
    return list(Role.objects.order_by("name").values_list("name", "scopes", "version"))


def test_a_role_of_scopes_that_one_holds_is_made(db):
    head = a_clerk(*HEAD)
    made = roles.make_role(
        actor_id=head.id, name="Shelves", scopes=["catalog.write", "catalog.read", "catalog.read"], description="Fills"
    )
    role = Role.objects.get(id=made.id)
    assert (role.name, role.scopes, role.description, role.version) == (
        "Shelves",
        ["catalog.read", "catalog.write"],
        "Fills",
        1,
    )


def test_a_role_of_scopes_that_one_lacks_is_refused_and_nothing_is_made(db):
    head = a_clerk(*HEAD)
    before = kept()
    with pytest.raises(ScopeNotHeld) as refusal:
        roles.make_role(actor_id=head.id, name="Till", scopes=["catalog.read", "orders.refund"])
    assert refusal.value.details == {"scopes": ["orders.refund"]}
    assert kept() == before


@pytest.mark.parametrize("make", [StaffFactory, UserFactory])
def test_who_has_no_right_to_roles_any_more_is_refused_whatever_his_token_says(db, make):
    nobody = make.create(is_superuser=False)
    role = a_role(Scope.CATALOG_READ)
    before = kept()
    for act in (
        lambda: roles.make_role(actor_id=nobody.id, name="Till", scopes=["catalog.read"]),
        lambda: roles.change_role(actor_id=nobody.id, role_id=role.id, name="Till"),
        lambda: roles.delete_role(actor_id=nobody.id, role_id=role.id),
    ):
        with pytest.raises(ScopeNotHeld) as refusal:
            act()
        assert refusal.value.details == {"scopes": ["catalog.read", "roles.write"]}
    assert kept() == before


def test_a_name_is_taken_once_in_any_case(db):
    owner = StaffFactory.create()
    first, other = a_role(Scope.CATALOG_READ, name="Shelves"), a_role(Scope.CATALOG_READ, name="Till")
    for act in (
        lambda: roles.make_role(actor_id=owner.id, name="SHELVES", scopes=["catalog.read"]),
        lambda: roles.change_role(actor_id=owner.id, role_id=other.id, name="shelves"),
    ):
        with pytest.raises(RoleNameTaken) as refusal, atomic(Role):
            act()
        assert refusal.value.details["errors"][0]["field"] == "name"
    assert kept() == [("Shelves", ["catalog.read"], 1), ("Till", ["catalog.read"], 1)]
    assert roles.change_role(actor_id=owner.id, role_id=first.id, name="SHELVES").name == "SHELVES"


def test_a_change_raises_the_version_and_no_change_does_not(db):
    owner, role = StaffFactory.create(), a_role(Scope.CATALOG_READ, name="Shelves")
    changed = roles.change_role(actor_id=owner.id, role_id=role.id, scopes=["orders.read", "catalog.read"])
    assert (changed.scopes, changed.version) == (["catalog.read", "orders.read"], 2)
    assert roles.change_role(actor_id=owner.id, role_id=role.id).version == 2
    assert kept() == [("Shelves", ["catalog.read", "orders.read"], 2)]


@pytest.mark.parametrize(
    ("scopes", "change"),
    [
        ([Scope.ORDERS_READ], {"name": "Mine"}),
        ([Scope.ORDERS_READ], {"scopes": ["catalog.read"]}),
        ([Scope.CATALOG_READ], {"scopes": ["catalog.read", "orders.read"]}),
    ],
)
def test_nobody_changes_a_role_that_reaches_or_would_reach_further_than_himself(db, scopes, change):
    head, role = a_clerk(*HEAD), a_role(*scopes)
    before = kept()
    with pytest.raises(ScopeNotHeld) as refusal:
        roles.change_role(actor_id=head.id, role_id=role.id, **change)
    assert refusal.value.details == {"scopes": ["orders.read"]}
    with pytest.raises(ScopeNotHeld):
        roles.change_role(actor_id=head.id, role_id=role.id, scopes=["orders.read"])
    assert kept() == before


def test_nobody_widens_his_own_role(db):
    head = a_clerk(*HEAD)
    own, before = Role.objects.get(), kept()
    with pytest.raises(ScopeNotHeld) as refusal:
        roles.change_role(actor_id=head.id, role_id=own.id, scopes=[*HEAD, "orders.refund"])
    assert refusal.value.details == {"scopes": ["orders.refund"]}
    assert kept() == before


def test_a_stale_version_is_refused_and_told_the_present_one(db):
    owner, role = StaffFactory.create(), a_role(Scope.CATALOG_READ)
    roles.change_role(actor_id=owner.id, role_id=role.id, description="New")
    for act in (
        lambda: roles.change_role(actor_id=owner.id, role_id=role.id, versions=frozenset({1}), name="Other"),
        lambda: roles.delete_role(actor_id=owner.id, role_id=role.id, versions=frozenset({1})),
    ):
        with pytest.raises(PreconditionFailed) as refusal:
            act()
        assert refusal.value.details == {"version": 2}
    assert Role.objects.get().version == 2


def test_a_role_that_somebody_has_is_not_deleted(db):
    owner, role = StaffFactory.create(), a_role(Scope.CATALOG_READ)
    give(UserFactory.create(), role)
    with pytest.raises(RoleInUse) as refusal:
        roles.delete_role(actor_id=owner.id, role_id=role.id)
    assert refusal.value.details == {"people": 1}
    assert Role.objects.filter(id=role.id).exists()


def test_a_role_that_nobody_has_is_deleted_unless_it_reaches_further(db):
    head, mine, wider = a_clerk(*HEAD), a_role(Scope.CATALOG_READ), a_role(Scope.ORDERS_READ)
    roles.delete_role(actor_id=head.id, role_id=mine.id)
    with pytest.raises(ScopeNotHeld):
        roles.delete_role(actor_id=head.id, role_id=wider.id)
    with pytest.raises(RoleNotFound):
        roles.delete_role(actor_id=head.id, role_id=mine.id)
    assert set(Role.objects.values_list("id", flat=True)) == {head.role_assignments.get().role_id, wider.id}


@pytest.mark.parametrize("changes", [{"scopes": []}, {"scopes": ["catalog.burn"]}, {"name": ""}, {"scopes": ["*"]}])
def test_the_database_refuses_what_is_no_role(db, changes):
    a_role(Scope.CATALOG_READ)
    with pytest.raises(IntegrityError), atomic(Role):
        Role.objects.update(**changes)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_a_role_at_once_from_the_same_version_one_is_refused():
    owner, role = StaffFactory.create(), a_role(Scope.CATALOG_READ)
    results = at_once(
        *[
            lambda name=name: roles.change_role(actor_id=owner.id, role_id=role.id, versions=frozenset({1}), name=name)
            for name in ("One", "Two")
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["PreconditionFailed", "Role"]
    assert Role.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_a_role_of_one_name_at_once_one_has_it():
    owner = StaffFactory.create()
    results = at_once(
        *[
            lambda name=name: roles.make_role(actor_id=owner.id, name=name, scopes=["catalog.read"])
            for name in ("Till", "TILL")
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["Role", "RoleNameTaken"]
    assert Role.objects.count() == 1
