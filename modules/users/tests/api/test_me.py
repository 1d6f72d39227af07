import pytest

from modules.users.logic import accounts
from modules.users.models import User

URL = "/api/v1/users/me/"


def test_me_answers_the_caller_with_one_statement(signed_in, user, django_assert_num_queries):
    signed_in.get(URL)
    with django_assert_num_queries(1):
        answer = signed_in.get(URL)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(user.id),
        "email": user.email,
        "email_verified": False,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "",
        "accepts_marketing": False,
        "is_staff": False,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


@pytest.mark.parametrize("method", ["get", "patch"])
def test_nobody_is_nobody(client, user, method):
    answer = getattr(client, method)(URL)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic YTpi", "Bearer ä"])
def test_a_bad_token_is_401(client, user, header):
    answer = client.get(URL, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_changing_ones_profile_changes_what_is_given(signed_in, user):
    answer = signed_in.patch(URL, {"first_name": "Augusta", "accepts_marketing": True})
    assert answer.status_code == 200
    assert (answer.json()["first_name"], answer.json()["accepts_marketing"]) == ("Augusta", True)
    assert User.objects.filter(
        first_name="Augusta", last_name="Lovelace", accepts_marketing=True, email=user.email
    ).exists()
    assert signed_in.patch(URL, {}).json() == answer.json()


@pytest.mark.parametrize("field", ["email", "is_staff", "id", "email_verified", "password", "created_at"])
def test_nobody_changes_what_is_not_his_to_change(signed_in, user, field):
    answer = signed_in.patch(URL, {"first_name": "Eve", field: True})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert User.objects.get().first_name == "Ada"


def test_a_locked_account_answers_nothing_more(signed_in, user):
    accounts.lock(user_ids=[user.id])
    answer = signed_in.get(URL)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
