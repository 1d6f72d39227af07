"""One vocabulary of scopes: what no member of `Scope` is, no code asks for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from modules.users.contracts import Scope

ROOT = Path(settings.BASE_DIR)
VOCABULARY = {scope.value for scope in Scope}
# What looks like a scope: `<something>.<one of the vocabulary's verbs>`.
SHAPE = re.compile(rf"[a-z_]+\.({'|'.join(sorted({scope.split('.')[1] for scope in VOCABULARY}))})")
ASKING = {"HasScope", "may"}


def sources() -> Iterator[Path]:
    for folder in ("modules", "ecommerce", "tests", "benchmarks"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def literals(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SHAPE.fullmatch(node.value):
            yield node.value


def asked_for(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in ASKING:
            yield str(node.args[0].value)


def is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts


def test_every_scope_written_in_code_is_one_of_the_vocabulary() -> None:
    found = {(path, scope) for path in sources() for scope in literals(ast.parse(path.read_text()))}

    assert [(str(path), scope) for path, scope in found if scope not in VOCABULARY] == []


def test_modules_ask_for_scopes_by_their_names_not_by_strings() -> None:
    asking = [
        (path, scope) for path in sources() if not is_test(path) for scope in asked_for(ast.parse(path.read_text()))
    ]

    assert asking == []


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_is_a_module_or_subject_and_a_verb(scope: Scope) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+", scope.value)
    assert scope.name == scope.value.replace(".", "_").upper()
