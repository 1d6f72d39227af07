"""A password that was hashed in an older way is hashed anew when its owner signs in; nothing else comes of it."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from modules.users.contracts import LinkPurpose
from modules.users.logic import links, password_changes, passwords
from modules.users.models import RefreshSession, User
from modules.users.tests.factories import PASSWORD, StaffFactory, UserFactory

NEW = "another battery staple"


def hashed_of_old() -> str:
    return PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)


def reset(user: User, network: str) -> None:
    token = links.make_token(User.objects.get(id=user.id), LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password=NEW, network=network)


def sign_in_to_the_admin(user: User, network: str) -> int:
    body = {"username": user.email, "password": PASSWORD}
    return Client(REMOTE_ADDR=network).post("/admin/login/?next=/admin/", body).status_code


def test_signing_in_hashes_an_old_one_anew(db, sign_in):
    user = UserFactory.create(password=hashed_of_old())
    assert sign_in(user).refresh
    kept = User.objects.get()
    assert (kept.password.startswith("argon2$"), kept.check_password(PASSWORD)) == (True, True)


def test_signing_in_to_the_admin_does_so_too(db, network):
    clerk = StaffFactory.create(password=hashed_of_old())
    assert sign_in_to_the_admin(clerk, network) == 302
    assert User.objects.get().password.startswith("argon2$")


@pytest.mark.parametrize("way", ["api", "admin"])
def test_a_reset_meanwhile_is_not_undone(db, network, sign_in, monkeypatch, way):
    user = StaffFactory.create(password=hashed_of_old())
    look = PBKDF2PasswordHasher.verify

    def looked_at_while_it_is_reset(hasher: PBKDF2PasswordHasher, password: str, encoded: str) -> bool:
        monkeypatch.setattr(PBKDF2PasswordHasher, "verify", look)
        reset(user, network)
        return look(hasher, password, encoded)

    monkeypatch.setattr(PBKDF2PasswordHasher, "verify", looked_at_while_it_is_reset)
    if way == "api":
        with pytest.raises(Exception, match="No account has"):
            sign_in(user)
    else:
        sign_in_to_the_admin(user, network)
    kept = User.objects.get()
    assert passwords.matches(NEW, kept)
    assert not passwords.matches(PASSWORD, kept)
    assert RefreshSession.objects.count() == 0
