"""`manage.py notifications list|replay`: messages that were tried in vain."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from ecommerce.kernel import console
from modules.notifications.logic.parked import parked_messages, replay
from modules.notifications.models import Message


class Command(BaseCommand):
    help = "Show the messages that were tried in vain, or give them another round of attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "replay"))
        parser.add_argument("--id", dest="ids", type=UUID, action="append", help="only this message; may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what replay would do, and do nothing")
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        ids = options["ids"]
        rows = [_row(message) for message in parked_messages(ids)]
        replayed = None
        if options["action"] == "replay":
            replayed = 0 if options["dry_run"] else replay(ids)
        if options["format"] == "json":
            console.show_json(self.stdout, {"parked": rows} | ({} if replayed is None else {"replayed": replayed}))
            return
        console.show_table(self.stdout, "Parked messages", rows, empty="No message is parked.")
        if replayed is not None:
            console.show_line(self.stdout, f"{replayed} to be sent again")


def _row(message: Message) -> dict[str, object]:
    # No address: this may end in a log or a ticket.
    attempts = sorted(message.deliveries.all(), key=lambda delivery: delivery.pk)
    return {
        "id": message.pk,
        "topic": message.topic,
        "about": message.reference_id,
        "attempts": len(attempts),
        "last code": attempts[-1].code if attempts else "",
        "written at": message.created_at.isoformat(timespec="seconds"),
    }
