"""What every test of payments stands on."""

from collections.abc import Iterator

import pytest
from django.db import connection

from modules.payments.tests.factories import broken_invariants


@pytest.fixture(autouse=True)
def _no_invariant_is_broken(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the database did, the invariants hold when it ends."""
    yield
    marked = request.node.get_closest_marker("django_db")
    if marked and marked.kwargs.get("transaction") and not connection.in_atomic_block:
        assert broken_invariants() == {}
