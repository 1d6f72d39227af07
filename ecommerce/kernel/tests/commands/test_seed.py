import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ecommerce.kernel import registry
from ecommerce.kernel.errors import Forbidden
from ecommerce.kernel.registry import Extra, Seeder


class Module:
    """A module's part of the shop that remembers what it was asked for."""

    def __init__(self, name: str, *, rows: int = 3) -> None:
        self.asked: list[tuple[int, int]] = []
        self.rows = rows
        self.seeder = Seeder(module=name, run=self.run, is_empty=lambda: not self.asked)

    def run(self, products: int, seed: int, progress: registry.Progress) -> dict[str, int]:
        self.asked.append((products, seed))
        progress("things", self.rows, self.rows)
        return {"things": self.rows}


@pytest.fixture
def modules(monkeypatch, settings):
    settings.DEBUG = True
    for name in ("SEED", "SEED_PRODUCTS"):
        monkeypatch.delenv(name, raising=False)
    modules = [Module("users", rows=2), Module("catalog")]
    monkeypatch.setattr(registry, "seeders", [module.seeder for module in modules])
    return modules


def seed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("seed", *arguments, stdout=out)
    return out.getvalue()


def test_each_module_makes_its_part_and_the_answer_says_how_much(modules):
    answer: dict[str, Any] = json.loads(seed("--products", "20", "--seed", "7", "--format", "json"))
    assert [module.asked for module in modules] == [[(20, 7)], [(20, 7)]]
    made = [(row["module"], row["what"], row["rows"]) for row in answer["rows"]]
    assert made == [("users", "things", 2), ("catalog", "things", 3)]


def test_the_table_ends_with_the_rows_of_all_modules(modules):
    assert seed().splitlines()[-1].startswith("5 rows in ")


def test_progress_is_plain_lines_on_standard_error_where_that_is_no_terminal(modules, capsys):
    seed()
    assert capsys.readouterr().err.splitlines() == ["users: things 2/2", "catalog: things 3/3"]


def test_without_options_the_environment_says_how_much(modules, monkeypatch):
    seed()
    monkeypatch.setenv("SEED_PRODUCTS", "12")
    monkeypatch.setenv("SEED", "5")
    seed()
    assert modules[0].asked == [(500, 1), (12, 5)]


def test_what_holds_something_is_left_out_where_asked_for(modules):
    modules[0].asked.append((1, 1))
    seed("--if-empty")
    assert [len(module.asked) for module in modules] == [1, 1]
    assert seed("--if-empty") == "Nothing to do: the shop is not empty.\n"


@pytest.mark.parametrize("arguments", [("--products", "-1"), ("--products", "many")])
def test_a_number_that_is_none_is_refused(modules, arguments):
    with pytest.raises(CommandError):
        seed(*arguments)
    assert modules[0].asked == []


def test_it_is_refused_in_production(modules, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG=on"):
        seed()
    assert modules[0].asked == []


def test_a_module_that_refuses_ends_it_with_its_own_words(modules, monkeypatch):
    def refuse(*_):
        raise Forbidden("Not here.")

    monkeypatch.setattr(registry, "seeders", [Seeder(module="users", run=refuse, is_empty=lambda: True)])
    with pytest.raises(CommandError, match=r"users: Not here\."):
        seed()


def test_what_a_module_may_add_is_added_where_its_option_asks_for_it(modules, monkeypatch):
    hats = Module("catalog", rows=4)
    monkeypatch.setattr(registry, "extras", [Extra(module="catalog", option="hats", run=hats.run, help="so many hats")])

    seed()
    answer = json.loads(seed("--hats", "9", "--seed", "7", "--format", "json"))

    assert hats.asked == [(9, 7)]
    assert [(row["module"], row["rows"]) for row in answer["rows"]] == [("users", 2), ("catalog", 3), ("catalog", 4)]
    with pytest.raises(CommandError, match="--hats is a number from 0 on"):
        seed("--hats", "-1")
    assert hats.asked == [(9, 7)]
