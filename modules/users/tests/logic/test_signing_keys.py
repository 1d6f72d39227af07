from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import OperationalError

from ecommerce.kernel import identity
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.testing import at_once
from modules.users.logic import diagnoses, sessions, signing_keys
from modules.users.models import SigningKey
from modules.users.tests.factories import UserFactory


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def published() -> list[str]:
    return [key["kid"] for key in signing_keys.public_keys()["keys"]]


def test_the_first_key_is_made_on_first_use_and_then_kept(db):
    key = signing_keys.signing_key()
    signing_keys.forget()
    assert signing_keys.signing_key() == key
    assert SigningKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_make_the_first_key_at_once_end_with_one():
    def as_a_new_process():
        return signing_keys._load()[0].kid

    results = at_once(*[as_a_new_process] * 4)
    assert set(results) == {SigningKey.objects.get().kid}


def test_the_private_key_is_encrypted_and_its_public_half_says_no_more_than_it_must(db):
    key = signing_keys.signing_key()
    row = SigningKey.objects.get()
    plain = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert plain[-32:] not in bytes(row.private_key)
    assert set(row.public_jwk) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert (row.public_jwk["kid"], row.public_jwk["alg"]) == (str(row.kid), "EdDSA")


def test_tokens_are_verified_by_the_kernel_alone_without_a_query(user, sign_in, django_assert_num_queries):
    token = sign_in(user).access
    identity.verify(token)
    with django_assert_num_queries(0):
        assert identity.verify(token).id == user.id


def test_tokens_are_verified_from_the_published_set_as_another_module_would(user, sign_in):
    token = sign_in(user).access
    document = signing_keys.public_keys()
    keys = identity.KeySet(lambda: document)
    key = keys.find(kid_of(token))
    assert key is not None
    assert jwt.decode(token, key.key, algorithms=["EdDSA"], audience="shop", issuer="shop")["sub"] == str(user.id)


def test_rs256_serves_by_setting_and_the_other_algorithms_tokens_are_refused(user, sign_in, settings):
    old = sign_in(user).access
    settings.JWT_ALGORITHM = "RS256"
    signing_keys.forget()
    identity.forget_keys()
    new = sign_in(user).access
    assert jwt.get_unverified_header(new)["alg"] == "RS256"
    assert identity.verify(new).id == user.id
    with pytest.raises(identity.BadToken):
        identity.verify(old)


def test_a_rotation_announces_a_key_that_signs_five_minutes_later(user, sign_in, clock):
    before = kid_of(sign_in(user).access)
    signing_keys.rotate()
    assert kid_of(sign_in(user).access) == before
    assert len(published()) == 2
    clock.shift(301)
    after = kid_of(sign_in(user).access)
    assert after != before
    assert set(published()) == {before, after}


def test_tokens_of_the_old_key_hold_until_they_expire(user, sign_in, clock):
    sign_in(user)
    signing_keys.rotate()
    clock.shift(299)
    pair = sign_in(user)
    clock.shift(timedelta(minutes=9))
    identity.forget_keys()
    assert identity.verify(pair.access).id == user.id
    clock.shift(timedelta(minutes=3))
    assert kid_of(pair.access) not in published()
    clock.shift(timedelta(days=13))
    assert sessions.refresh(token=pair.refresh).access


@pytest.mark.django_db(transaction=True)
def test_two_rotations_at_once_are_one(sign_in):
    sign_in(UserFactory.create())
    results = at_once(signing_keys.rotate, signing_keys.rotate)
    assert sorted(results) == [False, True]
    assert SigningKey.objects.count() == 2
    assert SigningKey.objects.filter(retired_at=None).count() == 1


def test_a_rotation_during_a_rotation_changes_nothing_and_later_goes_on(user, sign_in, clock):
    seen = [kid_of(sign_in(user).access)]
    assert signing_keys.rotate() is True
    clock.shift(299)
    assert signing_keys.rotate() is False
    assert len(published()) == 2
    for _ in range(2):
        clock.shift(301)
        seen.append(kid_of(sign_in(user).access))
        signing_keys.rotate()
    assert seen == published()[:3]
    assert len(set(seen)) == 3


def test_retired_keys_are_forgotten_when_no_token_of_theirs_lives(db, clock):
    signing_keys.signing_key()
    signing_keys.rotate()
    clock.shift(timedelta(days=14))
    assert signing_keys.forget_retired() == 0
    clock.shift(timedelta(minutes=7))
    assert signing_keys.forget_retired() == 1
    assert SigningKey.objects.get().retired_at is None


def test_under_another_encryption_key_nobody_signs_in_but_tokens_still_verify(user, sign_in, settings):
    token = sign_in(user).access
    settings.JWT_KEY_ENCRYPTION_KEY = "another"
    signing_keys.forget()
    identity.forget_keys()
    with pytest.raises(Unavailable):
        sign_in(user)
    assert identity.verify(token).id == user.id
    assert SigningKey.objects.count() == 1


def test_the_keys_of_before_serve_while_the_database_does_not_answer(user, sign_in, clock, monkeypatch):
    token = sign_in(user).access

    def down():
        raise OperationalError("down")

    monkeypatch.setattr(signing_keys, "list_keys", down)
    clock.shift(31)
    identity.forget_keys()
    assert identity.verify(token).id == user.id
    signing_keys.forget()
    with pytest.raises(OperationalError):
        signing_keys.public_keys()


def test_the_doctor_names_keys_that_cannot_be_decrypted(db, settings):
    assert diagnoses.signing_keys_readable() is None
    kid = signing_keys.signing_key().kid
    assert diagnoses.signing_keys_readable() is None
    settings.JWT_KEY_ENCRYPTION_KEY = "another"
    assert str(diagnoses.signing_keys_readable()).startswith(f"{kid} cannot be decrypted: set JWT_KEY_ENCRYPTION_KEY")
