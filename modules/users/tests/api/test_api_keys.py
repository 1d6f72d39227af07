import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import identity
from ecommerce.kernel.ids import new_id
from modules.users.contracts import Scope
from modules.users.logic import api_keys
from modules.users.models import ApiKey, User
from modules.users.tests.rights import a_clerk, client_of

URL = "/api/v1/users/api-keys/"
TOKEN = URL + "token/"
BODY = {"name": "Scanner", "scopes": ["catalog.write"]}


@pytest.fixture
def head(db, client) -> User:
    return a_clerk(Scope.ROLES_WRITE, Scope.CATALOG_WRITE)


@pytest.fixture
def office(head, network):
    return client_of(head, network)


@pytest.fixture
def key(head) -> str:
    return api_keys.make_key(actor_id=head.id, name="Scanner", scopes=["catalog.write"]).key


def test_making_a_key_shows_it_once(office, head):
    answer = office.post(URL, BODY | {"expires_at": "2100-01-01T00:00:00Z"})
    row = ApiKey.objects.get()
    assert answer.status_code == 201
    body = answer.json()
    key = body.pop("key")
    public = {
        "id": str(row.id),
        "name": "Scanner",
        "prefix": row.prefix,
        "scopes": ["catalog.write"],
        "created_by": str(head.id),
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "expires_at": "2100-01-01T00:00:00Z",
        "revoked_at": None,
        "last_used_at": None,
    }
    assert body == public
    assert key.startswith(f"shop_{row.prefix}_")
    assert office.get(URL).json() == {"results": [public], "next": None, "previous": None}


def test_a_key_is_exchanged_for_an_access_token_that_opens_the_api(office, client, key):
    answer = client.post(TOKEN, {"key": key})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "expires_in"}
    assert (answer.json()["expires_in"], answer["Cache-Control"]) == (600, "no-store")
    assert identity.verify(answer.json()["access"]).may(Scope.CATALOG_WRITE)


def test_a_wrong_key_and_a_revoked_one_are_401(office, client, key):
    revoked = office.delete(f"{URL}{ApiKey.objects.get().id}/")
    assert (revoked.status_code, revoked.content) == (204, b"")
    for wrong in (key, key[:-2], "nonsense"):
        answer = client.post(TOKEN, {"key": wrong})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert office.delete(f"{URL}{ApiKey.objects.get().id}/").status_code == 204
    assert office.delete(f"{URL}{new_id()}/").json()["code"] == "not_found"


def test_guessing_keys_is_throttled(network, db, settings):
    settings.RATE_LIMITS = "on"
    client = APIClient(REMOTE_ADDR=network)
    answers = [client.post(TOKEN, {"key": "shop_0_0"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {401}
    assert answers[60].status_code == 429
    assert int(answers[60]["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "expiry_passed"),
        ({"expires_at": "tomorrow"}, "expires_at", "invalid"),
        ({"scopes": ["catalog.burn"]}, "scopes.0", "invalid_choice"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"name": ""}, "name", "blank"),
        ({"key": "shop_1_2"}, "key", "unknown_field"),
    ],
)
def test_what_is_no_key_is_400_and_nothing_is_kept(office, changes, field, code):
    answer = office.post(URL, BODY | changes)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert ApiKey.objects.count() == 0


def test_a_key_that_may_do_more_than_its_maker_is_403(office):
    answer = office.post(URL, BODY | {"scopes": ["catalog.write", "orders.read"]})
    assert (answer.status_code, answer.json()["code"], answer.json()["scopes"]) == (
        403,
        "scope_not_held",
        ["orders.read"],
    )
    assert ApiKey.objects.count() == 0


def test_nobody_else_sees_or_makes_keys_and_no_key_makes_another(client, network, user, head):
    strong = api_keys.make_key(actor_id=head.id, name="Bot", scopes=["roles.write"])
    machine = APIClient(REMOTE_ADDR=network)
    machine.credentials(HTTP_AUTHORIZATION=f"Bearer {api_keys.exchange(key=strong.key).access}")
    clerk = client_of(a_clerk(Scope.USERS_WRITE, Scope.CATALOG_WRITE), network)
    for caller, status in ((client, 401), (client_of(user, network), 403), (clerk, 403), (machine, 403)):
        answers = [caller.get(URL), caller.post(URL, BODY), caller.delete(f"{URL}{strong.row.id}/")]
        assert {answer.status_code for answer in answers} == {status}
    assert ApiKey.objects.get().revoked_at is None


@pytest.mark.parametrize("method", ["get", "patch"])
def test_a_machine_has_no_profile(client, key, method):
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_keys.exchange(key=key).access}")
    answer = getattr(client, method)("/api/v1/users/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
