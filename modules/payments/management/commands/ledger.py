"""`manage.py ledger balance|statement`: the books, for people and programs."""

import csv
import io
import json
import sys
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from ecommerce.kernel import console
from modules.payments.logic.statements import (
    Balance,
    Line,
    Selection,
    read_balances,
    read_opening,
    read_statement,
    trial_balance,
)

AMOUNTS = frozenset(("debit", "credit", "balance"))


class Command(BaseCommand):
    help = "Show the ledger: what stands in each account, or every entry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["balance", "statement"])
        parser.add_argument("--order", type=UUID, help="only what belongs to this order (its id)")
        parser.add_argument("--account", help="only this account, such as customer_deposits")
        parser.add_argument(
            "--from", dest="since", type=console.instant, help="posted from then on: 2026-11-01, or an instant"
        )
        parser.add_argument("--to", dest="until", type=console.instant, help="until then, not included")
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, then write in the form that was asked for."""
        selected = Selection(
            order_id=options["order"], account=options["account"], since=options["since"], until=options["until"]
        )
        if options["what"] == "balance":
            columns, found = fields(Balance), [asdict(balance) for balance in read_balances(selected)]
        else:
            opening = [_opening(balance, selected) for balance in read_opening(selected)]
            columns, found = fields(Line), [*opening, *(_plain(line) for line in read_statement(selected))]
        write = {"table": _table, "json": _json, "csv": _csv}[options["format"]]
        self.stdout.write(write([column.name for column in columns], found))
        if options["what"] == "balance" and options["format"] == "table":
            self._show_trial_balance(selected)

    def _show_trial_balance(self, selected: Selection) -> None:
        sums = ", ".join(f"{amount} {currency}" for currency, amount in trial_balance(selected).items())
        if sums:
            self.stdout.write(f"All in all: {sums}.")


def _opening(balance: Balance, selected: Selection) -> dict[str, Any]:
    """What stood there when the period began, as a statement's line."""
    is_debit = not balance.balance.startswith("-")
    amount = balance.balance.removeprefix("-")
    return {
        "posted_at": _utc(selected.since) if selected.since else "",
        "posting": "opening balance",
        "account": balance.account,
        "debit": amount if is_debit else None,
        "credit": None if is_debit else amount,
        "currency": balance.currency,
    }


def _plain(line: Line) -> dict[str, Any]:
    return asdict(line) | {"posted_at": _utc(line.posted_at)}


def _utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _json(names: list[str], rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, indent=2)


def _csv(names: list[str], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _table(names: list[str], rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Nothing is posted."
    table = Table()
    for name in names:
        table.add_column(name.replace("_", " "), justify="right" if name in AMOUNTS else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(row[name] or "" for name in names))
    # What is piped somewhere is not cut to the width of a terminal.
    console = Console(file=io.StringIO(), width=None if sys.stdout.isatty() else 200)
    with console.capture() as written:
        console.print(table)
    return written.get().rstrip("\n")
