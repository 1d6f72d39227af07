"""Where one run keeps its data, and its claim on that place.

A checkout's shop and its tests have slots of their own (`var/shop`, `var/test`), so that neither disturbs the other,
and a second run of the same kind takes the next (`var/shop-2`). A slot is claimed by an flock, which the kernel gives
back when the run's process is gone, however it ended.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Slot:
    """The places of one run: all in the checkout's `var/`, but for what has to be short or must not be root's."""

    checkout: Path
    name: str

    @property
    def home(self) -> Path:
        """The directory of its data."""
        return self.checkout / "var" / self.name

    @property
    def logs(self) -> Path:
        """The shop's logs are where one looks first; those of the others lie one directory deeper."""
        return self.checkout / "var" / "log" / ("" if self.name == "shop" else self.name)

    @property
    def lock(self) -> Path:
        """The file whose flock is the claim; it says who holds it."""
        return self.home / "lock"

    @property
    def socket_directory(self) -> Path:
        """A Unix socket's path holds about 100 bytes, and a checkout's may be longer."""
        return Path("/tmp") / private_name(self.checkout, self.name)  # noqa: S108  (its owner is checked, its mode is 0700)

    @property
    def root_store(self) -> Path:
        """Root's checkouts may lie where no other user can go, and PostgreSQL refuses to be root."""
        return Path("/var/tmp") / private_name(self.checkout)  # noqa: S108  (its owner is checked)


class Claim:
    """A held slot. Keep the object: the lock is the open file."""

    def __init__(self, slot: Slot, file: IO[str]) -> None:
        self.slot = slot
        self._file = file
        self.tell()

    def tell(self, **facts: Any) -> None:
        """Leave a word for other runs of this checkout: who holds the slot, and how to reach what runs there."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), **facts}, self._file)
        self._file.flush()

    def release(self) -> None:
        """Give the slot back."""
        self._file.close()


def claim(checkout: Path, purpose: str) -> Claim:
    """The first slot of this purpose that no living run holds."""
    number = 1
    while True:
        slot = Slot(checkout, purpose if number == 1 else f"{purpose}-{number}")
        held = try_to_claim(slot)
        if held:
            return held
        number += 1


def try_to_claim(slot: Slot) -> Claim | None:
    """The claim on this slot, or None where a living run holds it."""
    slot.home.mkdir(parents=True, exist_ok=True)
    # The file holds Redis's password. "a+" neither empties it before the lock is ours nor fails where it is missing.
    file = os.fdopen(os.open(slot.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return Claim(slot, file)


def holder(slot: Slot) -> dict[str, Any] | None:
    """What the run that holds this slot says of itself, or None where none does."""
    try:
        with slot.lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(slot.lock)
    return None


def slots(checkout: Path) -> Iterator[Slot]:
    """Every slot that a run of this checkout ever took."""
    for lock in sorted((checkout / "var").glob("*/lock")):
        yield Slot(checkout, lock.parent.name)


def private_name(checkout: Path, name: str = "") -> str:
    """The same name for the same user, checkout and slot, and no other's."""
    digest = hashlib.sha256(f"{checkout}\0{name}".encode()).hexdigest()
    return f"shop-{os.getuid()}-{digest[:10]}"


def make_private_directory(path: Path, *, owner: int, mode: int = 0o700) -> None:
    """A directory under /tmp that is ours: one that somebody else laid there is refused."""
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid not in (os.getuid(), owner):
        raise PermissionError(f"{path} belongs to somebody else: remove it")
    path.chmod(mode)
    os.chown(path, owner, -1)


def _read(lock: Path) -> dict[str, Any]:
    try:
        facts = json.loads(lock.read_text())
    except ValueError:  # it is being written at this moment
        return {}
    return facts if isinstance(facts, dict) else {}
