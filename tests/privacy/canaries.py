"""Words that exist nowhere else, and every place a shop might keep one."""

import base64
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings
from django.db import connections

from ecommerce.kernel import chance
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.logs import Console


class Canaries:
    """The words that were planted, each with what it was planted as."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def plant(self, as_what: str) -> str:
        """A new word, lower case so that nothing that folds it hides it."""
        word = "canary" + chance.random_bytes(8).hex()
        self.planted[word] = as_what
        return word

    def address(self, as_what: str) -> dict[str, str]:
        """A postal address with a word in every part that is free text."""
        parts = ("full_name", "company", "line1", "line2", "city", "region", "phone")
        return {part: self.plant(f"{as_what}.{part}") for part in parts} | {"postal_code": "10117", "country": "DE"}

    def found_in(self, text: str) -> set[str]:
        """What was planted as what the text still holds, as it is, in hexadecimal or in base 64."""
        lowered = text.lower()
        return {as_what for word, as_what in self.planted.items() if _is_in(word, text, lowered)}


def _is_in(word: str, text: str, lowered: str) -> bool:
    encoded = word.encode()
    if word in lowered or encoded.hex() in lowered:
        return True
    # Base 64 writes three bytes as four letters: a word looks differently at each of three places. What its neighbours
    # reach into is left out.
    shifted = (base64.b64encode(b"\0" * shift + encoded).decode()[4 if shift else 0 : -4] for shift in range(3))
    return any(one in text for one in shifted)


def everything_in_the_database() -> dict[str, str]:
    """The text of every row of every table, in every database; bytes in hexadecimal."""
    dump = {}
    for alias in local_aliases():
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT string_agg(row_::text, chr(10)) FROM "{table}" row_')  # noqa: S608  (as it lists)
                dump[f"{alias}:{table}"] = cursor.fetchone()[0] or ""
    return dump


def everything_in_redis() -> str:
    """Every key and value of the databases that the shop uses: carts and cache, and the broker's."""
    urls = [str(settings.CACHES["default"]["LOCATION"]), settings.CELERY_BROKER_URL]
    return "\n".join(f"{key} {value}" for url in urls for key, value in _entries(redis.Redis.from_url(url)))


def _entries(client: Any) -> Iterator[tuple[str, str]]:
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    for key in client.scan_iter():
        kind = client.type(key)
        # Gone since it was listed: others use the broker's database, too.
        if kind != b"none":
            yield repr(key), repr(read[kind](key))


@contextmanager
def written_logs() -> Iterator[io.StringIO]:
    """What is written to the shop's log meanwhile, as it is written."""
    root = logging.getLogger()
    formatter = next(handler.formatter for handler in root.handlers if isinstance(handler, Console))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    try:
        yield written
    finally:
        root.removeHandler(handler)
