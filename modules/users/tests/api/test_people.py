import pytest
from rest_framework.test import APIRequestFactory

from ecommerce.kernel import identity
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.users.api.permissions import IsThemselves
from modules.users.api.views.people import People
from modules.users.contracts import Scope
from modules.users.logic import accounts
from modules.users.models import Impersonation, User
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.rights import a_clerk, a_role, client_of, give

URL = "/api/v1/users/"


@pytest.fixture
def clerk(db, client) -> User:
    return a_clerk(Scope.USERS_READ, Scope.USERS_IMPERSONATE)


@pytest.fixture
def office(clerk, network):
    return client_of(clerk, network)


def test_one_account_is_shown_with_its_roles_and_without_its_password(office, user, django_assert_num_queries):
    role = a_role(Scope.CATALOG_READ, name="Shelves")
    give(user, role)
    with django_assert_num_queries(2):
        answer = office.get(f"{URL}{user.id}/")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(user.id),
        "email": user.email,
        "email_verified": False,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "",
        "accepts_marketing": False,
        "is_staff": True,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
        "is_superuser": False,
        "is_active": True,
        "roles": [{"id": str(role.id), "name": "Shelves"}],
    }
    assert office.get(f"{URL}{new_id()}/").json()["code"] == "not_found"


def test_accounts_are_listed_newest_first_a_page_at_a_time(clock, office, clerk, django_assert_num_queries):
    people = []
    for _ in range(3):
        clock.shift(1)
        people.append(UserFactory.create())
    with django_assert_num_queries(2):
        first = office.get(f"{URL}?limit=2").json()
    assert [one["email"] for one in first["results"]] == [people[2].email, people[1].email]
    second = office.get(first["next"]).json()
    assert [one["email"] for one in second["results"]] == [people[0].email, clerk.email]
    assert second["next"] is None


def test_accounts_are_found_by_the_beginning_of_their_address_in_any_case(office):
    UserFactory.create(email="Grace.Hopper@example.com")
    UserFactory.create(email="grace%@example.com")
    found = office.get(f"{URL}?email=GRACE.").json()["results"]
    assert [one["email"] for one in found] == ["Grace.Hopper@example.com"]
    assert office.get(f"{URL}?email=grace_hopper").json()["results"] == []
    assert office.get(f"{URL}?name=Grace").json()["code"] == "unknown_field"


def test_acting_as_a_customer_answers_a_token_that_opens_what_is_theirs(office, client, clerk, user):
    answer = office.post(f"{URL}{user.id}/impersonate/", {"reason": "Her cart is stuck"})
    assert answer.status_code == 200
    assert (set(answer.json()), answer.json()["expires_in"]) == ({"access", "expires_in"}, 600)
    assert identity.verify(answer.json()["access"]).actor_id == clerk.id
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("/api/v1/users/me/").json()["id"] == str(user.id)
    assert client.get(URL).status_code == 403
    assert client.post(f"{URL}{UserFactory.create().id}/impersonate/", {"reason": "More"}).status_code == 403
    assert Impersonation.objects.get().reason == "Her cart is stuck"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 501}, {"reason": 1}])
def test_nobody_acts_as_another_without_a_reason(office, user, body):
    answer = office.post(f"{URL}{user.id}/impersonate/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason")
    assert Impersonation.objects.count() == 0


def test_nobody_acts_as_staff_or_a_locked_account(office, user):
    accounts.lock(user_ids=[user.id])
    for person in (user, StaffFactory.create(), a_clerk(Scope.ORDERS_READ)):
        answer = office.post(f"{URL}{person.id}/impersonate/", {"reason": "Look"})
        assert (answer.status_code, answer.json()["code"]) == (403, "impersonation_refused")
    assert office.post(f"{URL}{new_id()}/impersonate/", {"reason": "Look"}).status_code == 404
    assert Impersonation.objects.count() == 0


def test_nobody_else_finds_people_or_acts_as_them(client, network, user):
    for caller, status in (
        (client, 401),
        (client_of(user, network), 403),
        (client_of(a_clerk(Scope.ORDERS_READ), network), 403),
    ):
        answers = [
            caller.get(URL),
            caller.get(f"{URL}{user.id}/"),
            caller.post(f"{URL}{user.id}/impersonate/", {"reason": "Look"}),
        ]
        assert {answer.status_code for answer in answers} == {status}
    assert Impersonation.objects.count() == 0


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (Principal.anonymous, False),
        (Principal(id=new_id()), True),
        (Principal(id=new_id(), is_staff=True), True),
        (Principal(id=new_id(), actor_id=new_id()), False),
        (Principal(id=new_id(), is_staff=True, is_api_key=True), False),
    ],
)
def test_only_a_person_who_signed_in_is_themselves(caller, may):
    request = APIRequestFactory().get("/")
    request.user = caller
    assert IsThemselves().has_permission(request, People()) is may
