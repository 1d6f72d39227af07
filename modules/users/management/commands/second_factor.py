"""`manage.py second_factor reset EMAIL`: for who lost the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ecommerce.kernel import console
from modules.users.logic import enrolment
from modules.users.models import User


class Command(BaseCommand):
    help = "Let an account do without its second factor, and end its sessions. Make sure first who asks for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("reset",))
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="say what there is and change nothing")
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = _account(options["email"])
        reset = not options["dry_run"] and enrolment.reset(user_id=user.id)
        answer = {
            "user_id": str(user.id),
            "was_enabled": user.second_factor_at is not None,
            "enabled_at": user.second_factor_at.isoformat() if user.second_factor_at else None,
            "reset": reset,
        }
        if options["format"] == "json":
            console.show_json(self.stdout, answer)
            return
        console.show_line(self.stdout, _said(answer, dry_run=options["dry_run"]))


def _account(email: str) -> User:
    try:
        return enrolment.find_account(email=email)
    except enrolment.NoSuchAccount as refusal:
        raise CommandError(refusal.detail) from refusal


def _said(answer: dict[str, Any], *, dry_run: bool) -> str:
    if answer["reset"]:
        return f"{answer['user_id']} has no second factor any more, and no session."
    if dry_run and answer["was_enabled"]:
        return f"Nothing was changed: the second factor of {answer['user_id']} is on since {answer['enabled_at']}."
    return f"Nothing was changed: {answer['user_id']} has no second factor."
