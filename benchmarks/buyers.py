"""`python -m benchmarks.buyers`: a process of buyers who hold and buy in-process, with no HTTP; stock.py starts it.

It says `ready`, waits for a line, answers with a line of JSON. `--statements` shows the SQL of one purchase instead.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random  # noqa: TID251  (seeded, one for each thread)
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import connections  # noqa: E402  (needs the settings)

from ecommerce.kernel import clock  # noqa: E402  (needs the settings)
from ecommerce.kernel.db import alias_of  # noqa: E402  (needs the settings)
from ecommerce.kernel.ids import new_id  # noqa: E402  (needs the settings)
from modules.catalog import service as catalog_service  # noqa: E402  (needs the settings)
from modules.catalog.contracts import OutOfStock, StockLine  # noqa: E402  (needs the settings)


def main() -> None:
    """What the arguments ask for."""
    parser = argparse.ArgumentParser(prog="benchmarks.buyers")
    parser.add_argument("variants", nargs="+", type=UUID)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seconds", type=float, help="buy again and again for so long")
    parser.add_argument("--buyers", type=int, help="or so many buyers, each once")
    parser.add_argument("--statements", action="store_true")
    plan = parser.parse_args()
    if plan.statements:
        json.dump(statements(plan.variants[0]), sys.stdout)
        return
    with ThreadPoolExecutor(plan.threads) as pool:
        # Each thread connects before anything is measured.
        list(pool.map(_connect, range(plan.threads)))
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(run(pool, plan)), flush=True)


def _connect(_: int) -> None:
    # Long enough that no thread takes another's turn.
    time.sleep(0.05)
    connect()


def run(pool: ThreadPoolExecutor, plan: Any) -> dict[str, Any]:
    """All buyers; how many bought, how many found nothing left, and how long each purchase took."""
    started, used = time.perf_counter(), time.process_time()
    share = (plan.buyers or 0) // plan.threads
    until = started + plan.seconds if plan.seconds else None
    jobs = [pool.submit(buy, plan.variants, Random(n), share, until) for n in range(plan.threads)]
    taken: list[float] = []
    refused = 0
    for job in jobs:
        times, missed = job.result()
        taken += times
        refused += missed
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    return {"bought": len(taken), "refused": refused, "seconds": seconds, "cpu": cpu, "times": taken}


def buy(variants: list[UUID], chance: Random, share: int, until: float | None) -> tuple[list[float], int]:
    """One thread's purchases."""
    taken: list[float] = []
    refused = 0
    while (time.perf_counter() < until) if until else (len(taken) + refused < share):
        began = time.perf_counter()
        try:
            purchase(chance.choice(variants))
        except OutOfStock:
            refused += 1
        else:
            taken.append(time.perf_counter() - began)
    return taken, refused


def purchase(variant_id: UUID) -> None:
    """Hold one and buy it."""
    order_id = new_id()
    lines = [StockLine(variant_id=variant_id, quantity=1)]
    catalog_service.hold_stock(order_id=order_id, lines=lines, until=clock.now() + timedelta(hours=1))
    catalog_service.commit_hold(order_id=order_id)


def connect() -> None:
    """Open this thread's connection."""
    connections[alias_of("catalog")].ensure_connection()


def statements(variant_id: UUID) -> list[str]:
    """The SQL of one purchase as it reaches the server, BEGIN and COMMIT included."""
    connection = connections[alias_of("catalog")]
    purchase(variant_id)
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    purchase(variant_id)
    return [str(query["sql"]) for query in connection.queries_log]


if __name__ == "__main__":
    main()
