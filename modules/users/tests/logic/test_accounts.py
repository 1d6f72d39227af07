import pytest

from ecommerce.kernel import denials
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import at_once
from modules.users.logic import accounts, sessions
from modules.users.logic.accounts import EmailTaken
from modules.users.logic.passwords import WeakPassword
from modules.users.logic.tokens import InvalidToken
from modules.users.models import User
from modules.users.tests.factories import PASSWORD, UserFactory


def test_registering_opens_an_account_and_announces_it(db):
    user = accounts.register(email="Ada@Example.com", password=PASSWORD, first_name="Ada", language="de")
    kept = User.objects.get()
    assert (kept.id, kept.email, kept.first_name, kept.language) == (user.id, "Ada@Example.com", "Ada", "de")
    assert (kept.is_staff, kept.is_superuser, kept.is_active, kept.email_verified) == (False, False, True, False)
    registered, wanted = OutboxEvent.objects.order_by("position")
    assert (registered.name, registered.aggregate_id, registered.payload) == (
        "users.UserRegistered",
        user.id,
        {"user_id": str(user.id)},
    )
    assert (wanted.name, wanted.aggregate_id) == ("users.EmailVerificationRequested", user.id)


def test_an_address_that_is_known_to_be_the_owners_needs_no_mail(db):
    accounts.register(email="ada@example.com", password=PASSWORD, email_verified=True)
    assert [event.name for event in OutboxEvent.objects.all()] == ["users.UserRegistered"]


def test_a_password_is_kept_as_an_argon2_hash_of_owasps_size(db):
    user = accounts.register(email="ada@example.com", password=PASSWORD)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in user.password


def test_an_address_that_has_an_account_is_refused_in_any_case_and_nothing_changes(user):
    with pytest.raises(EmailTaken) as refusal:
        accounts.register(email=user.email.upper(), password=PASSWORD)
    assert refusal.value.details == {
        "errors": [
            {"field": "email", "code": "email_taken", "detail": "There is an account with this e-mail address already."}
        ]
    }
    assert list(User.objects.values_list("email", flat=True)) == [user.email]
    assert OutboxEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short1!", "password_too_short"),
        ("password1", "password_too_common"),
        ("2874619305", "password_entirely_numeric"),
        ("lovelace@example.com", "password_too_similar"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason_and_no_account_is_opened(db, password, code):
    with pytest.raises(WeakPassword) as refusal:
        accounts.register(email="lovelace@example.com", password=password)
    assert [(reason["field"], reason["code"]) for reason in refusal.value.details["errors"]] == [("password", code)]
    assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_one_address_at_once_exactly_one_has_it():
    results = at_once(
        lambda: accounts.register(email="ada@example.com", password=PASSWORD),
        lambda: accounts.register(email="ADA@EXAMPLE.COM", password=PASSWORD),
    )
    assert sorted(type(result).__name__ for result in results) == ["EmailTaken", "User"]
    assert User.objects.count() == 1
    assert OutboxEvent.objects.filter(name="users.UserRegistered").count() == 1


def test_the_profile_of_a_locked_account_is_refused(user):
    accounts.lock(user_ids=[user.id])
    with pytest.raises(InvalidToken):
        accounts.get_profile(user_id=user.id)
    with pytest.raises(InvalidToken):
        accounts.change_profile(user_id=user.id, first_name="Eve")
    assert User.objects.get().first_name == "Ada"


def test_locking_ends_every_session_and_keeps_the_user_out_until_unlocked(user, sign_in):
    pair = sign_in(user)
    other = UserFactory.create()
    others_pair = sign_in(other)

    assert accounts.lock(user_ids=[user.id]) == 1
    assert accounts.lock(user_ids=[user.id]) == 0
    with pytest.raises(sessions.TokenRevoked):
        sessions.refresh(token=pair.refresh)
    with pytest.raises(sessions.InvalidCredentials):
        sign_in(user)
    assert sessions.refresh(token=others_pair.refresh).refresh != others_pair.refresh

    assert accounts.unlock(user_ids=[user.id]) == 1
    assert sign_in(user).access
    with pytest.raises(sessions.TokenRevoked):
        sessions.refresh(token=pair.refresh)


@pytest.mark.django_db(transaction=True)
def test_whoever_signs_in_while_being_locked_is_left_without_a_session(sign_in):
    user = UserFactory.create()
    for _ in range(3):
        accounts.unlock(user_ids=[user.id])
        result, _ = at_once(lambda: sign_in(user), lambda: accounts.lock(user_ids=[user.id]))
        assert not user.sessions.filter(revoked_at=None).exists()
        if not isinstance(result, ServiceError):
            with pytest.raises(sessions.TokenRevoked):
                sessions.refresh(token=result.refresh)


def test_a_locked_users_access_tokens_are_refused_until_he_is_unlocked(user):
    accounts.lock(user_ids=[user.id])
    assert denials.is_denied(user.id)
    accounts.unlock(user_ids=[user.id])
    assert not denials.is_denied(user.id)
