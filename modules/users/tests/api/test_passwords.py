from uuid import UUID

import pytest

from ecommerce.kernel import driver
from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.logic import links
from modules.users.models import LinkRequest, RefreshSession, User
from modules.users.tests.factories import PASSWORD, UserFactory

VERIFY = "/api/v1/users/email/verify/"
RESEND = "/api/v1/users/email/verify/resend/"
RESET = "/api/v1/users/password/reset/"
CONFIRM = "/api/v1/users/password/reset/confirm/"
CHANGE = "/api/v1/users/password/change/"
NEW = "another battery staple"


def test_the_mailed_token_verifies_the_address_once(client, user):
    token = links.make_token(user, LinkPurpose.VERIFY_EMAIL)
    answer = client.post(VERIFY, {"token": token})
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["email_verified"]) == (str(user.id), True)
    assert User.objects.get().email_verified
    again = client.post(VERIFY, {"token": token})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_token")


@pytest.mark.parametrize("url", [VERIFY, CONFIRM])
def test_a_token_that_is_not_ours_is_400_and_changes_nothing(client, user, url):
    answer = client.post(url, {"token": "nonsense"} | ({"new_password": NEW} if url == CONFIRM else {}))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_token")
    kept = User.objects.get()
    assert (kept.email_verified, kept.password) == (False, user.password)


@pytest.mark.parametrize("url", [RESEND, RESET])
@pytest.mark.django_db(transaction=True)
def test_asking_for_a_mail_is_answered_alike_whether_the_address_is_known_or_not(client, outbox, url):
    user = UserFactory.create(email=f"{new_id()}@example.com")
    answers = [client.post(url, {"email": email}) for email in (user.email, f"{new_id()}@example.com")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    headers = [sorted(set(answer.headers) - {"X-Request-ID"}) for answer in answers]
    assert headers[0] == headers[1]
    driver.run_due("default")
    assert [subject for _, subject in outbox()] == [user.id]
    assert LinkRequest.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"email": "nonsense"}, {"email": 7}, {"email": "ada@example.com", "x": 1}])
def test_what_is_no_address_is_400_and_writes_nothing(client, db, body):
    assert client.post(RESET, body).status_code == 400
    assert LinkRequest.objects.count() == 0


def test_a_new_password_by_mail_ends_every_session(client, user, sign_in):
    pair = sign_in(user)
    token = links.make_token(user, LinkPurpose.RESET_PASSWORD)
    answer = client.post(CONFIRM, {"token": token, "new_password": NEW})
    assert (answer.status_code, answer.content) == (204, b"")
    refreshed = client.post("/api/v1/users/token/refresh/", {"refresh": pair.refresh})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "token_revoked")
    signed = client.post("/api/v1/users/token/", {"email": user.email, "password": NEW})
    assert signed.status_code == 200


def test_changing_the_password_keeps_this_session_and_ends_the_others(signed_in, user, sign_in):
    elsewhere = sign_in(user)
    answer = signed_in.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW})
    assert (answer.status_code, answer.content) == (204, b"")
    refreshed = signed_in.post("/api/v1/users/token/refresh/", {"refresh": elsewhere.refresh})
    assert refreshed.json()["code"] == "token_revoked"
    assert RefreshSession.objects.filter(revoked_at=None).count() == 1
    assert signed_in.get("/api/v1/users/me/").status_code == 200


def test_a_wrong_present_password_is_400_names_its_field_and_changes_nothing(signed_in, user):
    answer = signed_in.post(CHANGE, {"current_password": "wrong", "new_password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("current_password", "wrong_password")]
    assert User.objects.get().password == user.password


def test_nobody_changes_the_password_of_nobody(client, user):
    assert client.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW}).status_code == 401


def test_the_21st_mail_asked_for_in_an_hour_from_one_network_is_429(client, db, settings):
    settings.RATE_LIMITS = "on"
    answers = [client.post(RESET, {"email": "ada@example.com"}).status_code for _ in range(21)]
    assert answers == [202] * 20 + [429]


def test_sessions_are_listed_newest_first_and_tell_which_is_the_callers(client, user, network):
    credentials = {"email": user.email, "password": PASSWORD}
    client.post("/api/v1/users/token/", credentials, headers={"User-Agent": "Phone"})
    pair = client.post("/api/v1/users/token/", credentials, headers={"User-Agent": "Laptop"}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    answer = client.get("/api/v1/users/me/sessions/").json()
    told = [(one["user_agent"], one["network"], one["is_current"]) for one in answer["results"]]
    assert told == [("Laptop", network, True), ("Phone", network, False)]
    assert (answer["next"], answer["previous"]) == (None, None)
    assert set(answer["results"][0]) == {"id", "created_at", "last_used_at", "network", "user_agent", "is_current"}


def test_ending_a_session_ends_it_and_nobody_elses(signed_in, user, sign_in):
    elsewhere = sign_in(user)
    others = sign_in(UserFactory.create())
    mine = RefreshSession.objects.filter(user=user).latest("created_at", "id")
    foreign = RefreshSession.objects.exclude(user=user).get()
    assert signed_in.delete(f"/api/v1/users/me/sessions/{mine.id}/").status_code == 204
    assert signed_in.delete(f"/api/v1/users/me/sessions/{mine.id}/").status_code == 204
    assert signed_in.delete(f"/api/v1/users/me/sessions/{foreign.id}/").status_code == 404
    refresh = "/api/v1/users/token/refresh/"
    assert signed_in.post(refresh, {"refresh": elsewhere.refresh}).json()["code"] == "token_revoked"
    assert signed_in.post(refresh, {"refresh": others.refresh}).status_code == 200
    assert [UUID(one["id"]) for one in signed_in.get("/api/v1/users/me/sessions/").json()["results"]] != [mine.id]


def test_sessions_are_listed_a_page_at_a_time_and_no_other_way(signed_in, user, sign_in):
    sign_in(user)
    first = signed_in.get("/api/v1/users/me/sessions/?limit=1").json()
    second = signed_in.get(first["next"]).json()
    assert [one["is_current"] for one in first["results"] + second["results"]] == [False, True]
    assert second["next"] is None
    foreign = first["next"].replace("/sessions/", "/addresses/")
    assert signed_in.get(foreign).json()["code"] == "cursor_mismatch"
    assert signed_in.get("/api/v1/users/me/sessions/?network=home").json()["code"] == "unknown_field"


def test_nobody_has_no_sessions(client, db):
    url = "/api/v1/users/me/sessions/"
    assert [client.get(url).status_code, client.delete(f"{url}{new_id()}/").status_code] == [401, 401]
