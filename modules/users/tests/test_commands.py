import json
from io import StringIO

import pytest
from django.core.management import call_command

from modules.users import tasks
from modules.users.logic import signing_keys
from modules.users.models import RefreshSession, SigningKey, User
from modules.users.tests.factories import PASSWORD


def rotate(*arguments: str) -> str:
    output = StringIO()
    call_command("rotate_keys", *arguments, stdout=output)
    return output.getvalue()


def test_rotating_announces_a_second_key(db):
    first = signing_keys.signing_key()
    answer = json.loads(rotate("--format", "json"))
    assert answer["rotated"] is True
    assert [(key["state"], key["algorithm"]) for key in answer["keys"]] == [
        ("signing", "EdDSA"),
        ("announced", "EdDSA"),
    ]
    assert answer["keys"][0]["kid"] == str(first.kid)
    assert SigningKey.objects.count() == 2


def test_rotating_twice_says_that_one_is_under_way(db):
    rotate()
    assert "signing" in rotate()
    assert "a new key is announced already" in rotate()
    assert SigningKey.objects.count() == 2


def test_a_dry_run_shows_the_keys_and_changes_nothing(db):
    first = signing_keys.signing_key()
    text = rotate("--dry-run")
    assert text.startswith(f"{first.kid}  EdDSA  signing")
    assert "Nothing was changed" in text
    assert json.loads(rotate("--dry-run", "--format", "json"))["rotated"] is False
    assert SigningKey.objects.get().retired_at is None


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_shop_without_a_key_is_no_trouble(db, arguments):
    rotate(*arguments)
    assert SigningKey.objects.count() == (0 if arguments else 1)


def test_the_first_member_of_staff_is_made_by_createsuperuser(db, monkeypatch, sign_in):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", "--email", "Owner@example.com", stdout=StringIO())
    owner = User.objects.get()
    assert (owner.email, owner.is_staff, owner.is_superuser) == ("Owner@example.com", True, True)
    assert sign_in(owner).access


def test_the_hourly_task_forgets_what_has_expired(user, sign_in, clock):
    sign_in(user)
    signing_keys.rotate()
    clock.shift(15 * 24 * 3600)
    tasks.forget_old_rows()
    assert (RefreshSession.objects.count(), SigningKey.objects.count()) == (0, 1)
