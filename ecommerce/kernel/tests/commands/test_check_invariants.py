import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from ecommerce.kernel import registry
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.registry import CrossCheck, Invariant

pytestmark = pytest.mark.django_db

SOUND = Invariant(module="catalog", name="nothing is less than nothing", sql="SELECT 1 AS one WHERE 1 < 0")
BROKEN = Invariant(
    module="catalog", name="numbers are few", sql="SELECT number, number % 2 AS odd FROM generate_series(1, 7) number"
)


@pytest.fixture
def registered(monkeypatch):
    def register(invariants, cross_checks=()):
        monkeypatch.setattr(registry, "invariants", list(invariants))
        monkeypatch.setattr(registry, "cross_checks", list(cross_checks))

    return register


def check(*arguments: str) -> str:
    out = io.StringIO()
    call_command("check_invariants", *arguments, stdout=out)
    return out.getvalue()


def broken(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--format", "json", *arguments, stdout=out)
    assert ended.value.code == 1
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_a_sound_shop_ends_well_and_says_how_much_was_checked(registered):
    registered([SOUND], [CrossCheck(name="all is well", find=list)])
    assert check() == "All 2 invariants hold.\n"
    assert json.loads(check("--format", "json")) == {"checked": 2, "broken": []}


def test_what_is_broken_is_counted_and_shown_by_a_few_rows(registered):
    registered([SOUND, BROKEN])
    assert broken() == {
        "checked": 2,
        "broken": [
            {
                "where": "catalog",
                "what should hold": "numbers are few",
                "rows": 7,
                "for example": [f"number={number} odd={number % 2}" for number in range(1, 6)],
            }
        ],
    }


def test_the_table_shows_the_same(registered):
    registered([BROKEN])
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=out)
    assert "number=5 odd=1" in out.getvalue()
    assert "number=6" not in out.getvalue()


def test_what_does_not_fit_between_modules_is_broken(registered):
    lines = [f"order {number}" for number in range(1, 8)]
    registered([SOUND], [CrossCheck(name="orders are paid", find=lambda: iter(lines))])
    assert broken()["broken"] == [
        {"where": "between modules", "what should hold": "orders are paid", "rows": 7, "for example": lines[:5]}
    ]


def test_what_cannot_be_asked_is_broken_and_the_rest_is_still_asked(registered):
    def away():
        raise Unavailable("payments does not answer.")

    registered([], [CrossCheck(name="one", find=away), CrossCheck(name="other", find=lambda: ["line"])])
    found = [(row["what should hold"], row["for example"]) for row in broken()["broken"]]
    assert found == [("one", ["could not be asked: payments does not answer."]), ("other", ["line"])]


def test_every_invariant_of_this_program_is_a_query_that_runs(monkeypatch):
    monkeypatch.setattr(registry, "cross_checks", [])
    out = io.StringIO()
    call_command("check_invariants", "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["broken"] == []
