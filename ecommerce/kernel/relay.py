"""The process that keeps facts and steps moving: outboxes, inboxes and due steps of the modules that run here."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from redis.exceptions import RedisError

from ecommerce.kernel import driver, heartbeats, inbox, leases, nudges, outbox
from ecommerce.kernel.db import local_aliases

log = structlog.get_logger()

STEP_THREADS = 8
HEARTBEAT_SECONDS = 10.0


class Relay:
    """Woken by nudges, sweeps every SWEEP_SECONDS; any number of them may run."""

    def __init__(self) -> None:
        self._stopping = Event()
        self._drivers = ThreadPoolExecutor(STEP_THREADS, thread_name_prefix="steps")
        self._driven: set[tuple[str, UUID]] = set()
        elsewhere = len(settings.REMOTE_MODULES) * len(local_aliases())
        self._posts = ThreadPoolExecutor(max(1, elsewhere), thread_name_prefix="hand-over")
        # Which hand-overs are running, and whether there was reason to look again since they last did.
        self._posting: dict[tuple[str, str], bool] = {}
        self._lock = Lock()
        self._backlog = False
        self._beat_at = float("-inf")

    def run(self) -> None:
        """Work until `stop`; a database or Redis that is away is waited for."""
        while not self._stopping.is_set():
            self._quietly(self._heartbeat)
            busy = [self._quietly(partial(self._round, alias)) for alias in local_aliases()]
            if not any(busy):
                self._wait()
        self._posts.shutdown(wait=True)
        self._drivers.shutdown(wait=True)

    def stop(self) -> None:
        """Finish what is in hand, then end."""
        self._stopping.set()

    def _round(self, alias: str) -> bool:
        for listener in settings.REMOTE_MODULES:
            self._post(alias, listener)
        moved = outbox.hand_over(alias, besides=settings.REMOTE_MODULES) + inbox.drain(alias)
        for saga in leases.due(alias, limit=100):
            moved += self._submit(saga)
        return bool(moved)

    def _post(self, alias: str, listener: str) -> None:
        """Hand over to a module elsewhere in a thread of its own, so that one that hangs holds up nobody else."""
        with self._lock:
            is_running = (alias, listener) in self._posting
            self._posting[alias, listener] = True
        if not is_running:
            self._posts.submit(self._hand_over, alias, listener)

    def _hand_over(self, alias: str, listener: str) -> None:
        try:
            while self._has_reason(alias, listener):
                while outbox.hand_over(alias, to=listener) and not self._stopping.is_set():
                    pass
        except Exception:
            log.exception("hand_over_failed", listener=listener)
            with self._lock:
                self._posting.pop((alias, listener), None)
        finally:
            connections.close_all()

    def _has_reason(self, alias: str, listener: str) -> bool:
        with self._lock:
            if self._posting[alias, listener]:
                self._posting[alias, listener] = False
                return True
            del self._posting[alias, listener]
            return False

    def _submit(self, saga: tuple[str, UUID]) -> bool:
        """Drive one aggregate in a thread of its own, so that a slow provider holds up nobody else."""
        with self._lock:
            if saga in self._driven:
                return False
            if len(self._driven) >= 4 * STEP_THREADS:
                self._backlog = True
                return False
            self._driven.add(saga)
        self._drivers.submit(self._drive, saga)
        return True

    def _drive(self, saga: tuple[str, UUID]) -> None:
        try:
            if (lease := leases.claim(*saga)) is not None:
                driver.drive(lease, patient=True)
        except Exception:
            log.exception("driver_failed", module=saga[0], aggregate_id=str(saga[1]))
        finally:
            connections.close_all()
            with self._lock:
                self._driven.discard(saga)
                backlog, self._backlog = self._backlog, False
            if backlog:
                nudges.nudge(saga[0])

    def _wait(self) -> None:
        try:
            nudges.wait(settings.LOCAL_MODULES, settings.SWEEP_SECONDS)
        except RedisError as error:
            log.warning("relay_without_redis", error=str(error))
            self._stopping.wait(settings.SWEEP_SECONDS)

    def _heartbeat(self) -> bool:
        if time.monotonic() - self._beat_at > HEARTBEAT_SECONDS:
            heartbeats.beat("relay")
            self._beat_at = time.monotonic()
        return False

    def _quietly(self, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except DatabaseError as error:
            log.warning("relay_without_database", error=str(error))
            connections.close_all()
            self._stopping.wait(min(1.0, settings.SWEEP_SECONDS))
            return False
