"""The shop that journeys speak to: the one at BASE_URL, or one that is started for them."""

import os
from collections.abc import Iterator

import pytest

from tests.journeys.buyer import Buyer
from tests.shop import RunningShop, running_shop


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the shop is; BASE_URL names one that runs already, whatever its topology."""
    if url := os.environ.get("BASE_URL"):
        yield url.rstrip("/")
        return
    with running_shop("journeys", 12, tmp_path_factory.mktemp("journeys")) as shop:
        yield shop.url


@pytest.fixture(scope="module")
def killable_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A shop whose processes may be killed."""
    with running_shop("faults", 14, tmp_path_factory.mktemp("faults")) as shop:
        yield shop


@pytest.fixture
def staff(base_url: str) -> Iterator[Buyer]:
    """The member of staff whom every demonstration shop has."""
    with Buyer(base_url) as staff:
        staff.sign_in("staff@example.com", "staff-demo-password")
        yield staff


@pytest.fixture
def buyer(base_url: str) -> Iterator[Buyer]:
    """A guest with a browser of his own."""
    with Buyer(base_url) as buyer:
        yield buyer
