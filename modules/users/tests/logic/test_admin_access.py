import pytest

from modules.users.contracts import Scope
from modules.users.logic.admin_access import scope_of
from modules.users.models import User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk


@pytest.mark.parametrize(
    ("perm", "scope"),
    [
        ("orders.view_order", "orders.read"),
        ("orders.change_taxrate", "orders.write"),
        ("catalog.add_product", "catalog.write"),
        ("catalog.delete_product", "catalog.write"),
        ("users.view_user", "users.read"),
        ("users.change_user", "users.write"),
        ("users.view_impersonation", "users.read"),
        ("users.view_role", "roles.write"),
        ("users.delete_role", "roles.write"),
        ("users.change_apikey", "roles.write"),
        ("kernel.view_step", "operations.read"),
        ("kernel.change_inboxevent", "operations.write"),
        ("backoffice.view_dashboard", "reports.read"),
        ("users.impersonate", "users.impersonate"),
    ],
)
def test_each_permission_of_the_admin_asks_for_one_scope(perm, scope):
    assert scope_of(perm) == {scope}


@pytest.mark.parametrize(
    "perm", ["admin.view_logentry", "auth.change_group", "orders.frob_order", "orders", "", "backoffice.add_dashboard"]
)
def test_what_no_scope_speaks_of_is_for_owners_alone(db, perm):
    assert scope_of(perm) == frozenset()
    assert not a_clerk(*Scope).has_perm(perm)
    assert StaffFactory.create().has_perm(perm)


def test_staff_may_what_their_scopes_say_with_one_statement(db, django_assert_num_queries):
    clerk = a_clerk(Scope.ORDERS_READ)
    with django_assert_num_queries(1):
        assert clerk.has_perm("orders.view_order")
        assert not clerk.has_perm("orders.change_order")
        assert not clerk.has_perm("catalog.view_product")
        assert (clerk.has_module_perms("orders"), clerk.has_module_perms("catalog")) == (True, False)
        assert clerk.get_all_permissions() == set()


@pytest.mark.parametrize(
    ("scope", "app"),
    [(Scope.ROLES_WRITE, "users"), (Scope.OPERATIONS_READ, "kernel"), (Scope.REPORTS_READ, "backoffice")],
)
def test_an_app_whose_scopes_have_other_names_is_shown_too(db, scope, app):
    clerk = a_clerk(scope)
    apps = ("users", "kernel", "backoffice", "orders")
    assert [name for name in apps if clerk.has_module_perms(name)] == [app]


def test_customers_and_locked_staff_may_nothing(db):
    locked = a_clerk(*Scope)
    User.objects.update(is_active=False)
    for person in (UserFactory.create(), User.objects.get(id=locked.id)):
        assert not person.has_perm("orders.view_order")
        assert not person.has_module_perms("orders")
