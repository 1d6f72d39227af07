"""Guessing passwords: five failures for one account from one network lock it there for fifteen minutes.

Kept in Redis, by account and network together: nobody can lock a customer out from elsewhere, and whether the address
is known makes no difference. An attempt is counted before the password is looked at, so guesses made at the same time
cannot all slip through; success forgets them.

Two wider counts stop those who guess with many accounts from one network, or at one account from many networks. The
latter keeps only strangers out: where the account's owner has signed in within the last month it does not count, and
a new password chosen by mail ends it. So an attacker may be a nuisance, and never locks a customer out for good.
"""

import unicodedata
from typing import Any

import structlog
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from ecommerce.kernel import secrets
from ecommerce.kernel.errors import ServiceError

log = structlog.get_logger(__name__)

FAILURES = 5
NETWORK_FAILURES = 100
ACCOUNT_FAILURES = 50
LOCK_SECONDS = 15 * 60
KNOWN_SECONDS = 30 * 24 * 3600

# KEYS: this account from here; all accounts from here; this account from anywhere; whether its owner is known here.
# A lock runs from the last failure that counted; attempts against it do not prolong it, nor count anywhere else.
_COUNT = """
local function wait(key, limit)
  local attempts = redis.call('INCR', key)
  if attempts <= tonumber(limit) then redis.call('EXPIRE', key, ARGV[4]) return 0 end
  return math.max(1, redis.call('TTL', key))
end
local seconds = wait(KEYS[1], ARGV[1])
if seconds == 0 then seconds = wait(KEYS[2], ARGV[2]) end
if seconds == 0 and redis.call('EXISTS', KEYS[4]) == 0 then seconds = wait(KEYS[3], ARGV[3]) end
return seconds
"""

# A success was no failure: it is taken off the wider counts again.
_SUCCEED = """
redis.call('DEL', KEYS[1])
if tonumber(redis.call('GET', KEYS[2]) or 0) > 0 then redis.call('DECR', KEYS[2]) end
if redis.call('EXISTS', KEYS[4]) == 0 and tonumber(redis.call('GET', KEYS[3]) or 0) > 0 then
  redis.call('DECR', KEYS[3])
end
if ARGV[2] == '1' then redis.call('DEL', KEYS[3]) end
redis.call('SET', KEYS[4], 1, 'EX', ARGV[1])
"""

# What was neither a failure nor a success; a count that has run out meanwhile stays gone.
_TAKE_BACK = """
local function less(key)
  if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
end
less(KEYS[1])
less(KEYS[2])
if redis.call('EXISTS', KEYS[4]) == 0 then less(KEYS[3]) end
"""


class SignInLocked(ServiceError):
    """Too many failed attempts: wait before you try again."""

    code = "sign_in_locked"
    status = 429


def count_attempt(email: str, network: str) -> None:
    """Count an attempt; SignInLocked after too many that failed. Without Redis everyone passes."""
    limits = (FAILURES, NETWORK_FAILURES, ACCOUNT_FAILURES, LOCK_SECONDS)
    try:
        seconds = _redis().eval(_COUNT, 4, *_keys(email, network), *limits)
    except RedisError as error:
        log.warning("login attempts are not counted: Redis does not answer", error=repr(error))
        return
    if seconds:
        raise SignInLocked(retry_after=seconds)


def forget_failures(email: str, network: str, *, everywhere: bool = False) -> None:
    """Start anew after a success here; `everywhere` also lets strangers' networks try again."""
    try:
        _redis().eval(_SUCCEED, 4, *_keys(email, network), KNOWN_SECONDS, int(everywhere))
    except RedisError as error:
        log.warning("login attempts are not forgotten: Redis does not answer", error=repr(error))


def take_back_attempt(email: str, network: str) -> None:
    """The attempt counted last was neither a failure nor a success: leave the count as it was before."""
    try:
        _redis().eval(_TAKE_BACK, 4, *_keys(email, network))
    except RedisError as error:
        log.warning("a login attempt is not taken back: Redis does not answer", error=repr(error))


def folded(email: str) -> str:
    """The address as its account is counted: no finer than PostgreSQL folds it, which finds the account of "ida" by
    "İda" too; by Python's own folding each such spelling would have five attempts.
    """
    letters = unicodedata.normalize("NFKD", email.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _redis() -> Any:
    return get_redis_connection("default")


def _keys(email: str, network: str) -> list[str]:
    account = folded(email)
    return [
        _key("here", account, network),
        _key("network", network),
        _key("account", account),
        _key("known", account, network),
    ]


def _key(kind: str, *parts: str) -> str:
    # Redis learns no addresses.
    return f"shop:login:{kind}:" + secrets.sign("login-attempts", kind, *parts)
