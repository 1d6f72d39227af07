"""What only the account's owner may do: not staff who act as the customer, not a machine with an API key."""

import pytest

from modules.users.contracts import Scope
from modules.users.logic import accounts, api_keys, erasure, impersonation
from modules.users.models import ApiKey, Export, Identity, User
from modules.users.tests.factories import PASSWORD, StaffFactory
from modules.users.tests.rights import a_clerk

ME = "/api/v1/users/me/"
NOBODYS = "01a20846-fe00-7c76-9cbe-edfd8f4ab392"
CODE = {"provider": "home", "code": "x", "state": "x", "binding": "x"}
IN_PERSON = [
    ("delete", ME, {"password": PASSWORD}),
    (
        "post",
        "/api/v1/users/password/change/",
        {"current_password": PASSWORD, "new_password": "another battery staple"},
    ),
    ("post", f"{ME}exports/", {}),
    ("get", f"{ME}exports/{NOBODYS}/", None),
    ("get", f"{ME}second-factor/", None),
    ("post", f"{ME}second-factor/", {"password": PASSWORD}),
    ("post", f"{ME}second-factor/confirm/", {"code": "123456"}),
    ("delete", f"{ME}second-factor/", {"password": PASSWORD, "code": "123456"}),
    ("post", f"{ME}second-factor/recovery-codes/", {"password": PASSWORD, "code": "123456"}),
    ("get", f"{ME}identities/", None),
    ("post", f"{ME}identities/", CODE),
    ("delete", f"{ME}identities/{NOBODYS}/", None),
    ("delete", f"{ME}sessions/{NOBODYS}/", None),
]


@pytest.fixture
def acting(client, user):
    """A member of staff who acts as `user`."""
    clerk = a_clerk(Scope.USERS_IMPERSONATE)
    token = impersonation.impersonate(actor_id=clerk.id, user_id=user.id, reason="The cart is stuck")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.access}")
    return client


@pytest.fixture
def machine(client, db):
    """A caller with an API key's token."""
    made = api_keys.make_key(
        actor_id=StaffFactory.create().id, name="Sync", scopes=[Scope.CATALOG_READ], expires_at=None
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_keys.exchange(key=made.key).access}")
    return client


@pytest.mark.parametrize(("method", "url", "body"), IN_PERSON)
def test_staff_who_act_as_a_customer_are_refused_and_nothing_changes(acting, user, method, url, body):
    answer = getattr(acting, method)(url, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "in_person_only")
    kept = User.objects.get(id=user.id)
    assert (kept.password, kept.erased_at, kept.second_factor_at) == (user.password, None, None)
    assert (Export.objects.count(), Identity.objects.count()) == (0, 0)


@pytest.mark.parametrize(("method", "url", "body"), IN_PERSON)
def test_a_machine_is_refused(machine, method, url, body):
    answer = getattr(machine, method)(url, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "in_person_only")


@pytest.mark.parametrize(("method", "url", "body"), IN_PERSON)
def test_nobody_is_asked_to_sign_in(client, db, method, url, body):
    answer = getattr(client, method)(url, body)
    assert answer.status_code == 401


def test_staff_who_act_as_a_customer_see_what_he_sees(acting, user):
    assert acting.get(ME).json()["id"] == str(user.id)
    assert acting.get(f"{ME}addresses/").status_code == 200


def test_a_revoked_keys_access_tokens_die_with_it(machine):
    key = ApiKey.objects.get()
    catalog = "/api/v1/users/jwks/"
    assert machine.get(catalog).status_code == 200
    api_keys.revoke_key(actor_id=key.created_by_id, key_id=key.id)
    assert machine.get(catalog).json()["code"] == "invalid_token"


def test_the_tokens_of_a_locked_members_keys_are_refused_until_he_is_let_in_again(machine):
    owner = User.objects.get()
    accounts.lock(user_ids=[owner.id])
    assert machine.get("/api/v1/users/jwks/").json()["code"] == "invalid_token"
    accounts.unlock(user_ids=[owner.id])
    assert machine.get("/api/v1/users/jwks/").status_code == 200


def test_the_tokens_of_an_erased_members_keys_are_refused(machine, network):
    owner = User.objects.get()
    StaffFactory.create()
    erasure.erase(user_id=owner.id, password=PASSWORD, network=network)
    assert machine.get("/api/v1/users/jwks/").json()["code"] == "invalid_token"
