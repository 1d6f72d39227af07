"""The Celery application. Facts live in PostgreSQL; tasks only carry work that may be repeated."""

import os
from typing import Any

from celery import Celery, Task, signals
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")

app = Celery("ecommerce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.task_prerun.connect  # type: ignore[untyped-decorator]  # Celery has no types
@signals.task_postrun.connect  # type: ignore[untyped-decorator]  # Celery has no types
def give_back_connections(task: Task, **_: Any) -> None:
    """Between tasks a worker holds no connection; the pool keeps it, as in web, and drops one that broke.

    Celery's own handler, which CELERY_DB_REUSE_MAX rules out, ends the pool: each task paid for a new connection.
    """
    if not task.request.is_eager:
        for connection in connections.all(initialized_only=True):
            connection.close()
