import io

import pytest

from ecommerce.kernel import console
from ecommerce.kernel.gauges import register
from ecommerce.kernel.metrics import exposition


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


ROWS = [{"name": "[red]lamp[/red]", "sizes": ["S", "M"], "note": None}]


def test_a_table_is_plain_lines_elsewhere_and_takes_nothing_for_markup():
    out = io.StringIO()
    console.show_table(out, "Things", ROWS, empty="none")
    assert [line.split() for line in out.getvalue().splitlines()] == [
        ["Things"],
        ["name", "sizes", "note"],
        ["[red]lamp[/red]", "S,", "M"],
    ]


def test_a_long_line_is_not_wrapped_where_it_is_piped():
    out = io.StringIO()
    console.show_table(out, "Things", [{"name": "x " * 150}], empty="none")
    assert len(out.getvalue().splitlines()) == 3


def test_progress_is_a_bar_in_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    errors = Terminal()
    with console.Bars(errors) as bars:
        bars.advance("catalog", "products", 5, 10)
        bars.advance("catalog", "products", 10, 10)
    assert "catalog: products" in errors.getvalue()
    assert "10/10" in errors.getvalue()


def test_progress_elsewhere_is_a_line_now_and_then():
    errors = io.StringIO()
    with console.Bars(errors) as bars:
        for done in range(1, 1001):
            bars.advance("catalog", "products", done, 1000)
    assert errors.getvalue().splitlines() == ["catalog: products 1/1000", "catalog: products 1000/1000"]


@pytest.mark.django_db
def test_prometheus_is_told_of_the_outbox_and_of_what_is_parked():
    register()
    lines = exposition().decode().splitlines()
    assert "outbox_undelivered 0.0" in lines
    assert "outbox_lag_seconds 0.0" in lines
    assert 'parked{label="events"} 0.0' in lines
    assert 'parked{label="steps"} 0.0' in lines
