"""Staff's own new password, chosen in the admin: under the same rules as in the API."""

import pytest
from django.contrib.auth.forms import SetPasswordMixin
from django.test import Client

from modules.users.logic import accounts
from modules.users.models import RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory

PAGE = "/admin/password_change/"
NEW = "another battery staple"


@pytest.fixture
def staff(db) -> User:
    return StaffFactory.create()


@pytest.fixture
def office(staff: User, network) -> Client:
    browser = Client(REMOTE_ADDR=network)
    browser.force_login(staff)
    return browser


def change(office: Client, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return office.post(PAGE, {"old_password": old, "new_password1": new, "new_password2": again})


def test_it_ends_every_session_of_the_api_tells_the_owner_and_keeps_this_one(office, staff, sign_in, outbox):
    sign_in(staff)
    assert change(office).status_code == 302
    assert User.objects.get().check_password(NEW)
    assert RefreshSession.objects.filter(revoked_at=None).count() == 0
    assert outbox() == [("PasswordChanged", staff.id)]
    assert office.get("/admin/").status_code == 200


def test_a_wrong_present_password_counts_as_a_failure_and_five_lock(office, outbox):
    for _ in range(5):
        assert "This is not the account&#x27;s password." in change(office, old="wrong").content.decode()
    assert "Too many failed attempts" in change(office).content.decode()
    assert User.objects.get().check_password(PASSWORD)
    assert outbox() == []


@pytest.mark.parametrize(("new", "again"), [("12345678", "12345678"), (NEW, "something else entirely")])
def test_a_weak_or_misspelt_one_is_refused_and_changes_nothing(office, new, again, outbox):
    assert change(office, new=new, again=again).status_code == 200
    assert User.objects.get().check_password(PASSWORD)
    assert outbox() == []


def test_somebody_who_is_locked_meanwhile_stays_locked(office, staff, monkeypatch):
    checked = SetPasswordMixin.validate_password_for_user

    def locked_meanwhile(form, user, field):
        accounts.lock(user_ids=[staff.id])
        checked(form, user, field)

    monkeypatch.setattr(SetPasswordMixin, "validate_password_for_user", locked_meanwhile)
    change(office)
    kept = User.objects.get()
    assert (kept.is_active, kept.check_password(PASSWORD)) == (False, True)
