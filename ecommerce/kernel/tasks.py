"""The kernel's periodic work in the Celery worker."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready

from ecommerce.kernel import heartbeats, inbox, outbox
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.rest import claims

KEEP = timedelta(days=30)


@worker_ready.connect(weak=False)
def say_hello(**_: object) -> None:
    """A worker is there as soon as it is ready, not only when beat has asked it for the first time."""
    heartbeats.beat("worker")


@shared_task(name="kernel.heartbeat")
def heartbeat() -> None:
    """Sent by beat, done by the worker: its trace shows that both are alive."""
    heartbeats.beat("worker")


@shared_task(name="kernel.forget_old_rows")
def forget_old_rows() -> None:
    """Delete events delivered and handled long ago, and answers that need not be repeated any more."""
    for alias in local_aliases():
        outbox.forget(alias, KEEP)
        inbox.forget(alias, KEEP)
    claims.forget_old_keys()
