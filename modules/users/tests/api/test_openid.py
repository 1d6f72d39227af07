from urllib.parse import parse_qs

import pytest
from django_redis import get_redis_connection

from ecommerce.kernel import identity
from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import at_once
from modules.users.logic.openid import flows
from modules.users.models import Identity, RefreshSession, User
from modules.users.tests.factories import UserFactory
from modules.users.tests.issuer import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from modules.users.tests.openid import OIDC, confirmed, finish, sign_in, start


@pytest.fixture(autouse=True)
def database(db) -> None:
    pass


def test_the_providers_are_named_and_nothing_else_is_told(client, issuer):
    answer = client.get(OIDC)
    assert (answer.status_code, answer.json()) == (
        200,
        {"results": [{"id": "home", "title": "Home"}], "next": None, "previous": None},
    )


def test_without_providers_the_list_is_empty(client, settings):
    settings.OIDC_PROVIDERS = []
    assert client.get(OIDC).json() == {"results": [], "next": None, "previous": None}


def test_starting_answers_where_to_go_and_what_to_keep(client, issuer):
    answer = start(client)
    assert answer.status_code == 200
    assert set(answer.json()) == {"authorization_url", "state", "binding"}
    assert answer["Cache-Control"] == "no-store"
    address, _, query = answer.json()["authorization_url"].partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    assert address == f"{issuer.url}/authorize"
    assert set(asked) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
    assert asked["state"] == answer.json()["state"]
    assert (asked["scope"], asked["client_id"], asked["code_challenge_method"]) == (
        "openid email profile",
        CLIENT_ID,
        "S256",
    )
    assert answer.json()["binding"] not in query
    assert CLIENT_SECRET not in answer.content.decode()


def test_a_sign_in_waits_ten_minutes(client, issuer):
    started = start(client).json()
    key = flows._key(started["state"], started["binding"])
    assert 590 < get_redis_connection("default").ttl(key) <= 600


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/",
        REDIRECT_URI + "/",
        REDIRECT_URI + "?next=evil",
        REDIRECT_URI.upper(),
        " " + REDIRECT_URI,
    ],
)
def test_nobody_is_sent_back_to_another_address(client, issuer, redirect_uri):
    answer = start(client, redirect_uri=redirect_uri)
    assert (answer.status_code, answer.json()["code"]) == (400, "redirect_uri_not_allowed")
    assert issuer.asked == []


