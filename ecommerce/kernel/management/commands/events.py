"""`manage.py events list|replay`: events and durable steps that were tried in vain."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from ecommerce.kernel import console, parked


class Command(BaseCommand):
    help = "Show the parked events (or, with --steps, the parked steps), or give them another round of attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "replay"))
        parser.add_argument("--steps", action="store_true", help="durable steps instead of events")
        parser.add_argument("--id", dest="ids", action="append", help="only this one; may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what replay would do, and do nothing")
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        kind = "steps" if options["steps"] else "events"
        ids = _ids(options["ids"], kind)
        find, replay = _KINDS[kind]
        rows = [_row(found) for found in find(ids)]
        answer: dict[str, Any] = {"parked": rows}
        if options["action"] == "replay":
            answer["replayed"] = 0 if options["dry_run"] else replay(ids)
        self._show(answer, kind, options["format"])

    def _show(self, answer: dict[str, Any], kind: str, form: str) -> None:
        if form == "json":
            console.show_json(self.stdout, answer)
            return
        console.show_table(self.stdout, f"Parked {kind}", answer["parked"], empty=f"No {kind} are parked.")
        if "replayed" in answer:
            console.show_line(self.stdout, f"{answer['replayed']} to be tried again")


_KINDS: dict[str, Any] = {
    "events": (parked.parked_events, parked.replay_events),
    "steps": (parked.parked_steps, parked.replay_steps),
}


def _ids(given: list[str] | None, kind: str) -> list[Any] | None:
    if given is None:
        return None
    read = UUID if kind == "events" else int
    try:
        return [read(one) for one in given]
    except ValueError as error:
        raise CommandError(f"events have UUIDs as ids, steps have numbers (--steps): {error}") from error


def _row(found: parked.Parked) -> dict[str, object]:
    return found._asdict() | {"since": found.since.isoformat(timespec="seconds")}
