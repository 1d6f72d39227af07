"""The figures for people: a table on the screen, the same in docs/benchmarks.md, and all of them as JSON."""

import json
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
RESULTS = HERE / "results"
LATEST = RESULTS / "latest.json"
DOCUMENT = HERE.parent / "docs" / "benchmarks.md"
BEGIN = "<!-- figures: written by `make bench`, do not edit -->"
END = "<!-- end of the figures -->"

CPU = {"web": "web", "worker": "worker", "relay": "relay", "postgres": "PostgreSQL", "redis": "Redis"}
HEAD = ["flow", "clients", "flows/s", "p50", "p95", "p99", "errors", "SQL", "CPU"]


def show(result: dict[str, Any], console: Console) -> None:
    """Print the tables."""
    for title, rows in tables(result).items():
        print_table(title, rows, console)
    for line in remarks(result):
        console.print(line, markup=False, soft_wrap=True)


def print_table(title: str, rows: list[list[str]], console: Console) -> None:
    """One table on the screen; the first row is its head."""
    head, *body = rows
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in body:
        table.add_row(*row)
    console.print(table)


def in_markdown(title: str, rows: list[list[str]]) -> str:
    """The same table as the documentation holds it."""
    head, *body = rows
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join([f"**{title}**", "", *(f"| {' | '.join(row)} |" for row in (head, ruler, *body))])


def store(result: dict[str, Any]) -> Path:
    """Write the JSON under its time; a full run's also as the one that is kept in the repository."""
    text = json.dumps(result, indent=1) + "\n"
    place = RESULTS / f"{result['at'][:19].replace(':', '')}{'-quick' * result['plan']['quick']}.json"
    for file in [place] if result["plan"]["quick"] else [place, LATEST]:
        file.write_text(text)
    return place


def publish(result: dict[str, Any]) -> None:
    """Put the tables where the documentation has the last ones."""
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), markdown(result)))


def replaced(document: str, figures: str, *, begin: str = BEGIN, end: str = END) -> str:
    """The document with other figures; refused where the marks are not there, once each and in order."""
    before, found_begin, rest = document.partition(begin)
    old, found_end, after = rest.partition(end)
    if not found_begin or not found_end or begin in old + after or end in after:
        raise ValueError(f"the document must hold {begin} and {end}, once each")
    return f"{before}{begin}\n\n{figures.strip()}\n\n{end}{after}"


def markdown(result: dict[str, Any]) -> str:
    """The tables and remarks as the documentation holds them."""
    parts = ["\n".join(f"- {line}" for line in remarks(result))]
    parts += [in_markdown(title, rows) for title, rows in tables(result).items()]
    return "\n\n".join(parts)


def tables(result: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Title and rows, the first row the head."""
    figures, idle = result["figures"], result["idle"]
    return {
        "Flows (times in ms; SQL statements and CPU ms per flow, of all processes)": [
            HEAD,
            *(_flow_row(figure) for figure in figures),
        ],
        "CPU milliseconds per flow, by process (idle: per second)": [
            ["flow", "clients", *CPU.values(), "all", "client"],
            *([*_name(figure), *_each(figure["cpu_ms"], CPU), f"{figure['client_cpu_ms']:.2f}"] for figure in figures),
            ["idle", "0", *_each(idle["cpu_ms"], CPU), ""],
        ],
        "Statements per flow, by process (idle: per second)": [
            ["flow", "clients", "web", "worker", "relay", "all"],
            *([*_name(figure), *_each(figure["statements"], ("web", "worker", "relay"))] for figure in figures),
            ["idle", "0", *_each(idle["statements"], ("web", "worker", "relay"))],
        ],
        "Purchases: seconds from placed to confirmed, under that load": [
            ["flow", "clients", "p50", "p95", "p99", "until the last, after the load"],
            *(_confirmation_row(figure) for figure in figures if "seconds_to_confirmation" in figure),
        ],
    }


def remarks(result: dict[str, Any]) -> list[str]:
    """Where and how it was measured, and what has no table."""
    machine, plan, memory = result["machine"], result["plan"], result["web_worker_memory"]
    postgres, seed = machine["postgres"], result["seed"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return [
        (
            f"{result['at'][:10]}, commit {machine['commit'] or 'unknown'}, {plan['products']:,} products,"
            f" {plan['seconds']:g} s for each figure; load average before: {result['load_before']}"
        ),
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['kernel']}",
        (
            f"Python {machine['python']}, PostgreSQL {postgres['server_version']} (fsync {postgres['fsync']},"
            f" synchronous_commit {postgres['synchronous_commit']}, shared_buffers {postgres['shared_buffers']}),"
            f" Redis {machine['redis']}, {packages}"
        ),
        f"gunicorn {result['shop']['web']}; Celery {result['shop']['worker']} worker process; beat; one relay",
        (
            f"Seed: {seed['products_per_minute']:,} products a minute ({seed['rows'].get('product', 0):,} products,"
            f" {seed['rows'].get('variant', 0):,} variants, {seed['seconds']:.1f} s)"
        ),
        (
            f"Resident memory of each web worker: {_megabytes(memory['after_start_mb'])} after the first answers,"
            f" {_megabytes(memory['after_all_mb'])} after all runs"
        ),
    ]


def _flow_row(figure: dict[str, Any]) -> list[str]:
    times = [f"{figure[name]:.1f}" for name in ("per_second", "p50_ms", "p95_ms", "p99_ms")]
    costs = [f"{figure['statements']['all']:.1f}", f"{figure['cpu_ms']['all']:.1f}"]
    return [*_name(figure), *times, str(figure["errors"]), *costs]


def _confirmation_row(figure: dict[str, Any]) -> list[str]:
    delays = [f"{figure['seconds_to_confirmation'][name]:.2f}" for name in ("p50", "p95", "p99")]
    return [*_name(figure), *delays, f"{figure['seconds_until_all_were_confirmed']:.2f}"]


def _name(figure: dict[str, Any]) -> list[str]:
    return [f"{figure['flow']} {figure['title']}", str(figure["clients"])]


def _each(values: dict[str, float], names: Any) -> list[str]:
    return [f"{values[name]:.2f}" for name in (*names, "all")]


def _megabytes(sizes: list[float]) -> str:
    return " and ".join(f"{size:.0f}" for size in sizes) + " MB"
