"""Files of products: kept in pieces until they are carried out, opened, and read batch by batch in bounded memory."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple

from modules.catalog.logic.import_csv import CsvFile
from modules.catalog.logic.import_entries import Entry, Position
from modules.catalog.logic.import_jsonl import JsonlFile
from modules.catalog.models import Attribute, ImportChunk, ImportJob

PIECE = 1024 * 1024
# One transaction: long enough to be quick, short enough that nobody waits for its locks.
MOST_PRODUCTS = 500
MOST_ROWS = 2000
JSON_ENDINGS = frozenset((".jsonl", ".ndjson", ".json"))


class Batch(NamedTuple):
    """Products to be carried out together, and where the next batch begins."""

    entries: list[Entry]
    end: Position


def format_of(file_name: str) -> str:
    """By the ending of its name; CSV unless that says JSON lines."""
    is_json = PurePath(file_name).suffix.lower() in JSON_ENDINGS
    return ImportJob.Format.JSONL if is_json else ImportJob.Format.CSV


def open_file(file: BinaryIO, format: str, delimiter: str) -> CsvFile | JsonlFile:  # noqa: A002  (its word everywhere)
    """A file that can be read; refuses one that cannot be used at all (UnusableFile)."""
    attributes = {attribute.code: attribute for attribute in Attribute.objects.order_by("code")}
    return JsonlFile(file, attributes) if format == ImportJob.Format.JSONL else CsvFile(file, attributes, delimiter)


def batches(file: CsvFile | JsonlFile, after: Position) -> Iterator[Batch]:
    """The products from there on, so many at once."""
    entries: list[Entry] = []
    rows = 0
    for entry in file.entries(after):
        entries.append(entry)
        rows += entry.rows
        if len(entries) >= MOST_PRODUCTS or rows >= MOST_ROWS:
            yield Batch(entries, entry.end)
            entries, rows = [], 0
    if entries:
        yield Batch(entries, entries[-1].end)


def digest_of(file: BinaryIO) -> tuple[str, int]:
    """Its SHA-256 and its size; it stands at its beginning afterwards."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    return digest.hexdigest(), size


def keep_content(job: ImportJob, file: BinaryIO) -> None:
    """Keep an uploaded file, piece by piece."""
    number = 0
    while piece := file.read(PIECE):
        ImportChunk.objects.create(job=job, number=number, content=piece)
        number += 1


def kept_content(job: ImportJob) -> BinaryIO:
    """An uploaded file, read piece by piece."""
    return io.BufferedReader(_Pieces(job), buffer_size=64 * 1024)


class _Pieces(io.RawIOBase):
    """An uploaded file's pieces as one; holds one at a time."""

    def __init__(self, job: ImportJob) -> None:
        self._job, self._at = job, 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._job.size}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, start = divmod(self._at, PIECE)
        if number != self._number:
            kept = ImportChunk.objects.filter(job=self._job, number=number).values_list("content", flat=True).first()
            self._number, self._piece = number, bytes(kept or b"")
        part = self._piece[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
