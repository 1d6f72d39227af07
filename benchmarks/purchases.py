"""Holding one and buying it, in-process: what buyers.py does once the settings are there."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random  # noqa: TID251  (seeded, one for each thread; kernel.chance has no seed)
from typing import Any
from uuid import UUID

from django.db import connections

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from modules.catalog import service as catalog_service
from modules.catalog.contracts import OutOfStock, StockLine


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


def connect(_number: int) -> None:
    """Open this thread's connection, slowly enough that no thread takes another's turn."""
    time.sleep(0.05)
    connections[alias_of("catalog")].ensure_connection()


def statements(variant_id: UUID) -> list[str]:
    """The SQL of one purchase as it reaches the server, BEGIN and COMMIT included."""
    connection = connections[alias_of("catalog")]
    purchase(variant_id)
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    purchase(variant_id)
    return [str(query["sql"]) for query in connection.queries_log]
