import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from ecommerce.kernel.db import atomic
from modules.users.logic import sessions, signing_keys
from modules.users.logic.invariants import INVARIANTS
from modules.users.models import RecoveryCode, RefreshSession, SecondFactor, SigningKey, User
from modules.users.tests.authenticator import switched_on
from modules.users.tests.factories import UserFactory


def broken() -> list[str]:
    names = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            if cursor.fetchall():
                names.append(invariant.name)
    return names


def test_a_shop_in_use_breaks_none(user, sign_in):
    sessions.refresh(token=sign_in(user).refresh)
    signing_keys.rotate()
    assert broken() == []


def test_a_locked_user_with_an_open_session_is_found(user, sign_in):
    sign_in(user)
    User.objects.update(is_active=False)
    assert broken() == ["a locked user has no open session"]


def test_an_algorithm_whose_keys_are_all_retired_is_found(db):
    signing_keys.signing_key()
    SigningKey.objects.update(retired_at=F("created_at") + signing_keys.ANNOUNCED)
    assert broken() == ["each algorithm that has keys has exactly one that is not retired"]


def test_a_current_token_among_the_replaced_is_found(user, sign_in):
    sign_in(user)
    RefreshSession.objects.update(replaced=[{"id": str(RefreshSession.objects.get().token_id)}])
    assert broken() == ["a session remembers no token as replaced that is its current one"]


def test_who_is_asked_for_a_second_factor_and_has_none_is_found(user, network):
    switched_on(user, network)
    assert broken() == []
    SecondFactor.objects.all().delete()
    assert broken() == ["whoever is asked for a second factor has one"]


def test_recovery_codes_of_who_has_no_second_factor_are_found(user, network):
    switched_on(user, network)
    User.objects.update(second_factor_at=None)
    assert broken() == ["nobody has recovery codes without a second factor"]


def test_the_database_refuses_what_must_not_be(user, sign_in, network):
    sign_in(user)
    switched_on(user, network)
    refused = [
        lambda: UserFactory.create(email=user.email.title()),
        lambda: UserFactory.create(email=""),
        lambda: RefreshSession.objects.update(expires_at=F("issued_at")),
        lambda: SigningKey.objects.update(algorithm="none"),
        lambda: SigningKey.objects.update(retired_at=F("created_at")),
        lambda: SigningKey.objects.create(algorithm="EdDSA", private_key=b"", public_jwk={}),
        lambda: SecondFactor.objects.create(user=user, secret=b""),
        lambda: SecondFactor.objects.update(failures=1, failed_at=None),
        lambda: RecoveryCode.objects.create(user=user, digest=RecoveryCode.objects.values_list("digest")[0][0]),
    ]
    for write in refused:
        with pytest.raises(IntegrityError), atomic(User):
            write()
