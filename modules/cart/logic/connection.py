"""The Redis that carts lie in, and what it means when it does not answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis.exceptions
from django_redis import get_redis_connection

from ecommerce.kernel.errors import Unavailable

# What a server says that is there but cannot take the change now.
_CANNOT_NOW = re.compile(r"\b(OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|LOADING|BUSY)\b")


def client() -> Any:
    """A connection from the pool."""
    return get_redis_connection("default")


@contextmanager
def answering() -> Iterator[None]:
    """Redis that is down, or cannot take the change, is Unavailable: the outcome is unknown."""
    try:
        yield
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
        raise _unavailable() from error
    except redis.exceptions.ResponseError as error:
        if not _CANNOT_NOW.search(str(error)):
            raise
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("Carts cannot be reached now.", dependency="redis", retry_after=2)
