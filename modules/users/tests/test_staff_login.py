import pytest
from django.test import Client

from modules.users.logic import enrolment
from modules.users.logic.login_limits import take_back_attempt
from modules.users.models import RecoveryCode, User
from modules.users.tests.authenticator import Authenticator, switched_on
from modules.users.tests.factories import PASSWORD, StaffFactory

LOGIN = "/admin/login/?next=/admin/"


@pytest.fixture
def staff(db) -> User:
    return StaffFactory.create()


@pytest.fixture
def app(clock, staff, network) -> Authenticator:
    """The member of staff has a second factor, and the half minute in which it was confirmed has passed."""
    app = switched_on(staff, network)
    clock.shift(60)
    return app


@pytest.fixture
def browser(network) -> Client:
    return Client(REMOTE_ADDR=network)


def log_in(browser: Client, staff: User, code: str | None = None, password: str = PASSWORD) -> str:
    """What the page says, or nothing when it lets in."""
    body = {"username": staff.email, "password": password}
    answer = browser.post(LOGIN, body if code is None else body | {"code": code})
    return "" if answer.status_code == 302 else answer.content.decode()


def is_in(browser: Client) -> bool:
    return browser.get("/admin/").status_code == 200


def test_the_page_has_a_field_for_the_code(browser, db):
    page = browser.get(LOGIN).content.decode()
    for name in ("username", "password", "code"):
        assert page.count(f'name="{name}"') == 1
    assert 'autocomplete="one-time-code"' in page
    assert page.index('name="password"') < page.index('name="code"') < page.index('type="submit"')
    assert "six digits of your app" in page


def test_who_has_no_second_factor_leaves_it_empty(browser, staff):
    assert log_in(browser, staff, "") == ""
    assert is_in(browser)


def test_who_has_one_gets_in_with_a_code_which_serves_once(browser, staff, app, network):
    code = app.code()
    assert log_in(browser, staff, code) == ""
    assert is_in(browser)
    other = Client(REMOTE_ADDR=network)
    assert "This code is wrong, or was used before." in log_in(other, staff, code)
    assert not is_in(other)


def test_a_recovery_code_does_too(browser, staff, app):
    assert log_in(browser, staff, app.recovery_codes[0].upper()) == ""
    assert is_in(browser)
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_without_a_code_or_with_a_wrong_one_nobody_gets_in(browser, staff, app):
    for code in (None, "", "  "):
        assert "This account has a second factor" in log_in(browser, staff, code)
    for code in (app.wrong_code(), "x" * 65):
        assert log_in(browser, staff, code) != ""
    assert not is_in(browser)


def test_a_wrong_password_hears_nothing_of_the_second_factor(browser, staff, app):
    page = log_in(browser, staff, app.code(), password="wrong")
    assert "Please enter the correct" in page
    assert "This account has a second factor" not in page
    assert log_in(browser, staff, app.code()) == ""


def test_five_wrong_codes_lock_the_account_for_codes_from_elsewhere_too(browser, staff, app):
    for number in range(5):
        log_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), staff, app.wrong_code())
        take_back_attempt(staff.email, f"10.0.0.{number}")
    assert "Too many failed attempts" in log_in(browser, staff, app.code())
    assert not is_in(browser)


def test_asking_without_a_code_is_no_failure(browser, staff, app):
    for _ in range(6):
        log_in(browser, staff)
    assert log_in(browser, staff, app.code()) == ""


def test_where_it_is_required_who_has_none_is_told_how_to_get_one(browser, staff, settings):
    settings.STAFF_MFA = "required"
    for _ in range(6):
        assert "switch it on in your account, and come back" in log_in(browser, staff)
    assert not is_in(browser)
    assert "Please enter the correct" in log_in(browser, staff, password="wrong")


def test_where_it_is_required_who_has_one_gets_in(browser, staff, app, settings):
    settings.STAFF_MFA = "required"
    assert log_in(browser, staff, app.code()) == ""
    assert is_in(browser)


def test_a_session_begun_before_it_was_required_is_no_longer_enough(browser, staff, settings):
    log_in(browser, staff)
    assert is_in(browser)
    settings.STAFF_MFA = "required"
    answer = browser.get("/admin/users/user/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/users/user/")
    assert "are not authorized to" in browser.get(LOGIN).content.decode()


def test_switching_it_on_or_off_ends_the_admins_sessions(browser, clock, staff, network):
    log_in(browser, staff)
    app = switched_on(staff, network)
    assert not is_in(browser)
    clock.shift(60)
    log_in(browser, staff, app.code())
    assert is_in(browser)
    enrolment.reset(user_id=staff.id)
    assert not is_in(browser)


def test_a_session_of_the_admin_outlives_a_change_of_the_secret_key(browser, staff, app, settings):
    log_in(browser, staff, app.code())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    assert is_in(browser)
