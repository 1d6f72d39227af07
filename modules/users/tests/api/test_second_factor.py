import pytest

from ecommerce.kernel import identity
from modules.users.logic import sessions
from modules.users.models import RecoveryCode, RefreshSession, SecondFactor, User
from modules.users.tests.authenticator import Authenticator, switched_on
from modules.users.tests.factories import PASSWORD, StaffFactory

TOKEN, REFRESH = "/api/v1/users/token/", "/api/v1/users/token/refresh/"
FACTOR, CONFIRM, CODES = (f"/api/v1/users/me/second-factor/{path}" for path in ("", "confirm/", "recovery-codes/"))


@pytest.fixture
def app(clock, user, network) -> Authenticator:
    """The user has a second factor, and the half minute in which it was confirmed has passed."""
    app = switched_on(user, network)
    clock.shift(60)
    return app


@pytest.fixture
def caller(client, user, network, app):
    """The client of the user who has a second factor, signed in with a code of long ago."""
    pair = sessions.sign_in(email=user.email, password=PASSWORD, network=network, code=app.code(steps=-1))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    return client


def token(client, user, **code: str):
    return client.post(TOKEN, {"email": user.email, "password": PASSWORD, **code})


def test_switching_it_on_from_the_offer_to_signing_in(clock, signed_in, user):
    assert signed_in.get(FACTOR).json() == {"enabled": False, "enabled_at": None, "recovery_codes_left": 0}
    offer = signed_in.post(FACTOR, {"password": PASSWORD})
    assert (offer.status_code, set(offer.json())) == (201, {"secret", "otpauth_url"})
    assert offer.json()["otpauth_url"].startswith("otpauth://totp/localhost:")
    assert offer["Cache-Control"] == "no-store"

    app = Authenticator(offer.json()["secret"])
    confirmed = signed_in.post(CONFIRM, {"code": app.code()})
    assert (confirmed.status_code, set(confirmed.json())) == (200, {"recovery_codes"})
    assert len(confirmed.json()["recovery_codes"]) == 10
    assert confirmed["Cache-Control"] == "no-store"
    assert signed_in.get(FACTOR).json() == {
        "enabled": True,
        "enabled_at": "2026-11-23T12:00:00Z",
        "recovery_codes_left": 10,
    }

    clock.shift(30)
    assert token(signed_in, user).json()["code"] == "second_factor_required"
    assert token(signed_in, user, code=app.code()).status_code == 200
    assert token(signed_in, user, code=confirmed.json()["recovery_codes"][0]).status_code == 200
    assert signed_in.get(FACTOR).json()["recovery_codes_left"] == 9


def test_the_state_costs_one_statement(signed_in, django_assert_num_queries):
    signed_in.get(FACTOR)
    with django_assert_num_queries(1):
        signed_in.get(FACTOR)


def test_signing_in_without_a_code_or_with_a_wrong_one_is_401(app, client, user):
    missing, wrong = token(client, user), token(client, user, code=app.wrong_code())
    assert (missing.status_code, missing.json()["code"]) == (401, "second_factor_required")
    assert missing.json()["detail"] == "This account has a second factor: send a code of it too."
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_code")
    assert RefreshSession.objects.count() == 0


def test_a_used_code_is_401_and_five_lock_for_a_quarter_of_an_hour(app, client, user):
    assert token(client, user, code=app.code()).status_code == 200
    for _ in range(5):
        assert token(client, user, code=app.code()).json()["code"] == "invalid_code"
    locked = token(client, user, code=app.code(steps=1))
    assert (locked.status_code, locked.json()["code"]) == (429, "sign_in_locked")
    assert 890 <= int(locked["Retry-After"]) <= 900


def test_a_code_is_no_trouble_where_none_is_needed(client, user):
    assert token(client, user, code="123456").status_code == 200


@pytest.mark.parametrize("code", ["", None, 123456, "1" * 65, [], True])
def test_what_is_no_code_at_all_is_400(app, client, user, code):
    answer = token(client, user, code=code)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "code")


def test_signing_in_with_a_code_takes_three_statements_and_the_sessions_write(
    app, client, user, django_assert_num_queries
):
    assert token(client, user, code=app.code(steps=-1)).status_code == 200
    with django_assert_num_queries(6):  # savepoint and release only under this test's own transaction
        assert token(client, user, code=app.code()).status_code == 200


