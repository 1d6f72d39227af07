"""The settings stand in the files of their topics, and Django finds them all in one module."""

import ast
from collections import Counter
from pathlib import Path

from ecommerce import settings

FILES = sorted(Path(settings.__file__).parent.glob("*.py"))


def names_in(file: Path) -> set[str]:
    """The settings that a file makes, whatever the environment."""
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper()}
    return found


def test_each_setting_stands_in_one_file() -> None:
    counted = Counter(name for file in FILES for name in names_in(file))

    assert {"DATABASES", "DEBUG", "MODULE_DATABASES", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"} <= counted.keys()
    assert [name for name, files in counted.items() if files > 1] == []


def test_what_a_file_sets_is_a_setting_of_the_shop() -> None:
    assert {file.name: names_in(file) - set(dir(settings)) for file in FILES} == {file.name: set() for file in FILES}
