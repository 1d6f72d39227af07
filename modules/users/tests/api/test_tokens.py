import pytest

from ecommerce.kernel import identity
from ecommerce.kernel.testing import at_once
from modules.users.models import RefreshSession
from modules.users.tests.factories import PASSWORD, UserFactory

TOKEN, REFRESH, REVOKE = (f"/api/v1/users/token/{path}" for path in ("", "refresh/", "revoke/"))


def test_signing_in_answers_a_pair(client, user):
    answer = client.post(TOKEN, {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expires_in"}
    assert answer.json()["expires_in"] == 600
    assert identity.verify(answer.json()["access"]).id == user.id
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("email", ["ADA@example.com", "nobody@example.com"])
def test_wrong_credentials_say_no_more_than_that(client, db, email):
    UserFactory.create(email="ada@example.com")
    answer = client.post(TOKEN, {"email": email, "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert answer.json()["detail"] == "No account has this e-mail address and password."
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(client, user):
    for _ in range(5):
        assert client.post(TOKEN, {"email": user.email, "password": "wrong"}).status_code == 401
    answer = client.post(TOKEN, {"email": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_locked")
    assert 890 <= int(answer["Retry-After"]) <= 900


def test_signing_in_takes_two_statements_and_the_sessions_write(client, user, django_assert_num_queries):
    body = {"email": user.email, "password": PASSWORD}
    client.post(TOKEN, body)
    with django_assert_num_queries(5):  # savepoint and release only under this test's own transaction
        client.post(TOKEN, body)


def test_refreshing_answers_the_next_pair_and_twice_the_same(client, user, sign_in, django_assert_num_queries):
    pair = sign_in(user)
    with django_assert_num_queries(2):
        first = client.post(REFRESH, {"refresh": pair.refresh})
    again = client.post(REFRESH, {"refresh": pair.refresh})
    assert (first.status_code, again.status_code) == (200, 200)
    assert set(first.json()) == {"access", "refresh", "expires_in"}
    assert again.json()["refresh"] == first.json()["refresh"] != pair.refresh


def test_a_late_reuse_is_told_from_a_revoked_session(client, user, sign_in, clock):
    pair = sign_in(user)
    successor = client.post(REFRESH, {"refresh": pair.refresh}).json()["refresh"]
    clock.shift(11)
    codes = [
        client.post(REFRESH, {"refresh": token}).json()["code"] for token in (pair.refresh, successor, pair.refresh)
    ]
    assert codes == ["token_reused", "token_revoked", "token_revoked"]


def test_signing_out_answers_204_and_ends_the_session(client, user, sign_in, django_assert_num_queries):
    pair = sign_in(user)
    with django_assert_num_queries(1):
        answer = client.post(REVOKE, {"refresh": pair.refresh})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.post(REVOKE, {"refresh": pair.refresh}).status_code == 204
    refused = client.post(REFRESH, {"refresh": pair.refresh})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


@pytest.mark.parametrize("url", [REFRESH, REVOKE])
def test_what_is_no_token_is_401_and_no_body_400(client, user, url):
    refused = client.post(url, {"refresh": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert client.post(url, {}).status_code == 400
    assert client.post(url, {"refresh": "x", "access": "y"}).json()["code"] == "unknown_field"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_refresh_at_once_get_the_same_successor(client, sign_in):
    pair = sign_in(UserFactory.create())
    answers = at_once(*[lambda: client.post(REFRESH, {"refresh": pair.refresh})] * 2)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["refresh"] == answers[1].json()["refresh"]
    assert RefreshSession.objects.get().revoked_at is None
