"""The same transactions without the shop: what the shop sent for one purchase, sent again and again by pgbench."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

UUID_LITERAL = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b")
RATE = re.compile(r"tps = ([0-9.]+)")
MISSING = "pgbench is not on the PATH: apt-get install postgresql-contrib (Debian), or brew install libpq"


def find_pgbench() -> str:
    """Where it is; refuses with what to install."""
    if found := shutil.which("pgbench"):
        return found
    raise SystemExit(MISSING)


def script_of(statements: Iterable[str], places: dict[UUID, str]) -> str:
    """One purchase for pgbench: the ids in `places` as said there, each other id a new one in every turn."""
    made: dict[str, str] = {}
    lines = [
        UUID_LITERAL.sub(lambda match: _place(match[0], places, made), " ".join(statement.split())) + ";"
        for statement in statements
    ]
    first = [f"\\set {name} random(100000000000, 999999999999)" for name in made.values()]
    return "\n".join([*first, "\\set turn random(10000000, 99999999)", *lines]) + "\n"


def rate(pgbench: str, url: str, script: Path, *, clients: int, seconds: float, variables: dict[str, str]) -> float:
    """Purchases a second."""
    command = [pgbench, "--no-vacuum", "--client", str(clients), "--jobs", "2", "--time", str(max(1, round(seconds)))]
    defined = [f"--define={name}={value}" for name, value in variables.items()]
    told = subprocess.run([*command, *defined, "--file", str(script), url], capture_output=True, text=True, check=False)
    found = RATE.search(told.stdout)
    if told.returncode or not found or "number of failed transactions: 0 " not in told.stdout:
        raise RuntimeError(f"pgbench failed:\n{told.stdout}{told.stderr}")
    return float(found[1])


def _place(literal: str, places: dict[UUID, str], made: dict[str, str]) -> str:
    if (place := places.get(UUID(literal))) is not None:
        return place
    name = made.setdefault(literal, f"id{len(made)}")
    return f":turn-0000-4000-8000-:{name}"
