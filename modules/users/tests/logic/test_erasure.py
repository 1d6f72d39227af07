from datetime import timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models

from ecommerce.kernel.clock import now
from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import at_once
from modules.users import service
from modules.users.logic import accounts, erasure, passwords
from modules.users.logic.erasure import LastSuperuser
from modules.users.logic.reauthentication import WrongPassword
from modules.users.logic.tokens import InvalidToken
from modules.users.models import Farewell, RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory


def erase(user, network="192.0.2.1"):
    erasure.erase(user_id=user.id, password=PASSWORD, network=network)


def announced():
    return list(OutboxEvent.objects.order_by("position").values_list("name", "aggregate_id"))


def log_entry(by, about):
    return LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(about.id),
        object_repr=str(about),
        action_flag=2,
        change_message="Locked Ada",
    )


def test_every_row_that_refers_to_the_user_is_gone_and_others_rows_stay(user, sign_in, network):
    other = UserFactory.create()
    sign_in(user), sign_in(other)
    user.groups.add(Group.objects.create(name="Warehouse"))
    user.user_permissions.add(Permission.objects.first())
    log_entry(user, other)

    erase(user, network)

    for relation in erasure.references_to_users():
        rows = relation.related_model._base_manager.filter(**{relation.field.attname: user.id})
        # The address that is told of it: test_farewells.py.
        assert not rows.exists() or relation.related_model is Farewell, relation
    assert RefreshSession.objects.get().user_id == other.id
    assert Group.objects.count() == 1
    other.refresh_from_db()
    assert (other.first_name, other.is_active, other.erased_at) == ("Ada", True, None)


def test_the_references_found_are_those_of_many_to_many_tables_too():
    tables = {relation.related_model._meta.db_table for relation in erasure.references_to_users()}
    assert {"users_refreshsession", "users_user_groups", "users_user_user_permissions", "django_admin_log"} <= tables


@pytest.mark.parametrize("relation", erasure.references_to_users(), ids=str)
def test_a_table_that_outlives_its_user_holds_nothing_personal(relation):
    """CASCADE goes with the user; what SET_NULL or PROTECT keeps must be free of personal data."""
    assert relation.on_delete in (models.CASCADE, models.SET_NULL, models.PROTECT)
    if relation.on_delete is not models.CASCADE:
        assert not relation.related_model.PERSONAL


def test_the_admins_log_no_longer_names_him(user, network):
    staff = StaffFactory.create()
    entry = log_entry(staff, user)
    erase(user, network)
    entry.refresh_from_db()
    assert (entry.object_repr, entry.change_message, entry.user_id) == ("", "", staff.id)


def test_erased_he_is_nobody_whom_unlocking_could_bring_back(user, network):
    erase(user, network)
    assert accounts.unlock(user_ids=[user.id]) == 0
    assert not User.objects.get().is_active
    with pytest.raises(InvalidToken):
        erase(user, network)
    assert announced() == [("users.UserErased", user.id)]
    assert service.get_contacts(ids=[user.id]) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_erases_and_both_are_answered(network):
    user = UserFactory.create()
    results = at_once(lambda: erase(user, network), lambda: erase(user, network))
    # Whoever comes when it is done already has no account any more.
    assert all(result is None or isinstance(result, InvalidToken) for result in results)
    assert None in results
    assert announced() == [("users.UserErased", user.id)]


@pytest.mark.django_db(transaction=True)
def test_of_the_last_two_superusers_who_leave_at_once_one_stays(network):
    owners = [StaffFactory.create(), StaffFactory.create()]
    results = at_once(*(partial(erase, owner, network) for owner in owners))
    assert sorted(type(result).__name__ for result in results) == ["LastSuperuser", "NoneType"]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_profile_at_the_same_time_leaves_nothing(network):
    for _ in range(3):
        user = UserFactory.create()
        at_once(partial(erase, user, network), partial(accounts.change_profile, user_id=user.id, first_name="Augusta"))
        user.refresh_from_db()
        assert (user.first_name, user.email) == ("", f"erased-{user.id}@erased.invalid")


@pytest.mark.django_db(transaction=True)
def test_whoever_signs_in_while_being_erased_has_no_session(sign_in, network):
    for _ in range(3):
        user = UserFactory.create()
        at_once(partial(sign_in, user), partial(erase, user, network))
        assert not user.sessions.exists()


def test_a_password_changed_while_the_old_one_was_looked_at_keeps_the_account(user, network, monkeypatch):
    def slow(password, owner):
        User.objects.filter(id=owner.id).update(password="another")
        return True

    monkeypatch.setattr(passwords, "matches", slow)
    with pytest.raises(WrongPassword):
        erase(user, network)
    assert User.objects.get().erased_at is None
    assert announced() == []


def test_a_superuser_who_was_locked_counts_for_nobody(network, db):
    owner = StaffFactory.create()
    StaffFactory.create(is_active=False)
    with pytest.raises(LastSuperuser):
        erase(owner, network)
    assert announced() == []


def test_the_erasure_is_announced_once_more_when_no_token_can_be_out_any_more(user, network, clock):
    erase(user, network)
    assert erasure.close_erased() == 0
    # As a request would that was under way: the row it refers to is still there.
    RefreshSession.objects.create(user=user, token_id=user.id, issued_at=now(), expires_at=now() + timedelta(days=14))
    clock.shift(timedelta(minutes=21))

    assert erasure.close_erased() == 1
    assert erasure.close_erased() == 0
    assert announced() == [("users.UserErased", user.id)] * 2
    assert not RefreshSession.objects.exists()
