"""`make check`: every check runs, even after one has failed; then a table."""

import difflib
import os
import shutil
import sys

from rich.table import Table

from ecommerce.launch.process import Process
from ecommerce.launch.screen import console, say
from ecommerce.launch.services import complete
from ecommerce.launch.slot import CHECKOUT

LOGS = CHECKOUT / "var" / "log" / "check"
OPENAPI = CHECKOUT / "docs" / "openapi.yaml"
GENERATED = CHECKOUT / "var" / "openapi.yaml"
# The checks ask for no data. An address that answers at once (with a refusal) is quicker than one that times out.
NO_SERVERS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "DATABASE_POOL": "off",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/1",
}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def check() -> int:
    """Run all checks at once; 1 if one failed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    running = [start(name, command) for name, command in checks().items()]
    passed = {check.name: ended_well(check) for check in running}
    passed["openapi is docs/openapi.yaml"] = passed["openapi"] and is_published()
    console.print(table(passed))
    return 0 if all(passed.values()) else 1


def checks() -> dict[str, list[str]]:
    """Name and command of each; programs are called as modules, since a path with a space breaks their scripts."""
    python, manage = sys.executable, [sys.executable, "manage.py"]
    return {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "lint-imports": [python, "-c", LINT_IMPORTS, "--no-logo"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "event routes": [*manage, "event_routes", "--check"],
        "openapi": [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", str(GENERATED)],
        "mypy": [python, "-m", "mypy", "."],
    }


def write_openapi() -> int:
    """Write docs/openapi.yaml anew, unless the schema has warnings."""
    if not ended_well(start("openapi", checks()["openapi"])):
        return 1
    OPENAPI.parent.mkdir(exist_ok=True)
    shutil.copyfile(GENERATED, OPENAPI)
    say(f"wrote {OPENAPI.relative_to(CHECKOUT)}")
    return 0


def start(name: str, command: list[str]) -> Process:
    """Start one check, with no server to lean on."""
    environment = {**os.environ, **NO_SERVERS}
    complete(environment)
    log = LOGS / f"{name.replace(' ', '-')}.log"
    log.unlink(missing_ok=True)
    started = Process(name=name, command=command, environment=environment, log=log, directory=CHECKOUT)
    started.start()
    return started


def ended_well(check: Process) -> bool:
    """Wait for one; show what it said where it failed."""
    while not check.wait(60):
        say(f"still waiting for {check.name}")
    if check.exit_code:
        console.rule(f"{check.name} failed", align="left", style="red")
        say(check.log.read_text(errors="replace").strip())
    return check.exit_code == 0


def is_published() -> bool:
    """Whether the committed schema is the views'; shows the difference."""
    committed = OPENAPI.read_text() if OPENAPI.exists() else ""
    names = (str(OPENAPI.relative_to(CHECKOUT)), "the views' schema (`make openapi` writes it)")
    lines = difflib.unified_diff(committed.splitlines(), GENERATED.read_text().splitlines(), *names, n=1, lineterm="")
    difference = list(lines)
    say("\n".join(difference[:60]))
    return not difference


def table(passed: dict[str, bool]) -> Table:
    """One line for each check."""
    lines = Table("check", "result", title="make check", title_justify="left")
    for name, well in passed.items():
        lines.add_row(name, "[green]passed" if well else "[red]failed")
    return lines
