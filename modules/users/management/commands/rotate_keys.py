"""`manage.py rotate_keys`: announce a new signing key, which takes over in five minutes."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from modules.users.logic import signing_keys

LINE = "{kid}  {algorithm}  {state:9}  made {created_at}  signs until {retired_at}"


class Command(BaseCommand):
    help = "Announce a new signing key; the old one signs for five minutes more, and its tokens stay valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show the keys and change nothing")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        rotated = not options["dry_run"] and signing_keys.rotate()
        keys = _described()
        if options["format"] == "json":
            self.stdout.write(json.dumps({"rotated": rotated, "keys": keys}, indent=2))
            return
        for key in keys:
            self.stdout.write(LINE.format(**key | {"retired_at": key["retired_at"] or "its own rotation"}))
        if not rotated:
            self.stdout.write(_why_not(keys))


def _why_not(keys: list[dict[str, str | None]]) -> str:
    if any(key["state"] == "announced" for key in keys):
        return "Nothing was changed: a new key is announced already, and takes over within five minutes."
    return "Nothing was changed: a new key would be announced, and sign from five minutes on."


def _described() -> list[dict[str, str | None]]:
    keys = signing_keys.list_keys()
    return [
        {
            "kid": str(key.kid),
            "algorithm": key.algorithm,
            "state": signing_keys.state_of(key, keys),
            "created_at": key.created_at.isoformat(),
            "retired_at": key.retired_at.isoformat() if key.retired_at else None,
        }
        for key in keys
    ]
