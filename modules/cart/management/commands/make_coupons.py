"""`manage.py make_coupons`: many codes for one promotion, and the list of them."""

import os
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce.kernel import console
from ecommerce.kernel.errors import ServiceError
from modules.cart.contracts import PromotionKind
from modules.cart.logic import coupon_batches, promotions
from modules.cart.logic.coupon_batches import LEAST_LENGTH, Batch, CodeList, UnknownOutcome
from modules.cart.logic.coupon_lists import FileList, ListElsewhere, NotListed, PrintedDocument, PrintedList
from modules.cart.models import Promotion

LOOK = 1
NOTHING_MADE = 2
LONGEST_TITLE = 120
STANDARD_OUTPUT = 1


class Command(BaseCommand):
    help = (
        "Make coupon codes that nobody can guess, all or none, and list them as CSV. Exit status: 0 they are made and"
        " listed, 1 they may be made: what is said tells where their list is, 2 nothing was made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, required=True, help="how many codes")
        parser.add_argument("--prefix", default="", help="what each code begins with, before a hyphen")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument(
            "--promotion", type=UUID, metavar="ID", help="what they are for; from then on it needs a code"
        )
        whose.add_argument("--percent", help="make the promotion, too: so many percent off everything")
        whose.add_argument("--amount", help="make the promotion, too: such as 5.00 off everything, in --currency")
        parser.add_argument("--currency", help="of --amount: EUR")
        parser.add_argument("--title", help="of the promotion that is made, as buyers see it (default: the prefix)")
        parser.add_argument("--usage-limit", type=int, default=1, help="how many orders may use each code (default: 1)")
        length = f"how many characters of chance (default, and the least: {LEAST_LENGTH})"
        parser.add_argument("--length", type=int, default=LEAST_LENGTH, help=length)
        parser.add_argument("--out", type=Path, metavar="FILE", help="where the list goes (default: standard output)")
        parser.add_argument("--force", action="store_true", help="replace FILE where it is there")
        parser.add_argument("--dry-run", action="store_true", help="make nothing; say what would be made")
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except (UnknownOutcome, ListElsewhere) as error:
            raise CommandError(error.detail, returncode=LOOK) from error
        except ServiceError as error:
            if isinstance(error, NotListed):
                self._forget_output()
            raise CommandError(_said(error), returncode=NOTHING_MADE) from error

    def _run(self, options: dict[str, Any]) -> None:
        started = time.monotonic()
        batch, promotion = _batch(options), _promotion(options)
        known = _known(batch, promotion, options)
        onto = self._open_list(known, batch, options)
        if options["dry_run"]:
            onto.discard()
            self._answer(known, options)
            return
        self._make(batch, promotion, onto)
        if options["out"] or options["format"] == "table":
            self._answer(known | {"seconds": round(time.monotonic() - started, 1)}, options)

    def _make(self, batch: Batch, promotion: Promotion, onto: CodeList) -> None:
        with console.Bars() as bars:
            done = 0

            def watch(more: int) -> None:
                nonlocal done
                done += more
                bars.advance("coupons", "codes", done, batch.count)

            coupon_batches.make_coupons(promotion=promotion, batch=batch, onto=onto, watch=watch)

    def _open_list(self, known: dict[str, Any], batch: Batch, options: dict[str, Any]) -> CodeList:
        if options["out"]:
            return FileList(options["out"], replace=options["force"])
        if options["format"] == "json":
            return PrintedDocument(self.stdout, known, count=batch.count)
        return PrintedList(self.stdout)

    def _answer(self, known: dict[str, Any], options: dict[str, Any]) -> None:
        """Where the list is printed, what is said of it is not part of it."""
        if options["format"] == "json":
            console.show_json(self.stdout, known)
            return
        out = self.stdout if options["out"] or options["dry_run"] else self.stderr
        title = "Would be made" if options["dry_run"] else "Made"
        console.show_table(out, title, [{"what": name, "is": value} for name, value in known.items()], empty="")

    def _forget_output(self) -> None:
        """What could not be printed would be tried again when Python ends, and change the exit status."""
        if self.stdout._out is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), STANDARD_OUTPUT)


def _batch(options: dict[str, Any]) -> Batch:
    names = ("count", "prefix", "length", "usage_limit")
    return Batch(**{name: options[name] for name in names})


def _promotion(options: dict[str, Any]) -> Promotion:
    """The one that is named, or a draft of another."""
    percent, amount, currency = options["percent"], options["amount"], options["currency"]
    if currency and not amount:
        raise CommandError("--currency belongs to --amount.", returncode=NOTHING_MADE)
    if options["promotion"]:
        if options["title"]:
            raise CommandError("--title belongs to a promotion that is made.", returncode=NOTHING_MADE)
        return promotions.get_promotion(promotion_id=options["promotion"])
    title = options["title"] or options["prefix"] or (f"{amount} {currency}" if amount else f"{percent} %")
    if len(title) > LONGEST_TITLE:
        raise CommandError(f"A title has at most {LONGEST_TITLE} characters.", returncode=NOTHING_MADE)
    values = {"title": title, "value": percent or amount, "currency": currency}
    kind = PromotionKind.FIXED if amount else PromotionKind.PERCENTAGE
    return promotions.draft_promotion(kind=kind, needs_code=True, **values)


def _known(batch: Batch, promotion: Promotion, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "promotion_id": promotion.id,
        "title": promotion.title,
        "count": batch.count,
        "usage_limit": batch.usage_limit,
        "bits_of_chance": batch.bits,
        "applied_by_itself": not promotion.needs_code,
        "list": options["out"],
        "dry_run": options["dry_run"],
    }


def _said(error: ServiceError) -> str:
    told = [f"{one['field']}: {one['detail']}" for one in error.details.get("errors", [])]
    return "\n".join([error.detail, *told, "Nothing was made."])