def test_an_unknown_provider_is_404(client, issuer):
    body = {"code": "c", "state": "s", "binding": "b"}
    for answer in (start(client, "elsewhere"), finish(client, body, "elsewhere")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_finishing_answers_a_pair_as_signing_in_does(client, issuer):
    answer = sign_in(client, issuer)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expires_in"}
    assert answer.json()["expires_in"] == 600
    assert answer["Cache-Control"] == "no-store"
    user = User.objects.get()
    assert identity.verify(answer.json()["access"]).id == user.id
    assert RefreshSession.objects.get().user == user


def test_a_sign_in_is_finished_once(client, issuer):
    body = confirmed(client, issuer)
    assert finish(client, body).status_code == 200
    answer = finish(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_state")
    assert issuer.times("/token") == 1
    assert RefreshSession.objects.count() == 1


@pytest.mark.parametrize("secret", ["state", "binding"])
def test_without_both_secrets_nothing_is_finished_and_the_owner_still_may(client, issuer, secret):
    body = confirmed(client, issuer)
    answer = finish(client, body | {secret: "guessed"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_state")
    assert issuer.times("/token") == 0
    assert finish(client, body).status_code == 200


def test_the_binding_of_another_browser_does_not_serve(client, issuer):
    """Login CSRF: the attacker's code and state, opened in the victim's browser."""
    attackers, victims = confirmed(client, issuer), start(client).json()
    answer = finish(client, attackers | {"binding": victims["binding"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_state")
    assert User.objects.count() == 0


def test_what_was_begun_with_one_provider_is_not_finished_with_another(client, issuer, settings):
    settings.OIDC_PROVIDERS = [issuer.provider(), issuer.provider(id="work", title="Work")]
    answer = finish(client, confirmed(client, issuer, "home"), "work")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_state")
    assert issuer.times("/token") == 0


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"code": None}, "code", "null"),
        ({"code": ""}, "code", "blank"),
        ({"code": "x" * 4097}, "code", "max_length"),
        ({"state": 1}, "state", "invalid"),
        ({"redirect_uri": REDIRECT_URI}, "redirect_uri", "unknown_field"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_used_up(client, issuer, changes, field, code):
    body = confirmed(client, issuer)
    answer = finish(client, body | changes)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert finish(client, body).status_code == 200


@pytest.mark.parametrize("code", ["never issued", "ä ☃ %zz&grant_type=password", " " * 9 + "x"])
def test_a_code_that_the_provider_did_not_give_is_401(client, issuer, code):
    answer = finish(client, confirmed(client, issuer) | {"code": code})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_identity")
    assert answer.json()["detail"] == "The provider did not confirm who you are: begin again."
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert (User.objects.count(), Identity.objects.count(), OutboxEvent.objects.count()) == (0, 0, 0)


def test_the_reason_is_in_the_log_without_the_code_and_the_secret(client, issuer, caplog):
    body = confirmed(client, issuer) | {"code": "the-code-itself"}
    assert finish(client, body).status_code == 401
    assert "invalid_grant" in caplog.text
    for secret in ("the-code-itself", body["state"], body["binding"], CLIENT_SECRET):
        assert secret not in caplog.text


def test_a_provider_that_is_down_is_503_and_one_may_begin_anew(client, issuer):
    body = confirmed(client, issuer)
    issuer.instead["/token"] = (500, {}, b"oops")
    answer = finish(client, body)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (answer.json()["dependency"], answer.json()["detail"]) == ("home", "Home does not answer.")
    assert int(answer["Retry-After"]) > 0
    assert User.objects.count() == 0
    del issuer.instead["/token"]
    assert sign_in(client, issuer).status_code == 200


def test_starting_with_a_provider_that_was_never_reached_is_503(client, issuer):
    issuer.instead["/.well-known/openid-configuration"] = (503, {}, b"")
    answer = start(client)
    assert (answer.status_code, answer.json()["dependency"]) == (503, "home")


def test_a_locked_account_is_refused_as_wrong_credentials_are(client, issuer):
    assert sign_in(client, issuer).status_code == 200
    User.objects.update(is_active=False)
    answer = sign_in(client, issuer)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_an_address_that_has_an_account_is_not_linked_on_the_word_of_who_may_not_vouch(client, issuer, settings):
    owner = UserFactory.create(email="ADA@example.com", email_verified=True)
    settings.OIDC_PROVIDERS = [issuer.provider(trusts_email=False)]
    answer = sign_in(client, issuer)
    assert (answer.status_code, answer.json()["code"]) == (409, "account_exists")
    assert (User.objects.get(), Identity.objects.count(), RefreshSession.objects.count()) == (owner, 0, 0)


def test_a_provider_that_tells_no_address_opens_no_account(client, issuer):
    del issuer.person["email"]
    issuer.metadata = {"userinfo_endpoint": ""}
    answer = sign_in(client, issuer)
    assert (answer.status_code, answer.json()["code"]) == (400, "email_missing")
    assert User.objects.count() == 0


def test_signing_in_elsewhere_is_throttled_as_signing_in_is(client, issuer, settings):
    settings.RATE_LIMITS = "on"
    answers = [start(client, redirect_uri="x").status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({400}, 429)


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_that_finish_one_sign_in_at_once_one_succeeds(client, issuer):
    body = confirmed(client, issuer)
    answers = at_once(*[lambda: finish(client, body)] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert issuer.times("/token") == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_of_one_person_at_once_end_with_one_account(client, issuer):
    bodies = [confirmed(client, issuer) for _ in range(3)]
    answers = at_once(*[lambda body=body: finish(client, body) for body in bodies])
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (User.objects.count(), Identity.objects.count(), RefreshSession.objects.count()) == (1, 1, 3)
    assert sorted(OutboxEvent.objects.values_list("name", flat=True)) == ["users.EmailVerified", "users.UserRegistered"]
