"""What every test of payments stands on."""

from collections.abc import Iterator

import pytest

from modules.payments.tests.factories import broken_invariants


@pytest.fixture(autouse=True)
def _no_invariant_is_broken(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the database did, the invariants hold when it ends (unless it breaks them on purpose)."""
    mark = request.node.get_closest_marker("django_db")
    if mark:
        # Asked for first, so that its tables are emptied last.
        request.getfixturevalue("transactional_db" if mark.kwargs.get("transaction") else "db")
    yield
    if mark and not request.node.name.startswith("test_a_broken_"):
        assert broken_invariants() == {}
