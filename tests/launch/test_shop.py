"""`run`: the order of things, ports, deaths and ends; with a shop that is quick to start."""

import os
import signal
import socket
from contextlib import closing, suppress

import httpx2
import pytest

from ecommerce.launch.slot import Slot, holder


def get(url: str) -> str:
    return httpx2.get(url, timeout=10).text


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


def test_migrations_come_first_then_the_seed_then_the_relay(checkout):
    notes = checkout.path / "notes"
    notes.unlink(missing_ok=True)
    checkout.open_shop(SEED_PRODUCTS="20")
    assert notes.read_text().splitlines() == [
        "migrate --no-input products=20",
        "seed --if-empty products=20",
        "relay products=20",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_good_order(checkout, number):
    process, url = checkout.open_shop()
    assert get(f"{url}/readyz")
    process.send_signal(number)
    process.communicate(timeout=15)
    assert process.returncode == 0
    checkout.until(lambda: not checkout.processes(), 1)


def test_killing_the_supervisor_leaves_nothing(checkout):
    process, _url = checkout.open_shop()
    process.kill()
    checkout.until(lambda: not checkout.processes(), 15)


def test_a_taken_port_is_refused_before_anything_starts(checkout, taken_port):
    done = checkout.run("run", PORT=taken_port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"PORT={taken_port} cannot be used (Address already in use)")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_word_is_no_port(checkout):
    assert checkout.run("run", PORT="web").returncode == 2


def test_the_next_free_port_is_taken_where_none_is_named(checkout, monkeypatch):
    from ecommerce.launch import port

    monkeypatch.delenv("PORT", raising=False)
    with closing(port.listen()) as first, closing(port.listen()) as second:
        assert port.FIRST <= first.getsockname()[1] < second.getsockname()[1]


def test_a_web_that_cannot_start_is_shown_and_ends_the_run(checkout):
    done = checkout.run("run", STUB_BROKEN="1")
    assert done.returncode == 1
    assert "web did not start" in done.stderr
    assert "this web is broken" in done.stderr


def test_what_dies_is_started_again(checkout):
    _process, url = checkout.open_shop()
    first = int(get(url))
    os.kill(first, signal.SIGKILL)

    def another_answers() -> bool:
        # Its orphans may still take a request and die with it; nobody is refused, since the supervisor holds the port.
        with suppress(httpx2.ReadError, httpx2.RemoteProtocolError):
            return int(get(url)) != first
        return False

    checkout.until(another_answers)


def test_stop_ends_the_shop_of_this_checkout(checkout):
    process, _url = checkout.open_shop()
    done = checkout.run("stop")
    assert done.returncode == 0, done.stdout
    assert process.wait(1) == 0
    assert "no shop" in checkout.run("stop").stdout


def test_a_command_on_the_shops_data_uses_the_running_servers(checkout):
    checkout.open_shop()
    there = (holder(Slot(checkout.path, "shop")) or {})["environment"]["DATABASE_URL"]
    done = checkout.run("exec", "--data", "shop", "--", "sh", "-c", "echo $DATABASE_URL")
    assert done.stdout.strip() == there
