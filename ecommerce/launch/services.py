"""PostgreSQL and Redis for one run, as far as the environment names none."""

import os
import shutil
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from ecommerce.launch.postgres import Postgres
from ecommerce.launch.process import Process, stop
from ecommerce.launch.redis import Redis
from ecommerce.launch.slot import Slot


class Services:
    """The servers this run started, and what a program must know to reach them."""

    def __init__(self, slot: Slot, *, durable: bool) -> None:
        self._slot = slot
        self._durable = durable
        self.processes: list[Process] = []
        self.environment: dict[str, str] = {}

    def start(self) -> None:
        """Start what the environment does not name."""
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(self._slot, durable=self._durable)
            self.processes.append(postgres.start())
            self.environment["DATABASE_URL"] = postgres.url
        if not os.environ.get("REDIS_URL"):
            redis = Redis(self._slot, durable=self._durable)
            self.processes.append(redis.start())
            self.environment |= {"REDIS_URL": redis.url(0), "CELERY_BROKER_URL": redis.url(1)}

    def stop(self) -> None:
        """Stop what was started."""
        for process in reversed(self.processes):
            stop([process], patience=2.5)
        shutil.rmtree(self._slot.socket_directory, ignore_errors=True)


@contextmanager
def services(slot: Slot, *, durable: bool) -> Iterator[dict[str, str]]:
    """The servers, for as long as the block runs; gives the variables that name them."""
    running = Services(slot, durable=durable)
    try:
        running.start()
        yield running.environment
    finally:
        running.stop()


def complete(environment: MutableMapping[str, str]) -> None:
    """What a user who names his own servers, or no mode at all, need not spell out."""
    environment.setdefault("DEBUG", "on")
    if environment.get("REDIS_URL") and not environment.get("CELERY_BROKER_URL"):
        server = environment["REDIS_URL"].rstrip("/")
        environment["CELERY_BROKER_URL"] = f"{server.removesuffix('/0')}/1"
