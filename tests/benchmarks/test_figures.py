"""What the figures of `make bench` rest on: the percentile, the ticks, the statements, the page they are written to."""

import subprocess
import sys
from textwrap import dedent

import pytest
from django.db import connection

from benchmarks import report
from benchmarks.accounts import share_above
from benchmarks.cart_holders import ADDS_OF_A_CART, Cart, Carts
from benchmarks.carts import lists_for_one
from benchmarks.checkout import details_for_one, goals
from benchmarks.client import Client
from benchmarks.load import percentile
from benchmarks.meters import Reading, cpu_seconds, parent_and_ticks, statements


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 50, 0.0),
        ([7.0], 99, 7.0),
        ([3.0, 1.0, 2.0, 4.0], 50, 2.0),
        ([float(number) for number in range(1, 101)], 95, 95.0),
        ([float(number) for number in range(1, 101)], 99, 99.0),
        ([float(number) for number in range(1, 12)], 99, 11.0),
    ],
)
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [([2.0, 2.0], [1.0], 1.0), ([1.0], [2.0, 3.0], 0.0), ([1.0, 3.0], [2.0, 2.0], 0.5), ([1.0], [1.0], 0.0)],
)
def test_the_share_of_pairs_whose_first_took_longer(first: list[float], second: list[float], expected: float) -> None:
    assert share_above(first, second) == expected


def test_ticks_are_read_behind_a_name_with_blanks_and_parentheses() -> None:
    stat = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 5 6 7"

    assert parent_and_ticks(stat) == (7, 11 + 22 + 33 + 44)


def test_cpu_time_that_is_spent_is_counted_once() -> None:
    # A process of its own: the one that runs the tests may have others below it, which work meanwhile.
    spins = """
        import time
        while time.process_time() < 0.3: pass
        print(time.process_time(), flush=True)
        input()
    """
    with subprocess.Popen(
        [sys.executable, "-c", dedent(spins)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as spinning:
        assert spinning.stdout is not None
        spent = float(spinning.stdout.readline())
        used = cpu_seconds({"it": [spinning.pid]})["it"]
        spinning.communicate("\n")

    assert used == pytest.approx(spent, abs=0.1)


@pytest.mark.django_db(transaction=True)
def test_statements_are_counted_by_role_without_those_around_transactions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
        loaded = "pg_stat_statements" in _setting("shared_preload_libraries")
        if not loaded or cursor.fetchone() == (0,):
            pytest.skip("this server does not count statements")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    connection.ensure_connection()
    raw, role = connection.connection, connection.settings_dict["USER"]
    before = statements(raw, [role, "nobody"])

    for statement in ("BEGIN", "SELECT 1", "SAVEPOINT one", "SELECT 2", "ROLLBACK TO SAVEPOINT one", "COMMIT"):
        raw.execute(statement)

    after = Reading({}, statements(raw, [role, "nobody"])).since(Reading({}, before))
    assert after.statements == {role: 2 + 1, "nobody": 0}  # and the question itself


def test_a_cart_is_compared_with_the_list_of_as_many_clients_while_the_same_was_offered() -> None:
    figures = [
        {"what": what, "offered": offered, "clients": clients, "per_second": rate}
        for what, offered, clients, rate in (
            ("list", "nothing", 1, 100.0),
            ("list", "nothing", 8, 300.0),
            ("list", "a code", 8, 500.0),
            ("read", "nothing", 8, 120.0),
        )
    ]

    assert [lists_for_one(figure, figures) for figure in figures] == [1.0, 1.0, 1.0, 2.5]


def test_each_client_keeps_a_cart_of_its_own_and_a_busy_one_gives_way_before_it_is_full() -> None:
    carts = Carts([Cart(f"/carts/{number}/", {}) for number in range(3)], [])
    clients = [Client("127.0.0.1", 1) for _ in range(3)]

    assert [[carts.own(client).path for client in clients] for _ in range(2)] == [
        ["/carts/0/", "/carts/1/", "/carts/2/"]
    ] * 2
    assert [carts.busy(turn).path for turn in (1, ADDS_OF_A_CART - 1, ADDS_OF_A_CART, 3 * ADDS_OF_A_CART)] == [
        "/carts/0/", "/carts/0/", "/carts/1/", "/carts/0/"
    ]  # fmt: skip


def test_figures_take_the_place_of_the_last_ones_and_nothing_else_changes() -> None:
    document = f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\nmore\n"

    once = report.replaced(document, "new")

    assert once == f"# Title\n\n{report.BEGIN}\n\nnew\n\n{report.END}\n\nmore\n"
    assert report.replaced(once, "new") == once


@pytest.mark.parametrize("document", ["", report.BEGIN, f"{report.END}{report.BEGIN}", report.BEGIN * 2 + report.END])
def test_a_page_without_its_marks_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        report.replaced(document, "new")


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return str(cursor.fetchone()[0])


def test_a_checkout_is_compared_with_the_detail_of_as_many_clients() -> None:
    figures = [{"p95_ms": 30.0, "detail_p95_ms": 10.0}, {"p95_ms": 90.0, "detail_p95_ms": 20.0}]

    assert [details_for_one(figure) for figure in figures] == [3.0, 4.5]
    assert "24 statements" in goals({"checkout_statements": 24, "figures": figures})
    assert "at most 4.5 times" in goals({"checkout_statements": 24, "figures": figures})
