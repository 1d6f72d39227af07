"""Several calls at the same instant, each in a thread with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

from django.db import connections

from ecommerce.kernel.db import atomic
from modules.users.models import User


def held_up(call: Callable[[], Any], meanwhile: Callable[[], Any]) -> tuple[Any, Any]:
    """What both returned or raised, where `call` waits for a lock that `meanwhile` holds to its commit."""

    def run(held: Callable[[], Any]) -> Any:
        try:
            return held()
        except Exception as error:  # the refusal is what the test looks at
            return error

    def elsewhere() -> Any:
        try:
            return run(call)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with atomic(User):
            # The account's row is what everybody here locks first.
            User.objects.select_for_update(no_key=True).order_by("id").last()
            waiting = pool.submit(elsewhere)
            _until_somebody_waits()
            done = run(meanwhile)
        return waiting.result(timeout=60), done


def before_commit(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """What both returned or raised, where `second` waits for whatever `first` has locked, until that commits."""

    def elsewhere() -> Any:
        try:
            return second()
        except Exception as error:  # the refusal is what the test looks at
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with atomic(User):
            done = first()
            waiting = pool.submit(elsewhere)
            _until_somebody_waits()
        return done, waiting.result(timeout=60)


def _until_somebody_waits() -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    with connections["default"].cursor() as cursor:
        for _ in range(1000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise AssertionError("nobody waits for a lock")
