"""Shops that tests start share a server; a shop of one name must be one at a time, however tests are spread."""

import threading

import pytest

from tests.shop import only_one


def test_a_second_shop_of_the_same_name_waits_for_the_first_one_to_close() -> None:
    opened: list[str] = []

    def open_second() -> None:
        with only_one("example"):
            opened.append("second")

    with only_one("example"):
        second = threading.Thread(target=open_second)
        second.start()
        second.join(timeout=0.5)
        assert opened == []
    second.join(timeout=10)
    assert opened == ["second"]


def test_shops_of_different_names_are_open_at_the_same_time() -> None:
    with only_one("example-a"), only_one("example-b"):
        pass


def test_tests_that_share_a_running_shop_are_kept_on_one_worker(request: pytest.FixtureRequest) -> None:
    sharing = [
        item for item in request.session.items if {"killable_shop", "base_url"} & set(getattr(item, "fixturenames", ()))
    ]
    assert [item.nodeid for item in sharing if not item.get_closest_marker("xdist_group")] == []
    if not hasattr(request.config, "workerinput"):
        assert request.config.getoption("dist") in ("loadgroup", "no")
        return
    # The scheduler goes by this suffix alone: without it a mark means nothing, and says nothing.
    assert [item.nodeid for item in sharing if "@" not in item.nodeid.rpartition("]")[2]] == []
