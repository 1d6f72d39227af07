"""config/env.example names every variable that the program reads, and no other, with its default."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ecommerce.settings import BASE_DIR, MODULES, Environment

EXAMPLE = BASE_DIR / "config" / "env.example"

# Set by tools, by the system, or by one of our programs for another: nobody writes them into a configuration.
NOT_FOR_OPERATORS = {
    "DJANGO_SETTINGS_MODULE",
    "LAUNCH_INSTALL_SECONDS",
    "LAUNCH_STARTED",
    "NO_PROXY",
    "PATH",
    "PROMETHEUS_MULTIPROC_DIR",
    "PYTEST_VERSION",
}
# What has no default outside of development.
SECRETS = dict.fromkeys(("secret_key", "internal_keys", "jwt_key_encryption_key", "sandbox_webhook_secret"), "secret")
READ = re.compile(r"""environ(?:\.get|\.setdefault)?[\[(]\s*["'](\w+)["']|["'](\w+)["'] in os\.environ""")


def assignments() -> dict[str, str]:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def read_by_the_program() -> set[str]:
    names = {name.upper() for name in Environment.model_fields}
    names |= {f"{module.upper()}_{what}" for module in MODULES for what in ("URL", "DATABASE_URL")}
    for file in sources():
        names |= {found[1] or found[2] for found in READ.finditer(file.read_text())}
    return names - NOT_FOR_OPERATORS


def sources() -> list[Path]:
    folders = [BASE_DIR / name for name in ("ecommerce", "modules", "config")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return [file for file in files if "tests" not in file.parts]


def test_the_example_names_exactly_the_variables_that_the_program_reads():
    assert set(assignments()) == read_by_the_program()


def test_each_variable_is_named_once_and_explained_in_one_line():
    lines = EXAMPLE.read_text().splitlines()
    named = [line.split("=", 1)[0] for line in lines if line and not line.startswith("#")]
    assert sorted(named) == sorted(set(named))
    pairs = pairwise(lines)
    assert [line for above, line in pairs if line and line[0] != "#" and not above.startswith("# ")] == []


@pytest.mark.parametrize("name", sorted(Environment.model_fields))
def test_the_example_shows_the_default(name: str):
    default: Any = Environment.model_fields[name].default
    shown = Environment.model_validate(SECRETS | {name: assignments()[name.upper()] or default})
    value = getattr(shown, name)
    if isinstance(value, SecretStr):
        assert assignments()[name.upper()] == default.get_secret_value()
    else:
        assert value == default
