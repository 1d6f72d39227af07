"""What each local module hands to the operators' commands: its invariants and its part of the demonstration shop."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """What must hold in a module's tables: `sql` selects the rows that break it (at most a few are shown)."""

    module: str
    name: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """What must hold between modules, found out by their public functions: returns a line for each break."""

    name: str
    find: Callable[[], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Seeder:
    """A module's part of the seeded shop: the same rows for the same seed; repeating it adds nothing.

    `run(products, seed, progress)` returns how many rows it made of what; `progress(what, done, of)` moves the bar.
    """

    module: str
    run: Callable[[int, int, Progress], dict[str, int]]
    is_empty: Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Extra:
    """What a module adds to the seeded shop where it is asked for: `seed --<option> N`, with `help` behind it.

    `run(number, seed, progress)` as a Seeder's; the same rows for the same numbers, and repeating it adds nothing.
    """

    module: str
    option: str
    run: Callable[[int, int, Progress], dict[str, int]]
    help: str


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A question of `manage.py doctor`: `ask` returns None when all is well, else what is wrong and what to do."""

    name: str
    ask: Callable[[], str | None]


invariants: list[Invariant] = []
cross_checks: list[CrossCheck] = []
seeders: list[Seeder] = []
extras: list[Extra] = []
diagnoses: list[Diagnosis] = []
