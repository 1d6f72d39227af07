"""Lists of coupon codes, for whoever hands them out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec

from ecommerce.kernel.errors import Conflict, Unavailable

HEADER = "code\n"


class ListExists(Conflict):
    """There is a file of this name already."""

    code = "list_exists"


class NotListed(Unavailable):
    """The list cannot be written."""

    code = "not_listed"


class ListElsewhere(Unavailable):
    """The codes are made, but their list is not in its place."""

    code = "list_elsewhere"


class FileList:
    """A CSV file that is there under its name only when the codes on it count; until then it is written beside."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        """Raises ListExists, unless it may be replaced."""
        self._path, self._replace = path, replace
        with _listing():
            if path.exists() and not replace:
                raise ListExists(f"{path} is there already.")
            if path.is_dir():
                raise NotListed(f"{path} is a directory.")
            # Only its owner may read it.
            self._file = NamedTemporaryFile(  # noqa: SIM115  (it is closed with the list)
                "w", dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
            )
        self.place = self._file.name
        self._head = HEADER

    def write(self, codes: list[str]) -> None:
        """These are on the disk."""
        with _listing():
            self._file.write(self._head + _lines(codes))
            self._file.flush()
            os.fsync(self._file.fileno())
        self._head = ""

    def finish(self) -> None:
        """Raises ListElsewhere: where the list is then."""
        try:
            self._file.close()
            self._put_in_place()
        except OSError as error:
            detail = f"The codes are made, and {self.place} lists them: {self._path} cannot be written"
            raise ListElsewhere(f"{detail} ({error.strerror}).") from error

    def discard(self) -> None:
        """Nothing stays."""
        # A full disk fails once more at closing.
        with suppress(OSError):
            self._file.close()
        Path(self.place).unlink(missing_ok=True)

    def _put_in_place(self) -> None:
        part = Path(self.place)
        if self._replace:
            part.replace(self._path)
        else:
            # Unlike a renamed file, a link does not take the place of one that came meanwhile.
            self._path.hardlink_to(part)
            part.unlink()


class PrintedList:
    """A CSV list into a stream."""

    place = "what was printed"

    def __init__(self, out: Any) -> None:
        self._out, self._head = out, HEADER

    def write(self, codes: list[str]) -> None:
        """These have been handed over."""
        with _listing():
            self._out.write(self._head + _lines(codes))
            self._out.flush()
        self._head = ""

    def finish(self) -> None:
        """It is whole."""

    def discard(self) -> None:
        """It cannot be called back."""


class PrintedDocument(PrintedList):
    """A JSON document into a stream: what is known, and the `count` codes. It ends only behind the last of them."""

    def __init__(self, out: Any, known: dict[str, Any], *, count: int) -> None:
        super().__init__(out)
        self._left = count
        self._before = msgspec.json.encode(known, enc_hook=str).decode().removesuffix("}") + ', "codes": [\n'

    def write(self, codes: list[str]) -> None:
        """These have been handed over."""
        self._left -= len(codes)
        text = self._before + ",\n".join(f'"{code}"' for code in codes)
        with _listing():
            self._out.write(text if self._left else f"{text}\n]}}\n")
            self._out.flush()
        self._before = ",\n"


def _lines(codes: list[str]) -> str:
    return "".join(f"{code}\n" for code in codes)


@contextmanager
def _listing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotListed(f"The list cannot be written: {error.strerror}.") from error
