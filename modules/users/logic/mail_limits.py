"""How many mails a stranger may cause to one address: three an hour of a kind; more are answered alike and not sent."""

from typing import Any

import structlog
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from ecommerce.kernel import secrets

log = structlog.get_logger(__name__)

MAILS, SECONDS = 3, 3600


def allows(email: str, kind: str) -> bool:
    """Count one more mail of that kind to this address, and say whether it may go. Without Redis it may."""
    # Redis learns no addresses.
    key = "shop:mails:" + secrets.sign("mail-limits", email.lower(), kind)
    redis: Any = get_redis_connection("default")
    try:
        pipeline = redis.pipeline(transaction=True)
        pipeline.set(key, 0, ex=SECONDS, nx=True)
        pipeline.incr(key)
        return int(pipeline.execute()[1]) <= MAILS
    except RedisError as error:
        log.warning("mails are not counted: Redis does not answer", error=repr(error))
        return True
