"""Whose account a person is, and above all whose not."""

from dataclasses import replace

import pytest

from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import at_once
from modules.users.logic import accounts, identities, sessions
from modules.users.logic.identities import AccountExists, EmailMissing
from modules.users.logic.openid.claims import Person
from modules.users.logic.sessions import InvalidCredentials, TokenRevoked
from modules.users.models import Identity, RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory

ADA = Person(
    provider="home",
    issuer="https://login.example",
    subject="ada-1815",
    email="Ada@Example.com",
    vouched=True,
    first_name="Ada",
    last_name="Lovelace",
    language="de",
    multi_factor=False,
)
UNVOUCHED = replace(ADA, vouched=False)


def identify_with(user: User, subject: str = "eve-1", issuer: str = "https://login.example") -> Identity:
    return Identity.objects.create(user=user, provider="home", issuer=issuer, subject=subject)


def announced() -> list[str]:
    return list(OutboxEvent.objects.order_by("position").values_list("name", flat=True))


def test_a_stranger_gets_an_account_with_what_the_provider_tells(db):
    user = identities.recognise(ADA)
    user.refresh_from_db()
    assert (user.email, user.email_verified, user.language) == ("Ada@Example.com", True, "de")
    assert (user.first_name, user.last_name, user.phone) == ("Ada", "Lovelace", "")
    assert (user.is_staff, user.accepts_marketing, user.has_usable_password()) == (False, False, False)
    identity = Identity.objects.get()
    assert (identity.user_id, identity.provider) == (user.id, "home")
    assert (identity.issuer, identity.subject) == (ADA.issuer, ADA.subject)
    assert announced() == ["users.UserRegistered", "users.EmailVerified"]


def test_a_strangers_address_stays_unverified_where_nobody_vouches_for_it(db):
    user = identities.recognise(UNVOUCHED)
    assert user.email_verified is False
    assert announced() == ["users.UserRegistered", "users.EmailVerificationRequested"]


def test_a_known_person_is_found_whatever_has_become_of_the_address(db):
    user = identities.recognise(ADA)
    changed = replace(ADA, email="another@example.com", vouched=False, first_name="Eve")
    assert identities.recognise(changed) == user
    assert identities.recognise(replace(ADA, email="")) == user
    user.refresh_from_db()
    assert (user.email, user.first_name) == ("Ada@Example.com", "Ada")
    assert Identity.objects.count() == 1


def test_the_same_subject_of_another_issuer_is_another_person(db):
    user = identities.recognise(ADA)
    other = replace(ADA, issuer="https://evil.example", email="eve@example.com")
    assert identities.recognise(other) != user
    assert User.objects.count() == 2


def test_without_an_address_there_is_no_account(db):
    with pytest.raises(EmailMissing):
        identities.recognise(replace(ADA, email="", vouched=False))
    assert (User.objects.count(), announced()) == (0, [])


def test_a_verified_account_is_linked_and_goes_on_as_it_was(sign_in, db):
    owner = UserFactory.create(email="ada@example.com", email_verified=True, phone="+1", first_name="Augusta")
    pair = sign_in(owner)
    assert identities.recognise(ADA) == owner
    owner.refresh_from_db()
    assert (owner.first_name, owner.phone, owner.check_password(PASSWORD)) == ("Augusta", "+1", True)
    assert sessions.refresh(token=pair.refresh).access
    assert Identity.objects.get().user == owner
    assert announced() == []


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_is_not_linked_where_nobody_vouches_for_the_address(db, verified):
    owner = UserFactory.create(email="ada@example.com", email_verified=verified)
    with pytest.raises(AccountExists):
        identities.recognise(UNVOUCHED)
    assert list(User.objects.values_list("id", "email_verified", "password")) == [(owner.id, verified, owner.password)]
    assert (Identity.objects.count(), announced()) == (0, [])


