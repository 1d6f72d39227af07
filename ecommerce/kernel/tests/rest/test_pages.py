from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.models import InboxEvent

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS, MIXED, PARKED, OLDEST = (
    f"/api/v1/orders/{name}/" for name in ("events", "mixed-events", "parked-events", "oldest-events")
)


def make(count: int) -> None:
    """Events in groups of three of one instant, so that the id has to decide."""
    InboxEvent.objects.using("default").bulk_create(
        InboxEvent(
            id=UUID(int=n),
            event_id=UUID(int=n),
            listener="orders",
            source="cart",
            name="ab"[n % 2],
            aggregate_id=UUID(int=1),
            position=n,
            payload={},
            received_at=START + timedelta(microseconds=n // 3),
            next_attempt_at=START,
            parked_at=START if n % 3 else None,
        )
        for n in range(count)
    )


def walk(client, url: str, direction: str = "next") -> list[list[int]]:
    pages = []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        pages.append([row["position"] for row in answer.json()["results"]])
        url = answer.json()[direction]
    return pages


def last_page(client, url: str) -> str:
    while following := client.get(url).json()["next"]:
        url = following
    return url


EXPECTED = {
    EVENTS: lambda n: sorted(range(n), reverse=True),
    OLDEST: lambda n: list(range(n)),
    MIXED: lambda n: sorted(range(n), key=lambda i: (i % 2, -i)),
    PARKED: lambda n: [i for i in range(n) if i % 3],
}


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
@pytest.mark.parametrize("path", list(EXPECTED))
def test_walking_forth_gives_every_row_once_in_order(client, path, limit):
    make(23)
    pages = walk(client, f"{path}?limit={limit}")
    assert [n for page in pages for n in page] == EXPECTED[path](23)
    assert all(len(page) == limit for page in pages[:-1])
    assert 1 <= len(pages[-1]) <= limit


@pytest.mark.parametrize("path", list(EXPECTED))
def test_walking_back_gives_the_same_rows(client, path):
    make(23)
    pages = walk(client, last_page(client, f"{path}?limit=5"), "previous")
    assert [n for page in reversed(pages) for n in page] == EXPECTED[path](23)
    assert client.get(f"{path}?limit=5").json()["previous"] is None


def test_a_page_has_24_rows_unless_told_otherwise_and_absolute_links(client):
    make(30)
    answer = client.get(EVENTS).json()
    assert len(answer["results"]) == 24
    assert answer["next"].startswith(f"http://testserver{EVENTS}?cursor=")
    assert answer["previous"] is None


def test_a_list_that_fits_has_no_neighbours(client):
    make(24)
    answer = client.get(EVENTS).json()
    assert (len(answer["results"]), answer["next"], answer["previous"]) == (24, None, None)


def test_an_empty_list_has_no_neighbours(client):
    assert client.get(EVENTS).json() == {"results": [], "next": None, "previous": None}


def test_rows_that_arrive_meanwhile_neither_repeat_nor_shift_a_page(client):
    make(10)
    first = client.get(f"{EVENTS}?limit=4").json()
    InboxEvent.objects.using("default").create(
        id=UUID(int=99),
        event_id=UUID(int=99),
        listener="orders",
        source="cart",
        name="a",
        aggregate_id=UUID(int=1),
        position=99,
        payload={},
        received_at=START + timedelta(days=1),
        next_attempt_at=START,
    )
    assert [row["position"] for row in client.get(first["next"]).json()["results"]] == [5, 4, 3, 2]


def test_a_page_whose_rows_are_gone_leads_back(client):
    make(10)
    second = client.get(f"{EVENTS}?limit=4").json()["next"]
    InboxEvent.objects.using("default").filter(position__lt=6).delete()
    gone = client.get(second).json()
    assert (gone["results"], gone["next"]) == ([], None)
    assert [row["position"] for row in client.get(gone["previous"]).json()["results"]] == [9, 8, 7]
    InboxEvent.objects.using("default").all().delete()
    empty = client.get(gone["previous"]).json()
    assert empty == {"results": [], "next": f"http://testserver{EVENTS}?limit=4", "previous": None}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "a", "", "1.0", "１", "1e1", " 1", "9" * 5000, "²"])
def test_another_limit_is_refused(client, limit):
    answer = client.get(EVENTS, {"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_limit")


@pytest.mark.parametrize("cursor", ["", "a", "A" * 22, "A" * 100, "é" * 50, "=" * 40, "%", "A" * 21 + "."])
def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    answer = client.get(EVENTS, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_an_altered_cursor_is_refused(client):
    make(30)
    url, cursor = client.get(EVENTS).json()["next"].split("?cursor=")
    for at in range(0, len(cursor), 7):
        altered = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        assert client.get(url, {"cursor": altered}).json()["code"] == "invalid_cursor"


def test_a_cursor_belongs_to_its_filters_and_its_list(client):
    make(30)
    cursor = client.get(f"{EVENTS}?name=a&limit=2").json()["next"].split("cursor=")[1]
    assert client.get(EVENTS, {"name": "a", "cursor": cursor, "limit": 9}).status_code == 200
    others = [f"{EVENTS}?name=b", f"{EVENTS}?", f"{OLDEST}?name=a", f"{EVENTS}?name=a&x=1", f"{EVENTS}?name=a&name=a"]
    for other in others:
        answer = client.get(f"{other}&cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_mismatch")


def test_links_keep_the_filters(client):
    make(30)
    pages = walk(client, f"{EVENTS}?name=b&limit=4")
    assert [n for page in pages for n in page] == list(range(29, 0, -2))


@pytest.mark.parametrize("path", list(EXPECTED))
def test_a_page_is_one_statement_without_count_and_offset(client, path):
    make(30)
    url = client.get(f"{path}?limit=5").json()["next"]
    with CaptureQueriesContext(connections["default"]) as queries:
        client.get(url)
    [sql] = [query["sql"] for query in queries]
    assert "OFFSET" not in sql
    assert "COUNT" not in sql
    assert "LIMIT 6" in sql


def test_one_direction_compares_rows_so_that_an_index_serves_it(client):
    make(30)
    url = client.get(f"{EVENTS}?limit=5").json()["next"]
    with CaptureQueriesContext(connections["default"]) as queries:
        client.get(url)
    assert '("kernel_inboxevent"."received_at", "kernel_inboxevent"."id") < (' in queries[0]["sql"]