@pytest.mark.parametrize("url", [FACTOR, CONFIRM, CODES])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_nobody_is_401(client, db, url, method):
    answer = getattr(client, method)(url)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_offer_takes_the_password(signed_in, user):
    answer = signed_in.post(FACTOR, {"password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert SecondFactor.objects.count() == 0


def test_where_one_is_on_another_is_409(caller, app):
    kept = SecondFactor.objects.values().get()
    for url, body in ((FACTOR, {"password": PASSWORD}), (CONFIRM, {"code": app.code()})):
        answer = caller.post(url, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "second_factor_enabled")
    assert SecondFactor.objects.values().get() == kept


def test_a_wrong_first_code_is_400_and_nothing_to_confirm_409(clock, signed_in, user):
    answer = signed_in.post(CONFIRM, {"code": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (409, "second_factor_not_started")
    app = Authenticator(signed_in.post(FACTOR, {"password": PASSWORD}).json()["secret"])
    answer = signed_in.post(CONFIRM, {"code": app.wrong_code()})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_code")
    assert answer.json()["errors"][0]["field"] == "code"
    assert User.objects.get().second_factor_at is None


def test_confirming_keeps_the_callers_session_and_ends_the_others(client, user, sign_in, clock):
    elsewhere, here = sign_in(user), sign_in(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {here.access}")
    app = Authenticator(client.post(FACTOR, {"password": PASSWORD}).json()["secret"])
    client.post(CONFIRM, {"code": app.code()})
    assert client.post(REFRESH, {"refresh": here.refresh}).status_code == 200
    assert client.post(REFRESH, {"refresh": elsewhere.refresh}).json()["code"] == "token_revoked"


@pytest.mark.parametrize("recovery", [False, True])
def test_switching_it_off_is_204_with_password_and_either_kind_of_code(caller, user, app, recovery):
    code = app.recovery_codes[0] if recovery else app.code()
    answer = caller.delete(FACTOR, {"password": PASSWORD, "code": code})
    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.get(FACTOR).json() == {"enabled": False, "enabled_at": None, "recovery_codes_left": 0}
    assert token(caller, user).status_code == 200
    again = caller.delete(FACTOR, {"password": PASSWORD, "code": code})
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_off")


def test_switching_it_off_and_new_recovery_codes_take_both(caller, app):
    for send in (caller.delete, caller.post):
        url = FACTOR if send == caller.delete else CODES
        for body, code in (
            ({"password": PASSWORD}, "invalid"),
            ({"code": app.code()}, "invalid"),
            ({"password": "wrong", "code": app.code()}, "wrong_password"),
            ({"password": PASSWORD, "code": app.wrong_code()}, "invalid_code"),
            ({"password": PASSWORD, "code": app.code(), "force": True}, "unknown_field"),
        ):
            answer = send(url, body)
            assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert caller.get(FACTOR).json()["recovery_codes_left"] == 10
    assert caller.get(FACTOR).json()["enabled"] is True


def test_new_recovery_codes_replace_the_old_ones(caller, user, app):
    answer = caller.post(CODES, {"password": PASSWORD, "code": app.code()})
    assert (answer.status_code, len(answer.json()["recovery_codes"])) == (200, 10)
    assert RecoveryCode.objects.count() == 10
    assert token(caller, user, code=app.recovery_codes[0]).json()["code"] == "invalid_code"
    assert token(caller, user, code=answer.json()["recovery_codes"][0]).status_code == 200


def test_guessing_with_a_stolen_access_token_is_locked_too(caller, app):
    for number in range(5):
        send, url = (caller.delete, FACTOR) if number % 2 else (caller.post, CODES)
        assert send(url, {"password": "wrong", "code": app.code()}).status_code == 400
    for send, url in ((caller.delete, FACTOR), (caller.post, CODES)):
        answer = send(url, {"password": PASSWORD, "code": app.code()})
        assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_locked")


def test_staff_enrol_as_customers_and_are_staff_at_the_next_refresh(client, db, settings, clock):
    settings.STAFF_MFA = "required"
    staff = StaffFactory.create()
    pair = token(client, staff).json()
    assert identity.verify(pair["access"]).is_staff is False
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    app = Authenticator(client.post(FACTOR, {"password": PASSWORD}).json()["secret"])
    assert client.post(CONFIRM, {"code": app.code()}).status_code == 200
    refreshed = identity.verify(client.post(REFRESH, {"refresh": pair["refresh"]}).json()["access"])
    assert (refreshed.is_staff, refreshed.scopes) == (True, frozenset({"*"}))


def test_the_log_of_requests_holds_no_code(app, client, user, caplog):
    caplog.set_level("DEBUG")
    right, wrong = app.code(), app.wrong_code()
    for code in (wrong, right, app.recovery_codes[0]):
        token(client, user, code=code)
    assert "api/v1/users/token/" in caplog.text
    for code in (wrong, right, app.recovery_codes[0], app.recovery_codes[0].replace("-", "")):
        assert code not in caplog.text
