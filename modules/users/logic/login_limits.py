"""Guessing passwords: five failures for one account from one network lock it there for fifteen minutes.

Kept in Redis, by account and network together: nobody can lock a customer out from elsewhere, and whether the address
is known makes no difference. An attempt is counted before the password is looked at, so guesses made at the same time
cannot all slip through; success forgets them.
"""

from typing import Any

import structlog
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from ecommerce.kernel import secrets
from ecommerce.kernel.errors import ServiceError

log = structlog.get_logger(__name__)

FAILURES = 5
LOCK_SECONDS = 15 * 60

# The lock runs from the last failure that counted; attempts against it do not prolong it.
_COUNT = """
local attempts = redis.call('INCR', KEYS[1])
if attempts <= tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return {attempts, redis.call('TTL', KEYS[1])}
"""

# What was no failure after all; a count that has run out meanwhile stays gone.
_TAKE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then redis.call('DECR', KEYS[1]) end
"""


class SignInLocked(ServiceError):
    """Too many failed attempts: wait before you try again."""

    code = "sign_in_locked"
    status = 429


def count_attempt(email: str, network: str) -> None:
    """Count an attempt; SignInLocked after five that failed. Without Redis everyone passes."""
    try:
        attempts, seconds = _redis().eval(_COUNT, 1, _key(email, network), FAILURES, LOCK_SECONDS)
    except RedisError as error:
        log.warning("login attempts are not counted: Redis does not answer", error=repr(error))
        return
    if attempts > FAILURES:
        raise SignInLocked(retry_after=max(1, seconds))


def forget_failures(email: str, network: str) -> None:
    """Start anew after a success."""
    try:
        _redis().delete(_key(email, network))
    except RedisError as error:
        log.warning("login attempts are not forgotten: Redis does not answer", error=repr(error))


def take_back_attempt(email: str, network: str) -> None:
    """The attempt counted last was neither a failure nor a success: leave the count as it was before."""
    try:
        _redis().eval(_TAKE_BACK, 1, _key(email, network))
    except RedisError as error:
        log.warning("a login attempt is not taken back: Redis does not answer", error=repr(error))


def _redis() -> Any:
    return get_redis_connection("default")


def _key(email: str, network: str) -> str:
    # Redis learns no addresses.
    return "shop:login:" + secrets.sign("login-attempts", email.lower(), network)
