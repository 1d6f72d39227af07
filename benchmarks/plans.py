"""`python -m benchmarks.plans PATH…`: what answering these addresses reads, by EXPLAIN (ANALYZE, BUFFERS), as JSON.

Run where the shop's variables are set (BenchShop.run_module). Each statement is run once more to be explained.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

Plan = dict[str, Any]


def main() -> int:
    """One line of JSON: for each path its statements, rows and pages, and the tables read from end to end."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    print(json.dumps({path: reading(path) for path in sys.argv[1:]}))
    return 0


def reading(path: str) -> Plan:
    """What one answer read."""
    return summed_up(plans_of(path))


def summed_up(plans: list[Plan]) -> Plan:
    """What some statements read, all in all."""
    return {
        "statements": len(plans),
        "rows": sum(rows_read(plan) for plan in plans),
        "pages": sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans),
        "whole_tables": sorted(whole_tables(plans)),
    }


def plans_of(path: str) -> list[Plan]:
    """How PostgreSQL reads each statement that answers a path."""
    return [plan for sql in _statements_of(path) if (plan := explain("catalog", sql))]


def whole_tables(plans: list[Plan]) -> set[str]:
    """The tables that were read from end to end."""
    return {node["Relation Name"] for plan in plans for node in nodes(plan) if _is_whole(node)}


def nodes(plan: Plan) -> Iterator[Plan]:
    """The plan's nodes, from the top."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def rows_read(plan: Plan) -> int:
    """What the scans of tables and indexes met, kept or not."""
    return round(sum(_met(node) for node in nodes(plan) if "Relation Name" in node or "Index Name" in node))


def _met(node: Plan) -> float:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])


def _is_whole(node: Plan) -> bool:
    return bool(node["Node Type"] == "Seq Scan" and node["Actual Loops"])


def _statements_of(path: str) -> list[str]:
    from django.conf import settings
    from django.db import connections
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from ecommerce.kernel.db import alias_of

    client = Client(headers={"Host": settings.ALLOWED_HOSTS[0]} if settings.ALLOWED_HOSTS[0] != "*" else {})
    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        answer = client.get(path, headers={"X-Forwarded-Proto": "https"})
    if answer.status_code not in (200, 301):
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return [query["sql"] for query in captured]


def explain(module: str, sql: str) -> Plan | None:
    """How PostgreSQL reads what a statement asks of a module's database; None where it asks nothing."""
    from ecommerce.kernel.sql import fetch

    if not sql.lstrip("( \n").upper().startswith(("SELECT", "WITH")):
        return None
    [(plan,)] = fetch(module, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"))
    document = json.loads(plan) if isinstance(plan, str) else plan
    return dict(document[0]["Plan"])


if __name__ == "__main__":
    sys.exit(main())
