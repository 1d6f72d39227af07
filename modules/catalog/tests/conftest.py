"""What catalog's tests share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from ecommerce.kernel.testing import far_end
from modules.catalog import remote, service
from modules.catalog.logic.database import fetch
from modules.catalog.logic.invariants import INVARIANTS
from modules.catalog.tests.pictures import in_directory

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon until the test moves on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(params=["near", "far"])
def both_ends(request: pytest.FixtureRequest) -> Iterator[str]:
    """The test runs twice: against the functions themselves, and over the wire."""
    if request.param == "near":
        yield "near"
        return
    with far_end(service, remote):
        yield "far"


@pytest.fixture
def invariants_hold() -> Iterator[None]:
    """After the test, nothing is broken in catalog's tables."""
    yield
    broken = {invariant.name: rows for invariant in INVARIANTS if (rows := fetch(invariant.sql))}
    assert broken == {}


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Path:
    """The directory that uploads and pictures are kept in."""
    root = tmp_path / "media"
    settings.STORAGES = in_directory(root)
    return root
