"""Subjects whose access tokens are refused before they expire: of accounts that were erased or locked.

A list in Redis, shared by all processes of one deployment; an entry lives as long as the last access token that may be
out. It is a courtesy, not the law: without Redis everyone passes, as with the throttles, and a token's few minutes are
all that a denied subject then has.
"""

import time
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from ecommerce.kernel.db import current_alias
from ecommerce.kernel.identity import LEEWAY_SECONDS

log = structlog.get_logger(__name__)

# With Redis down each request would wait for the connection to fail: this long nobody asks it again.
PAUSE_SECONDS = 5.0
# How long after a denial somebody may still sign a token who looked at the account before it.
SIGNED_LATE_SECONDS = 30


class _Pause:
    """Until when this process does not ask Redis."""

    until = 0.0


def deny(subject: UUID) -> None:
    """Refuse this subject's access tokens from now on; repeating is safe."""
    seconds = int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()) + LEEWAY_SECONDS + SIGNED_LATE_SECONDS
    try:
        _redis().set(_key(subject), 1, ex=seconds)
    except RedisError as error:
        log.warning("nobody is denied: Redis does not answer", subject=str(subject), error=repr(error))


def deny_on_commit(subject: UUID) -> None:
    """Refuse this subject's access tokens once the open transaction has committed."""
    transaction.on_commit(lambda: deny(subject), using=current_alias(), robust=True)


def allow(subject: UUID) -> None:
    """Take this subject's access tokens again; repeating is safe."""
    try:
        _redis().delete(_key(subject))
    except RedisError as error:
        log.warning("nobody is allowed again: Redis does not answer", subject=str(subject), error=repr(error))


def is_denied(*subjects: UUID | None) -> bool:
    """Whether the access tokens of any of these subjects are refused. Costs one round trip to Redis and no SQL."""
    if time.monotonic() < _Pause.until:
        return False
    try:
        return bool(_redis().exists(*[_key(subject) for subject in subjects if subject is not None]))
    except RedisError as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        log.warning("denied subjects pass: Redis does not answer", error=repr(error))
        return False


def _redis() -> Any:
    return get_redis_connection("default")


def _key(subject: UUID) -> str:
    return f"shop:denied:{subject}"