def test_an_account_under_an_address_that_nobody_verified_is_taken_from_who_may_have_opened_it(sign_in, db):
    """Pre-hijacking: neither the attacker's password, session nor identity outlives the owner's arrival."""
    account = UserFactory.create(email="ada@example.com", first_name="Eve", phone="+666")
    attackers, identity = sign_in(account), identify_with(account)
    assert identities.recognise(ADA) == account
    account.refresh_from_db()
    assert (account.email_verified, account.has_usable_password()) == (True, False)
    assert (account.first_name, account.last_name, account.phone) == ("Ada", "Lovelace", "")
    with pytest.raises(TokenRevoked):
        sessions.refresh(token=attackers.refresh)
    with pytest.raises(InvalidCredentials):
        sign_in(account)
    assert list(Identity.objects.values_list("subject", flat=True)) == ["ada-1815"]
    assert not Identity.objects.filter(id=identity.id).exists()
    assert announced() == ["users.EmailVerified"]


def test_staff_rights_are_not_given_with_an_address_that_nobody_verified(db):
    staff = StaffFactory.create(email="ada@example.com")
    with pytest.raises(AccountExists):
        identities.recognise(ADA)
    staff.refresh_from_db()
    assert (staff.email_verified, staff.check_password(PASSWORD)) == (False, True)
    assert Identity.objects.count() == 0


@pytest.mark.parametrize("verified", [True, False])
def test_a_locked_account_is_neither_linked_nor_taken_over(db, verified):
    locked = UserFactory.create(email="ada@example.com", email_verified=verified, is_active=False)
    with pytest.raises(InvalidCredentials):
        identities.recognise(ADA)
    locked.refresh_from_db()
    assert (locked.is_active, locked.email_verified, locked.check_password(PASSWORD)) == (False, verified, True)
    assert Identity.objects.count() == 0


def test_recognising_a_known_person_takes_one_statement(db, django_assert_num_queries):
    identities.recognise(ADA)
    with django_assert_num_queries(1):
        identities.recognise(ADA)


@pytest.mark.django_db(transaction=True)
def test_one_person_at_once_from_two_providers_ends_with_one_account():
    elsewhere = replace(ADA, provider="work", issuer="https://work.example", subject="1")
    users = at_once(lambda: identities.recognise(ADA), lambda: identities.recognise(elsewhere))
    assert users == [User.objects.get()] * 2
    assert Identity.objects.count() == 2
    assert announced() == ["users.UserRegistered", "users.EmailVerified"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_who_registers_the_address_at_that_moment_does_not_stay_in_the_account(attempt):
    user, _ = at_once(
        lambda: identities.recognise(ADA), lambda: accounts.register(email="ada@example.com", password=PASSWORD)
    )
    user.refresh_from_db()
    assert (user.email_verified, user.has_usable_password()) == (True, False)
    assert list(User.objects.all()) == [user]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_who_signs_in_with_the_old_password_during_a_takeover_is_left_without_a_session(sign_in, attempt):
    account = UserFactory.create(email="ada@example.com")
    at_once(lambda: sign_in(account), lambda: identities.recognise(ADA))
    assert not RefreshSession.objects.filter(user=account, revoked_at=None).exists()


def test_who_was_recognised_just_before_a_takeover_is_left_without_a_session(db):
    account = UserFactory.create(email="ada@example.com")
    identify_with(account)
    eve = identities.recognise(replace(ADA, subject="eve-1", email="eve@example.com"))
    identities.recognise(ADA)
    with pytest.raises(InvalidCredentials):
        sessions.begin(user=eve, network="x")
    assert RefreshSession.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_owners_identities_at_once_take_an_account_over_once():
    account = UserFactory.create(email="ada@example.com")
    elsewhere = replace(ADA, issuer="https://work.example")
    users = at_once(lambda: identities.recognise(ADA), lambda: identities.recognise(elsewhere))
    assert users == [account, account]
    assert Identity.objects.filter(user=account).count() == 2
    assert announced() == ["users.EmailVerified"]
