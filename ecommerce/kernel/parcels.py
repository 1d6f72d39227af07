"""A document of any size, in parcels that one call to another module can carry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ecommerce.kernel import wire

# A request's body holds at most settings.MAX_BODY_BYTES (1 MiB), also between modules.
LARGEST_BYTES = 512 * 1024


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Some of a document's items, by section; all parcels' sections laid end to end are the document."""

    number: int
    document: dict[str, list[Any]]
    is_last: bool


class Give(Protocol):
    """What carries a parcel to where the document is wanted."""

    def __call__(self, *, document: dict[str, list[Any]], parcel: int, is_last: bool) -> None: ...


def hand_over(sections: Mapping[str, Iterable[Any]], give: Give) -> None:
    """Pack the sections and give one parcel after the other. What refuses one ends it: the rest is not even read."""
    for parcel in pack(sections):
        give(document=parcel.document, parcel=parcel.number, is_last=parcel.is_last)


def pack(sections: Mapping[str, Iterable[Any]], *, largest: int = LARGEST_BYTES) -> Iterator[Parcel]:
    """The sections' items as plain JSON values, in order, in as few parcels as hold them: at least one.

    Items are read only as they are packed, so sections may be queries of any length.
    """
    number, size, document = 0, 0, _empty(sections)
    for name, items in sections.items():
        for item in items:
            weight = len(wire.encode(item))
            if size and size + weight > largest:
                yield Parcel(number=number, document=document, is_last=False)
                number, size, document = number + 1, 0, _empty(sections)
            document[name].append(wire.to_plain(item))
            size += weight
    yield Parcel(number=number, document=document, is_last=True)


def unpack(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One document of its parcels in order: lists laid end to end, of anything else the last."""
    whole: dict[str, Any] = {}
    for document in documents:
        for name, value in document.items():
            whole[name] = [*whole.get(name, []), *value] if isinstance(value, list) else value
    return whole


def _empty(sections: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    return {name: [] for name in sections}
