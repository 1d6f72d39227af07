"""The back office's work in the Celery worker."""

from datetime import datetime

import structlog
from celery import shared_task

from ecommerce.backoffice import reconcile as comparing
from ecommerce.kernel.errors import ServiceError

log = structlog.get_logger()

RECONCILE_PERIOD = "backoffice.reconcile_period"


@shared_task(name="backoffice.reconcile")
def reconcile() -> int:
    """Each night the last three days of every provider are compared and mended where that is safe; returns the rest."""
    return sum(run.found - run.fixed for run in comparing.reconcile_all(fix=True))


@shared_task(name=RECONCILE_PERIOD)
def reconcile_period(provider: str, since: str, until: str, fix: bool) -> int | None:  # noqa: FBT001  (a task's arguments)
    """What staff have asked for: one provider and one period; returns what is left, None where it ended early."""
    try:
        run = comparing.reconcile(provider, datetime.fromisoformat(since), datetime.fromisoformat(until), fix=fix)
    except ServiceError as error:
        # The run says so, too.
        log.warning("reconcile_ended_early", provider=provider, error=error.detail)
        return None
    return run.found - run.fixed
