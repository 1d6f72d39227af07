"""Roles, API keys and impersonation in the admin, and what each member of staff sees there."""

import jwt
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from ecommerce.kernel.testing import local
from modules.users.contracts import Scope
from modules.users.logic import api_keys
from modules.users.models import ApiKey, Impersonation, RefreshSession, Role, RoleAssignment, User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role

USERS, ROLES, KEYS, RECORDS = (f"/admin/users/{name}/" for name in ("user", "role", "apikey", "impersonation"))


def office_of(person: User, network: str) -> Client:
    browser = Client(REMOTE_ADDR=network)
    browser.force_login(person)
    return browser


@pytest.fixture
def owner(db) -> User:
    return StaffFactory.create()


@pytest.fixture
def office(owner, network) -> Client:
    return office_of(owner, network)


def statuses(browser: Client, *pages: str) -> list[int]:
    return [browser.get(page).status_code for page in pages]


def test_each_member_of_staff_sees_what_the_scopes_say(db, network):
    expected = {
        Scope.USERS_READ: [200, 403, 403, 200],
        Scope.USERS_WRITE: [200, 403, 403, 200],
        Scope.ROLES_WRITE: [403, 200, 200, 403],
        Scope.ORDERS_READ: [403, 403, 403, 403],
    }
    for scope, seen in expected.items():
        browser = office_of(a_clerk(scope), network)
        assert browser.get("/admin/").status_code == 200
        assert statuses(browser, USERS, ROLES, KEYS, RECORDS) == seen, scope


def test_djangos_groups_are_not_in_the_admin(office):
    assert not admin.site.is_registered(Group)
    assert office.get("/admin/auth/group/").status_code == 404


def test_a_role_is_made_changed_and_deleted(office):
    page = office.get(f"{ROLES}add/").content.decode()
    assert all(f'value="{scope}"' in page for scope in Scope)
    body = {"name": "Shelves", "description": "", "scopes": ["catalog.write", "catalog.read"], "version": "1"}
    assert office.post(f"{ROLES}add/", body).status_code == 302
    role = Role.objects.get()
    assert (role.name, role.scopes, role.version) == ("Shelves", ["catalog.read", "catalog.write"], 1)
    assert office.post(f"{ROLES}{role.id}/change/", body | {"scopes": ["catalog.read"]}).status_code == 302
    role.refresh_from_db()
    assert (role.scopes, role.version) == (["catalog.read"], 2)
    assert office.post(f"{ROLES}{role.id}/delete/", {"post": "yes"}).status_code == 302
    assert Role.objects.count() == 0


def test_a_role_that_was_changed_meanwhile_is_not_overwritten(office):
    role = a_role(Scope.CATALOG_READ)
    body = {"name": "Mine", "description": "", "scopes": ["catalog.read"], "version": "7"}
    page = office.post(f"{ROLES}{role.id}/change/", body, follow=True).content.decode()
    assert "It was changed since you read it" in page
    assert Role.objects.get().name == role.name


def test_nobody_makes_or_changes_a_role_beyond_himself(db, network):
    browser, wider = office_of(a_clerk(Scope.ROLES_WRITE), network), a_role(Scope.ORDERS_REFUND)
    body = {"name": "Till", "description": "", "scopes": ["orders.refund"], "version": "1"}
    for page in (f"{ROLES}add/", f"{ROLES}{wider.id}/change/"):
        assert "rights that he does not have himself" in browser.post(page, body, follow=True).content.decode()
    browser.post(f"{ROLES}{wider.id}/delete/", {"post": "yes"})
    assert browser.post(ROLES, {"action": "delete_selected", "_selected_action": [str(wider.id)]}).status_code != 500
    assert not Role.objects.filter(name="Till").exists()
    assert Role.objects.get(id=wider.id).version == 1


def test_a_role_in_use_is_not_deleted(office, user):
    role = a_role(Scope.CATALOG_READ)
    RoleAssignment.objects.create(user=user, role=role, granted_by_id=user.id)
    office.post(f"{ROLES}{role.id}/delete/", {"post": "yes"})
    assert Role.objects.get() == role


def test_roles_are_shown_and_assigned_on_the_account(office, owner, user):
    role, other = a_role(Scope.CATALOG_READ, name="Shelves"), a_role(Scope.ORDERS_READ, name="Till")
    change, assign = f"{USERS}{user.id}/change/", f"{USERS}{user.id}/assign_roles/"
    assert assign in office.get(change).content.decode()
    assert "Till" in office.get(assign).content.decode()
    answer = office.post(assign, {"roles": [str(role.id), str(other.id)]}, follow=True)
    assert "Shelves, Till" in answer.content.decode()
    assert User.objects.get(id=user.id).is_staff
    assert set(RoleAssignment.objects.values_list("granted_by_id", flat=True)) == {owner.id}
    office.post(assign, {})
    assert not User.objects.get(id=user.id).is_staff
    assert "Select a valid choice" in office.post(assign, {"roles": [str(user.id)]}).content.decode()


