from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory

from modules.users.admin.people import UserAdmin
from modules.users.logic import accounts
from modules.users.models import RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory

LIST = "/admin/users/user/"


@pytest.fixture
def staff(db) -> User:
    return StaffFactory.create()


@pytest.fixture
def browser(network) -> Client:
    return Client(REMOTE_ADDR=network)


@pytest.fixture
def office(browser: Client, staff: User) -> Client:
    browser.force_login(staff)
    return browser


@pytest.fixture
def statements(django_assert_max_num_queries) -> Iterator[list[dict[str, str]]]:
    with django_assert_max_num_queries(20) as context:
        yield context


def log_in(browser: Client, email: str, password: str = PASSWORD):
    return browser.post("/admin/login/?next=/admin/", {"username": email, "password": password})


def act(office: Client, action: str, *users: User):
    return office.post(LIST, {"action": action, "_selected_action": [str(user.id) for user in users]}, follow=True)


def test_staff_log_in_by_e_mail_in_any_case(browser, staff):
    answer = log_in(browser, staff.email.upper())
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_customers_do_not(browser, user, password):
    assert log_in(browser, user.email, password).status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_five_failures_lock_the_admins_login_too(browser, staff):
    for _ in range(5):
        log_in(browser, staff.email, "wrong")
    answer = log_in(browser, staff.email)
    assert (answer.status_code, "Too many failed attempts" in answer.content.decode()) == (200, True)
    assert browser.get("/admin/").status_code == 302


def test_an_account_is_found_by_the_beginning_of_its_address_without_counting(office, statements):
    UserFactory.create(email="Grace.Hopper@example.com")
    UserFactory.create(email="ada@example.com")
    page = office.get(LIST, {"q": "grace.h"}).content.decode()
    assert ("Grace.Hopper@example.com" in page, "ada@example.com" in page) == (True, False)
    assert not [query["sql"] for query in statements.captured_queries if "COUNT(" in query["sql"].upper()]


def test_finding_an_account_by_its_address_reads_the_index(db):
    searched = UserAdmin(User, admin.site).get_search_results(RequestFactory().get(LIST), User.objects.all(), "Ada")[0]
    with connection.cursor() as cursor:
        # Few rows would be read whole; what matters is that the index serves at all.
        cursor.execute("SET LOCAL enable_seqscan = off")
    for found in (searched, User.objects.with_email("Ada@example.com")):
        assert "user_email_once" in found.order_by().explain()


def test_an_account_is_shown_without_its_password_and_cannot_be_edited(office, user):
    page = office.get(f"{LIST}{user.id}/change/").content.decode()
    assert (user.email in page, "argon2" in page, 'name="email"' in page) == (True, False, False)
    assert office.post(f"{LIST}{user.id}/change/", {"email": "eve@example.com"}).status_code == 403
    assert office.post(f"{LIST}{user.id}/delete/", {"post": "yes"}).status_code == 403
    assert office.get(f"{LIST}add/").status_code == 403
    assert User.objects.filter(email=user.email).exists()


def test_staff_lock_an_account_and_let_it_in_again(office, user, sign_in):
    sign_in(user)
    assert "1 locked." in act(office, "lock", user).content.decode()
    assert not User.objects.get(id=user.id).is_active
    assert RefreshSession.objects.get().revoked_at is not None
    assert "1 unlocked." in act(office, "unlock", user).content.decode()
    assert User.objects.get(id=user.id).is_active


def test_nobody_locks_himself_out(office, staff):
    act(office, "lock", staff)
    assert User.objects.get().is_active


def test_staff_without_the_right_cannot_lock_and_no_owner_either(browser, user):
    clerk = StaffFactory.create(is_superuser=False)
    browser.force_login(clerk)
    assert act(browser, "lock", user).status_code == 403
    assert User.objects.get(id=user.id).is_active


def test_a_locked_member_of_staff_is_out_at_once(office, staff):
    accounts.lock(user_ids=[staff.id])
    assert office.get("/admin/").status_code == 302
