"""Whether this process is up, and whether what it needs answers."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from ecommerce.kernel import clock, heartbeats
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.deadlines import TooSlow, ask_all
from ecommerce.kernel.metrics import exposition

log = structlog.get_logger(__name__)

CHECK_SECONDS = 2.0
HEARTBEAT_AGE = timedelta(seconds=60)
PROCESSES = ("worker", "relay")

Check = Callable[[], str | None]

_registered: dict[str, Check] = {}
_migrated: set[str] = set()


def readiness(name: str) -> Callable[[Check], Check]:
    """Add a check to /readyz: `@readiness("seeded")` on a function that returns None, or why it is not ready."""

    def register(check: Check) -> Check:
        _registered[name] = check
        return check

    return register


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; asks nothing."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything this process needs answers; 503 names what does not."""
    results = ask()
    ready = all(result == "ok" for result in results.values())
    answer = {"status": "ok" if ready else "unavailable", "checks": results}
    return JsonResponse(answer, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def ask() -> dict[str, str]:
    """Each check's answer: "ok", or what is wrong."""
    return _run(_checks())


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _checks() -> dict[str, Check]:
    databases = {f"database:{alias}": partial(_database, alias) for alias in local_aliases()}
    processes = {process: partial(_process, process) for process in PROCESSES}
    return {**databases, "cache": _cache, "broker": _broker, **processes, **_registered}


def _run(checks: dict[str, Check]) -> dict[str, str]:
    answers = ask_all(checks, seconds=CHECK_SECONDS, at_once=len(checks))
    return {name: _in_words(answer) for name, answer in answers.items()}


def _in_words(answer: str | Exception | None) -> str:
    if isinstance(answer, TooSlow):
        return f"no answer within {CHECK_SECONDS:g} seconds"
    if isinstance(answer, Exception):
        log.warning("readiness check failed", exc_info=answer)
        return type(answer).__name__
    return answer or "ok"


def _database(alias: str) -> str | None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")
    if alias not in _migrated:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are missing"
        # Looking costs 50 ms, and what is migrated stays so.
        _migrated.add(alias)
    return None


def _cache() -> str | None:
    cache.set("readyz", 1, timeout=60)
    return None if cache.get("readyz") == 1 else "does not keep what it is given"


def _broker() -> str | None:
    with current_app.connection_for_read(connect_timeout=CHECK_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=CHECK_SECONDS)
    return None


def _process(name: str) -> str | None:
    last = heartbeats.last_beat(name)
    if last is None:
        return "never seen"
    age = clock.now() - last
    return None if age <= HEARTBEAT_AGE else f"last seen {int(age.total_seconds())} seconds ago"