def test_roles_beyond_ones_own_are_not_assigned(db, network, user):
    browser = office_of(a_clerk(Scope.ROLES_WRITE, Scope.USERS_READ), network)
    role, assign = a_role(Scope.CATALOG_READ), f"{USERS}{user.id}/assign_roles/"
    page = browser.post(assign, {"roles": [str(role.id)]}, follow=True).content.decode()
    assert "rights that he does not have himself" in page
    assert not User.objects.get(id=user.id).is_staff
    reader = office_of(a_clerk(Scope.USERS_READ), network)
    assert reader.post(assign, {"roles": [str(role.id)]}).status_code == 403
    assert assign not in reader.get(f"{USERS}{user.id}/change/").content.decode()


def test_keys_are_listed_and_revoked_and_never_shown(office, owner):
    made = api_keys.make_key(actor_id=owner.id, name="Scanner", scopes=["catalog.write"])
    pages = [office.get(page).content.decode() for page in (KEYS, f"{KEYS}{made.row.id}/change/")]
    for page in pages:
        assert made.row.prefix in page
        assert "secret_hash" not in page
        assert made.key not in page
    assert statuses(office, f"{KEYS}add/") == [403]
    office.post(KEYS, {"action": "revoke", "_selected_action": [str(made.row.id)]})
    assert ApiKey.objects.get().revoked_at is not None


def test_a_key_beyond_ones_own_rights_is_not_revoked(owner, network):
    made = api_keys.make_key(actor_id=owner.id, name="Scanner", scopes=["catalog.write"])
    browser = office_of(a_clerk(Scope.ROLES_WRITE), network)
    page = browser.post(KEYS, {"action": "revoke", "_selected_action": [str(made.row.id)]}, follow=True)
    assert "rights that he does not have himself" in page.content.decode()
    assert ApiKey.objects.get().revoked_at is None


def test_acting_as_a_customer_shows_the_token_once_and_is_on_record(office, owner, user):
    act = f"{USERS}{user.id}/impersonate/"
    assert 'name="reason"' in office.get(act).content.decode()
    assert "This field is required" in office.post(act, {"reason": ""}).content.decode()
    page = office.post(act, {"reason": "Her cart is stuck"})
    token = page.content.decode().split('whitespace-pre-wrap dark:border-base-800">')[1].split("</pre>")[0]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["act"]) == (str(user.id), {"sub": str(owner.id)})
    assert "no-store" in page["Cache-Control"]
    assert "Her cart is stuck" in office.get(RECORDS).content.decode()
    record = Impersonation.objects.get()
    found = [office.get(RECORDS, {"q": term}).content.decode() for term in (user.id, owner.id, record.id, "Ada")]
    assert ["Her cart is stuck" in page for page in found] == [True, True, False, False]
    assert office.post(f"{RECORDS}{record.id}/change/", {"reason": "x"}).status_code == 403
    assert office.post(f"{RECORDS}{record.id}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_acts_as_staff_in_the_admin_either(office, network, user):
    clerk = a_clerk(Scope.USERS_READ)
    page = office.post(f"{USERS}{clerk.id}/impersonate/", {"reason": "Look"}, follow=True)
    assert "Nobody acts as a member of staff" in page.content.decode()
    assert office_of(clerk, network).post(f"{USERS}{user.id}/impersonate/", {"reason": "Look"}).status_code == 403
    assert Impersonation.objects.count() == 0


@pytest.mark.parametrize("page", ["assign_roles", "impersonate"])
def test_there_is_nothing_to_do_for_somebody_who_is_not_there(office, page):
    assert statuses(office, f"{USERS}0/{page}/", f"{USERS}{UserFactory.build().id}/{page}/") == [404, 404]


def test_sessions_are_ended_but_an_owners_only_by_another(office, network, user, owner, sign_in):
    for person in (user, owner):
        sign_in(person)
    clerk = office_of(a_clerk(Scope.USERS_WRITE), network)
    clerk.post(USERS, {"action": "end_sessions", "_selected_action": [str(user.id), str(owner.id)]})
    assert list(RefreshSession.objects.filter(revoked_at=None).values_list("user_id", flat=True)) == [owner.id]


def test_who_may_lock_accounts_needs_no_more_than_the_scope(db, network, user):
    clerk = office_of(a_clerk(Scope.USERS_WRITE), network)
    clerk.post(USERS, {"action": "lock", "_selected_action": [str(user.id)]})
    assert not User.objects.get(id=user.id).is_active
    page = clerk.get(f"{USERS}{user.id}/change/").content.decode()
    assert ("argon2" in page, 'name="email"' in page) == (False, False)


def test_an_account_leads_to_its_orders_where_the_admin_has_them(office, user):
    page = office.get(f"{USERS}{user.id}/change/").content.decode()
    orders = f"/admin/orders/order/?customer_id={user.id}"
    assert (f'<a href="{orders}">Orders</a>' in page) is local("orders")
    assert office.get(orders).status_code == (200 if local("orders") else 404)
