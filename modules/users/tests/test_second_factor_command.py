import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from modules.users.models import RecoveryCode, SecondFactor, User
from modules.users.tests.authenticator import Authenticator, offered, switched_on


def reset(email: str, *options: str) -> str:
    output = StringIO()
    call_command("second_factor", "reset", email, *options, stdout=output)
    return output.getvalue()


@pytest.fixture
def app(clock, user, network) -> Authenticator:
    return switched_on(user, network)


def test_resetting_lets_the_account_do_without(app, user, sign_in):
    assert reset(user.email.upper()) == f"{user.id} has no second factor any more, and no session.\n"
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert sign_in(user).access


def test_a_dry_run_says_what_there_is_and_changes_nothing(app, user):
    said = f"Nothing was changed: the second factor of {user.id} is on since 2026-11-23T12:00:00+00:00.\n"
    assert reset(user.email, "--dry-run") == said
    assert User.objects.get().second_factor_at is not None
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (1, 10)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_account_without_one_is_no_trouble(user, options):
    assert reset(user.email, *options) == f"Nothing was changed: {user.id} has no second factor.\n"


def test_one_that_was_only_offered_goes_too(clock, user, network):
    offered(user, network)
    answer = json.loads(reset(user.email, "--format", "json"))
    assert answer == {"user_id": str(user.id), "was_enabled": False, "enabled_at": None, "reset": True}
    assert SecondFactor.objects.count() == 0


def test_programs_read_json(app, user):
    expected = {"user_id": str(user.id), "was_enabled": True, "enabled_at": "2026-11-23T12:00:00+00:00"}
    assert json.loads(reset(user.email, "--dry-run", "--format", "json")) == expected | {"reset": False}
    assert json.loads(reset(user.email, "--format", "json")) == expected | {"reset": True}


def test_an_unknown_address_fails(app):
    with pytest.raises(CommandError, match="There is no account with this e-mail address"):
        reset("nobody@example.com")
    assert SecondFactor.objects.count() == 1


def test_neither_answer_nor_log_holds_anything_secret(app, user, caplog):
    caplog.set_level("DEBUG")
    said = reset(user.email) + caplog.text
    assert "second_factor_reset" in said
    for secret in (app.secret, user.email, *app.recovery_codes):
        assert secret not in said
