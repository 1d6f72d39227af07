import pytest

from ecommerce.kernel.ids import new_id
from modules.users.contracts import Scope
from modules.users.logic import api_keys, impersonation
from modules.users.models import Role, RoleAssignment, User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role, client_of, give

URL = "/api/v1/users/roles/"
HEAD = (Scope.ROLES_WRITE, Scope.CATALOG_READ, Scope.CATALOG_WRITE)
BODY = {"name": "Shelves", "scopes": ["catalog.write", "catalog.read"], "description": "Fills the shelves"}


@pytest.fixture
def head(db, client) -> User:
    return a_clerk(*HEAD)


@pytest.fixture
def office(head, network):
    return client_of(head, network)


def of(role: Role) -> str:
    return f"{URL}{role.id}/"


def test_making_a_role_answers_it_with_its_etag(office):
    answer = office.post(URL, BODY)
    role = Role.objects.get(name="Shelves")
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer.json() == {
        "id": str(role.id),
        "name": "Shelves",
        "scopes": ["catalog.read", "catalog.write"],
        "description": "Fills the shelves",
        "version": 1,
        "created_at": role.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert office.get(of(role)).json() == answer.json()
    assert office.get(of(role))["ETag"] == '"1"'


def test_roles_are_listed_a_page_at_a_time(office):
    role = a_role(Scope.CATALOG_READ, name="Shelves")
    first = office.get(URL + "?limit=1").json()
    assert (len(first["results"]), first["previous"]) == (1, None)
    second = office.get(first["next"]).json()
    assert [one["id"] for one in second["results"]] == [str(role.id)]
    assert office.get(URL + "?colour=red").json()["code"] == "unknown_field"


def test_a_role_is_changed_by_its_etag_and_a_stale_one_is_412(office):
    role = a_role(Scope.CATALOG_READ, name="Shelves")
    answer = office.patch(of(role), {"scopes": ["catalog.write"]}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["scopes"], answer["ETag"]) == (200, ["catalog.write"], '"2"')
    for act in (office.patch, office.delete):
        stale = act(of(role), {}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "precondition_failed", 2)
    assert Role.objects.get(id=role.id).version == 2


def test_a_role_is_deleted_unless_somebody_has_it(office, user):
    role = a_role(Scope.CATALOG_READ)
    give(user, role)
    refused = office.delete(of(role))
    assert (refused.status_code, refused.json()["code"], refused.json()["people"]) == (409, "role_in_use", 1)
    RoleAssignment.objects.filter(role=role).delete()
    assert office.delete(of(role)).status_code == 204
    assert office.delete(of(role)).json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"scopes": ["catalog.burn"]}, "scopes.0", "invalid_choice"),
        ({"scopes": ["*"]}, "scopes.0", "invalid_choice"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"scopes": "catalog.read"}, "scopes", "not_a_list"),
        ({"name": ""}, "name", "blank"),
        ({"name": "x" * 101}, "name", "max_length"),
        ({"version": 7}, "version", "unknown_field"),
    ],
)
def test_what_is_no_role_is_400_and_nothing_is_kept(office, changes, field, code):
    answer = office.post(URL, BODY | changes)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert Role.objects.count() == 1


def test_a_taken_name_is_named(office):
    a_role(Scope.CATALOG_READ, name="shelves")
    answer = office.post(URL, BODY)
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (
        400,
        "role_name_taken",
        "name",
    )


def test_what_one_lacks_is_403_and_named(office, user):
    wider = a_role(Scope.ORDERS_REFUND, Scope.CATALOG_READ)
    answers = [
        office.post(URL, BODY | {"scopes": ["orders.refund"]}),
        office.patch(of(wider), {"name": "Mine"}),
        office.delete(of(wider)),
        office.put(f"/api/v1/users/{user.id}/roles/", {"role_ids": [str(wider.id)]}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_not_held")
        assert answer.json()["scopes"] == ["orders.refund"]
    assert (Role.objects.count(), User.objects.get(id=user.id).is_staff) == (2, False)


def test_assigning_roles_answers_them_and_makes_staff(office, user, network):
    role = a_role(Scope.CATALOG_READ, name="Shelves")
    url = f"/api/v1/users/{user.id}/roles/"
    answer = office.put(url, {"role_ids": [str(role.id)]})
    assert answer.status_code == 200
    assert [one["name"] for one in answer.json()["results"]] == ["Shelves"]
    assert client_of(user, network).get("/api/v1/users/me/").json()["is_staff"] is True
    assert office.put(url, {"role_ids": []}).json() == {"results": []}
    assert User.objects.get(id=user.id).is_staff is False


def test_assigning_what_or_to_whom_is_not_there(office, user):
    url, role = f"/api/v1/users/{user.id}/roles/", a_role(Scope.CATALOG_READ)
    unknown = office.put(url, {"role_ids": [str(new_id())]})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_role")
    assert office.put(url, {"role_ids": ["x"]}).json()["errors"][0]["field"] == "role_ids.0"
    nobody = office.put(f"/api/v1/users/{new_id()}/roles/", {"role_ids": [str(role.id)]})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")
    owner = office.put(f"/api/v1/users/{StaffFactory.create().id}/roles/", {"role_ids": []})
    assert (owner.status_code, owner.json()["code"]) == (403, "owners_only")


def calls(client, role: Role, user: User):
    person = f"/api/v1/users/{user.id}/roles/"
    return [
        client.get(URL),
        client.post(URL, BODY),
        client.get(of(role)),
        client.patch(of(role), {"name": "Mine"}),
        client.delete(of(role)),
        client.put(person, {"role_ids": [str(role.id)]}),
    ]


def test_nobody_else_reads_or_writes_roles(client, network, user):
    role = a_role(Scope.CATALOG_READ)
    assert {answer.status_code for answer in calls(client, role, user)} == {401}
    for caller in (user, a_clerk(Scope.USERS_WRITE, Scope.CATALOG_READ)):
        refusals = calls(client_of(caller, network), role, user)
        assert {(answer.status_code, answer.json()["code"]) for answer in refusals} == {(403, "forbidden")}
    assert Role.objects.get(id=role.id).version == 1
    assert not User.objects.get(id=user.id).is_staff


def test_neither_a_machine_nor_somebody_who_acts_as_another_hands_out_rights(client, head):
    role, made = a_role(Scope.CATALOG_READ), api_keys.make_key(actor_id=head.id, name="Bot", scopes=["roles.write"])
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_keys.exchange(key=made.key).access}")
    refusals = calls(client, role, UserFactory.create())
    assert {(answer.status_code, answer.json()["code"]) for answer in refusals} == {(403, "in_person_only")}
    customer, owner = UserFactory.create(), StaffFactory.create()
    token = impersonation.impersonate(actor_id=owner.id, user_id=customer.id, reason="Look")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.access}")
    assert {answer.status_code for answer in calls(client, role, customer)} == {403}
    assert Role.objects.get(id=role.id).version == 1
