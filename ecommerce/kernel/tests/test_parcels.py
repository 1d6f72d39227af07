"""Documents in parcels: nothing lost, nothing twice, nothing too large."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from ecommerce.kernel import wire
from ecommerce.kernel.parcels import LARGEST_BYTES, Parcel, hand_over, pack, unpack

ID = UUID("01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10")


def test_a_small_document_is_one_parcel_of_plain_values():
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    parcels = list(pack({"orders": [{"id": ID, "at": noon}], "notes": []}))
    assert parcels == [
        Parcel(
            number=0, document={"orders": [{"id": str(ID), "at": "2026-11-23T12:00:00Z"}], "notes": []}, is_last=True
        )
    ]


def test_nothing_at_all_is_a_parcel_too():
    assert list(pack({"orders": []})) == [Parcel(number=0, document={"orders": []}, is_last=True)]


def test_a_large_document_travels_in_numbered_parcels_none_above_the_limit():
    items = [{"number": number, "text": "x" * 80} for number in range(100)]
    parcels = list(pack({"first": items[:60], "second": items[60:]}, largest=1000))
    assert [parcel.number for parcel in parcels] == list(range(len(parcels)))
    assert [parcel.is_last for parcel in parcels] == [False] * (len(parcels) - 1) + [True]
    assert len(parcels) == 12
    assert max(len(wire.encode(parcel.document)) for parcel in parcels) < 1100
    assert unpack(parcel.document for parcel in parcels) == {"first": items[:60], "second": items[60:]}


def test_an_item_above_the_limit_travels_alone():
    parcels = list(pack({"texts": ["a" * 10, "b" * 5000, "c" * 10]}, largest=1000))
    assert [[text[0] for text in parcel.document["texts"]] for parcel in parcels] == [["a"], ["b"], ["c"]]


def test_items_are_read_only_when_their_parcel_is_packed():
    read = []

    def items() -> Iterator[str]:
        for letter in "abc":
            read.append(letter)
            yield letter * 600

    parcels = pack({"texts": items()}, largest=1000)
    next(parcels)
    assert read == ["a", "b"]


def test_of_what_is_no_list_the_last_counts():
    assert unpack([{"account": {"name": "Ada"}, "n": [1]}, {"account": {"name": "Bea"}, "n": [2]}]) == {
        "account": {"name": "Bea"},
        "n": [1, 2],
    }


def test_what_is_handed_over_comes_in_order_and_ends_with_a_refusal():
    given = []

    def give(*, document, parcel, is_last):
        given.append((parcel, len(document["texts"]), is_last))
        if parcel == 1:
            raise ConnectionError

    texts = ["x" * (LARGEST_BYTES // 2 - 100)] * 7
    with pytest.raises(ConnectionError):
        hand_over({"texts": texts}, give)
    assert given == [(0, 2, False), (1, 2, False)]
    given.clear()
    hand_over({"texts": texts[:2]}, give)
    assert given == [(0, 2, True)]
