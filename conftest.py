"""What every test has: a Redis database of its own worker; no rate limits and no kept answers unless it sets them."""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.test import TransactionTestCase

from ecommerce.kernel.emptying import empty

# Redis has 16 databases: the first two are a shop's, the last four are for the shops that tests start (tests/shop.py).
FIRST_DATABASE, DATABASES = 2, 10


def pytest_configure() -> None:
    """Parallel workers share one Redis server, but no key; all tests come from one address, so nothing is limited."""
    settings.RATE_LIMITS = "off"
    # What a test wrote is undone behind the back of what was kept.
    settings.KEEP_ANSWERS = 0
    # Races start more threads than the pool has connections: on a busy machine the last waits for long, and is served.
    for database in settings.DATABASES.values():
        if pool := database["OPTIONS"].get("pool"):
            pool["timeout"] = 60
    TransactionTestCase._fixture_teardown = _empty_databases  # type: ignore[attr-defined]  # the hook, unnamed in the stubs
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    cache = settings.CACHES["default"]
    cache["LOCATION"] = on_database(str(cache["LOCATION"]), FIRST_DATABASE + int(worker) % DATABASES)


def _empty_databases(case: TransactionTestCase) -> None:
    """After a test that committed what it wrote."""
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]  # as above
        empty(alias)


def on_database(url: str, number: int) -> str:
    """The same Redis server, another of its databases."""
    return urlsplit(url)._replace(path=f"/{number}").geturl()
