"""Redis carries nudges: that there is something to do, never what. A lost nudge costs one sweep, not a fact."""

from collections.abc import Iterable
from typing import Any

import structlog
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

LONGEST_WAIT = 4.0

log = structlog.get_logger()


def nudge_on_commit(module: str, alias: str) -> None:
    """Wake the relay of `module` once the open transaction has committed; asking twice wakes it once."""
    connection = transaction.get_connection(alias)
    if not any(getattr(call[1], "wakes", None) == module for call in connection.run_on_commit):
        transaction.on_commit(_Nudge(module), using=alias, robust=True)


def nudge(module: str) -> None:
    """Wake the relay of `module` now; when Redis is down its sweep finds the work."""
    try:
        # One waiting nudge is enough: the relay works until nothing is left.
        pipeline = get_redis_connection("default").pipeline(transaction=False)
        pipeline.lpush(_key(module), 1)
        pipeline.ltrim(_key(module), 0, 3)
        pipeline.execute()
    except RedisError as error:
        log.warning("nudge_failed", module=module, error=str(error))


def wait(modules: Iterable[str], seconds: float) -> bool:
    """Sleep until a nudge for one of `modules` or until `seconds` have passed; RedisError when Redis is down."""
    redis: Any = get_redis_connection("default")
    # Redis must answer before the connection's own time-out, which stands for a Redis that hangs.
    return redis.blpop([_key(module) for module in modules], timeout=min(seconds, LONGEST_WAIT)) is not None


class _Nudge:
    def __init__(self, module: str) -> None:
        self.wakes = module

    def __call__(self) -> None:
        nudge(self.wakes)


def _key(module: str) -> str:
    return f"shop:nudge:{module}"
