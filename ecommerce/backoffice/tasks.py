"""The back office's work in the Celery worker."""

from celery import shared_task

from ecommerce.backoffice.reconcile import reconcile_all


@shared_task(name="backoffice.reconcile")
def reconcile() -> int:
    """Each night the last three days of every provider are compared and mended where that is safe; returns the rest."""
    return sum(run.found - run.fixed for run in reconcile_all(fix=True))
