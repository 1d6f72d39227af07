"""`manage.py reconcile --provider stripe --from 2026-11-01 --to 2026-11-08`: a provider's records against ours."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce.backoffice.models import ReconcileRun
from ecommerce.backoffice.reconcile import SETTLING, reconcile
from ecommerce.kernel import clock, console
from ecommerce.kernel.errors import ServiceError
from modules.payments.contracts import PROVIDERS

DRIFT_LEFT, NOT_DONE = 1, 2
COLUMNS = ("kind", "reference", "here", "there", "payment_id", "order_id", "is_safe", "is_fixed")


class Command(BaseCommand):
    help = (
        "Compare a payment provider's records with payments, the books, orders and stock holds. Without --fix nothing"
        " is changed. Exit status 1 where drift is left, 2 where the comparison could not be made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", required=True, choices=PROVIDERS)
        parser.add_argument(
            "--from", dest="since", type=console.instant, help="from then on (default: a day before --to)"
        )
        parser.add_argument("--to", dest="until", type=console.instant, help="until then (default: an hour ago)")
        parser.add_argument("--fix", action="store_true", help="mend the kinds that are safe to mend")
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        until: datetime = options["until"] or clock.now() - SETTLING
        since: datetime = options["since"] or until - timedelta(days=1)
        if since >= until:
            raise CommandError("--from must be before --to.", returncode=NOT_DONE)
        try:
            with console.Bars() as bars:
                run = reconcile(
                    options["provider"],
                    since,
                    until,
                    fix=options["fix"],
                    progress=lambda done, of: bars.advance("reconcile", "hours", done, of),
                )
        except ServiceError as error:
            raise CommandError(f"{options['provider']}: {error.detail}", returncode=NOT_DONE) from error
        self._show(run, options["format"])
        if run.found > run.fixed:
            raise SystemExit(DRIFT_LEFT)

    def _show(self, run: ReconcileRun, form: str) -> None:
        rows = [{name: row[name] for name in COLUMNS} for row in run.drifts.order_by("id").values(*COLUMNS)]
        if form == "json":
            summary = {"provider": run.provider, "from": run.since, "to": run.until}
            summary |= {"checked": run.checked, "found": run.found, "fixed": run.fixed, "drifts": rows}
            console.show_json(self.stdout, summary)
        elif form == "csv":
            console.show_csv(self.stdout, COLUMNS, rows)
        else:
            shown = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
            console.show_table(self.stdout, "Drift", shown, empty="No drift.")
            console.show_line(self.stdout, f"{run.checked} checked, {run.found} found, {run.fixed} mended.")
