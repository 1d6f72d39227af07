"""Public answers kept in Redis until what they show changes: each change begins a new edition of what is shown.

A kept answer names the edition it was made from, and serves only while that is the current one. Between the first
write of a change and its commit a mark stands: nobody is served what is kept, and what is made meanwhile serves
nobody. So a reader who begins after the commit never sees what was before it, whoever died in between: a mark whose
writer is gone is taken away, with a new edition, by whoever finds it old.

    with atomic(Product):
        ...
        publish(AssortmentChanged(change_id=begin_change("catalog")))

The event is for the day when Redis was away at the change: its handler calls `renew` once Redis is back.
"""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import structlog
from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from ecommerce.kernel import clock
from ecommerce.kernel.breaker import Breaker
from ecommerce.kernel.db import current_alias
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id

# Longer than any transaction lasts.
OLD = timedelta(seconds=60)

log = structlog.get_logger()


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """An answer made from one edition; without its body where only its tag is worth keeping."""

    edition: int
    tag: str
    body: bytes | None = None


class Look(NamedTuple):
    """What a reader may use: the current edition, None while it is being changed or Redis is away, and what is kept."""

    edition: int | None
    answer: Answer | None


_redis = Breaker()


def look(name: str, key: str) -> Look:
    """The current edition and what is kept of it under that key, in one round trip."""
    if not settings.KEEP_ANSWERS or not _redis.allows():
        return Look(None, None)
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=False)
        # In this order: a mark that is set after it was looked for belongs to a change that commits after we began.
        pipeline.zrange(_marks(name), 0, 0, withscores=True)
        pipeline.get(_edition(name))
        pipeline.get(_answer(name, key))
        marks, edition, kept = pipeline.execute()
        _redis.answered()
        if marks:
            _take_away_old_marks(name, oldest=marks[0][1])
            return Look(None, None)
    except RedisError as error:
        _failed("look", error)
        return Look(None, None)
    number, answer = int(edition or 0), _decode(kept)
    return Look(number, answer if answer and answer.edition == number else None)


def keep(name: str, key: str, answer: Answer) -> None:
    """Keep an answer for readers of the same edition; losing it costs one reading."""
    try:
        value = msgspec.msgpack.encode(answer)
        get_redis_connection("default").set(_answer(name, key), value, ex=settings.KEEP_ANSWERS)
    except RedisError as error:
        _failed("keep", error)


def begin_change(name: str) -> UUID | None:
    """In the open transaction: what is kept serves nobody until it ends. The change's id, once per transaction."""
    connection = transaction.get_connection(current_alias())
    if any(getattr(call[1], "changes", None) == name for call in connection.run_on_commit):
        return None
    change_id = new_id()
    try:
        if _redis.allows():
            get_redis_connection("default").zadd(_marks(name), {change_id.hex: clock.now().timestamp()})
    except RedisError as error:
        _failed("mark", error)
    transaction.on_commit(_End(name, change_id), using=connection.alias, robust=True)
    return change_id


def renew(name: str, change_id: UUID | None = None) -> None:
    """Begin a new edition; repeating it costs no more than what was kept. Raises Unavailable without Redis."""
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=True)
        pipeline.incr(_edition(name))
        if change_id:
            pipeline.zrem(_marks(name), change_id.hex)
        pipeline.execute()
    except RedisError as error:
        raise Unavailable(dependency="redis") from error


class _End:
    def __init__(self, name: str, change_id: UUID) -> None:
        self.changes, self._change_id = name, change_id

    def __call__(self) -> None:
        try:
            renew(self.changes, self._change_id)
        except Unavailable as error:
            _failed("renew", error)


def _take_away_old_marks(name: str, *, oldest: float) -> None:
    too_old = (clock.now() - OLD).timestamp()
    if oldest > too_old:
        return
    pipeline = get_redis_connection("default").pipeline(transaction=True)
    pipeline.incr(_edition(name))
    pipeline.zremrangebyscore(_marks(name), "-inf", too_old)
    pipeline.execute()


def _decode(kept: Any) -> Answer | None:
    try:
        return msgspec.msgpack.decode(kept, type=Answer) if kept else None
    except msgspec.DecodeError:  # written by another version of the program
        return None


def _failed(what: str, error: Exception) -> None:
    _redis.failed()
    log.warning("kept_answers_failed", what=what, error=str(error))


def _edition(name: str) -> str:
    return f"shop:edition:{name}"


def _marks(name: str) -> str:
    return f"shop:edition:{name}:changing"


def _answer(name: str, key: str) -> str:
    return f"shop:kept:{name}:{key}"
