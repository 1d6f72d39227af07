"""What work has cost so far: CPU time of process trees from /proc, statements from pg_stat_statements, memory."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# The query texts do not say whose they are, the roles do: each kind of process has its own.
STATEMENTS = r"""
    SELECT roles.rolname, sum(counted.calls)::bigint
    FROM pg_stat_statements AS counted
    JOIN pg_roles AS roles ON roles.oid = counted.userid
    JOIN pg_database AS databases ON databases.oid = counted.dbid
    WHERE databases.datname = current_database() AND roles.rolname = ANY(%s)
      AND counted.query !~* '^\s*(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\M'
    GROUP BY roles.rolname
"""


@dataclass(frozen=True)
class Reading:
    """CPU seconds by group of processes, and statements by role, since some time that only differences know."""

    cpu: Mapping[str, float]
    statements: Mapping[str, int]

    def since(self, earlier: "Reading") -> "Reading":
        """What came in between."""
        return Reading(
            {group: seconds - earlier.cpu.get(group, 0) for group, seconds in self.cpu.items()},
            {role: calls - earlier.statements.get(role, 0) for role, calls in self.statements.items()},
        )


class Meters:
    """Reads what the shop's processes have used."""

    def __init__(
        self, processes: Mapping[str, list[int]], connection: psycopg.Connection[Any], roles: Iterable[str]
    ) -> None:
        self._processes = processes
        self._connection = connection
        self._roles = list(roles)

    def read(self) -> Reading:
        """As of now."""
        return Reading(cpu_seconds(self._processes), statements(self._connection, self._roles))

    def memory_mb(self, group: str) -> list[float]:
        """Resident memory of each child of the group's processes (gunicorn's workers), largest first."""
        parents = set(self._processes[group])
        children = [pid for pid, (parent, _ticks) in all_processes() if parent in parents]
        return sorted((resident_mb(pid) for pid in children), reverse=True)


def cpu_seconds(processes: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """User and system time of each group's processes with all that they started, also what has ended since."""
    ticks, children = {}, defaultdict(list)
    for pid, (parent, used) in all_processes():
        ticks[pid] = used
        children[parent].append(pid)
    return {
        group: sum(ticks.get(pid, 0) for first in pids for pid in _tree(first, children)) / TICKS_PER_SECOND
        for group, pids in processes.items()
    }


def statements(connection: psycopg.Connection[Any], roles: list[str]) -> dict[str, int]:
    """Statements of each role in this database, without those that only begin and end transactions."""
    found: dict[str, int] = dict(connection.execute(STATEMENTS, [roles]).fetchall())
    return {role: found.get(role, 0) for role in roles}


def all_processes() -> Iterator[tuple[int, tuple[int, int]]]:
    """Every process: its parent and its ticks."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            yield int(entry.parent.name), parent_and_ticks(entry.read_text())


def parent_and_ticks(stat: str) -> tuple[int, int]:
    """From /proc/PID/stat: the parent, and user and system time, its own and that of children it has waited for."""
    # The second field is the program's name, in parentheses, and may hold anything.
    fields = stat.rpartition(")")[2].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15])


def resident_mb(pid: int) -> float:
    """VmRSS: pages shared with other processes are counted in each."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def _tree(first: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield first
    for child in children.get(first, ()):
        yield from _tree(child, children)
