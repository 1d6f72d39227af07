import pytest

from ecommerce.kernel.models import OutboxEvent
from modules.users.models import RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory

URL = "/api/v1/users/me/"


def test_whoever_gives_his_password_is_erased_and_all_his_tokens_end(client, user, sign_in):
    pair = sign_in(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    answer = client.delete(URL, {"password": PASSWORD})
    assert (answer.status_code, answer.content) == (204, b"")

    kept = User.objects.get()
    assert (kept.id, kept.email) == (user.id, f"erased-{user.id}@erased.invalid")
    assert (kept.first_name, kept.last_name, kept.phone) == ("", "", "")
    assert (kept.is_active, kept.has_usable_password()) == (False, False)
    assert not RefreshSession.objects.exists()
    assert OutboxEvent.objects.get().name == "users.UserErased"

    assert client.get(URL).json()["code"] == "invalid_token"
    client.credentials()
    refreshed = client.post("/api/v1/users/token/refresh/", {"refresh": pair.refresh})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "token_revoked")
    again = client.post("/api/v1/users/token/", {"email": user.email, "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (401, "invalid_credentials")


def test_the_access_token_is_refused_by_every_module_at_once(signed_in, user):
    assert signed_in.get("/api/v1/users/jwks/").status_code == 200
    assert signed_in.delete(URL, {"password": PASSWORD}).status_code == 204
    answer = signed_in.get("/api/v1/users/jwks/")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_a_wrong_password_erases_nothing_and_five_lock_the_account_for_this_network(signed_in, user):
    answers = [signed_in.delete(URL, {"password": "wrong"}) for _ in range(5)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "wrong_password")}
    right = signed_in.delete(URL, {"password": PASSWORD})
    assert (right.status_code, right.json()["code"]) == (429, "sign_in_locked")
    assert int(right["Retry-After"]) > 0
    kept = User.objects.get()
    assert (kept.email, kept.is_active, kept.erased_at) == (user.email, True, None)
    assert OutboxEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "required"), ({"password": ""}, "blank"), ({"password": "x", "sure": True}, "unknown_field")],
)
def test_a_body_that_is_not_a_password_is_refused(signed_in, user, body, code):
    answer = signed_in.delete(URL, body)
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert User.objects.get().erased_at is None


def test_nobody_cannot_be_erased(client, user):
    assert client.delete(URL, {"password": PASSWORD}).status_code == 401
    assert User.objects.get().erased_at is None


def test_the_last_superuser_stays(client, sign_in, db):
    owner = StaffFactory.create()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(owner).access}")
    answer = client.delete(URL, {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "last_superuser")
    assert User.objects.get().email == owner.email

    StaffFactory.create()
    assert client.delete(URL, {"password": PASSWORD}).status_code == 204
    assert User.objects.filter(is_superuser=True).count() == 1


def test_an_erased_address_may_be_registered_again_and_the_one_left_over_may_not(client, signed_in, user):
    assert signed_in.delete(URL, {"password": PASSWORD}).status_code == 204
    client.credentials()
    body = {"email": user.email, "password": "a long enough pass phrase"}
    again = client.post("/api/v1/users/register/", body)
    assert again.status_code == 201
    assert again.json()["id"] != str(user.id)
    taken = client.post("/api/v1/users/register/", body | {"email": "erased-1@Erased.invalid"})
    assert (taken.status_code, taken.json()["code"]) == (400, "email_taken")
