"""Many buyers at once, for some seconds: each a thread with its own connection, that asks again as soon as it has its
answer. Threads suffice: they wait for the shop nearly all the time (the report says how much CPU they took).
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Barrier, Thread
from typing import Any

from benchmarks.client import Client, Wrong
from benchmarks.flows import Flow
from benchmarks.shop import HOST


@dataclass
class Load:
    """What came of it."""

    flow: Flow
    clients: int
    # One entry for each flow that was done, in seconds; the time of its requests, without ours between them.
    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    # CPU time of the clients, and of nobody else.
    cpu: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """The latency that so many percent did not exceed, in milliseconds."""
        return round(percentile(self.latencies, share) * 1000, 2)


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank: a value that was measured; 0 where none was."""
    if not values:
        return 0.0
    return sorted(values)[max(1, math.ceil(len(values) * share / 100)) - 1]


def run(flow: Flow, goods: Any, port: int, *, clients: int, seconds: float, turns: Iterator[int]) -> Load:
    """Let so many buyers do this for so long; `goods` is whatever the flow takes. A flow that has begun is finished and
    counted."""
    load = Load(flow, clients)
    gate = Barrier(clients + 1)
    threads = [
        Thread(target=_buyer, args=(load, goods, port, seconds, turns, gate), daemon=True) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    started, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    load.seconds, load.cpu = time.perf_counter() - started, time.process_time() - cpu
    return load


def _buyer(load: Load, goods: Any, port: int, seconds: float, turns: Iterator[int], gate: Barrier) -> None:
    with Client(HOST, port) as client:
        gate.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            client.spent = 0.0
            try:
                load.flow.run(client, goods, next(turns))
                load.latencies.append(client.spent)
            except (Wrong, HTTPException, OSError, LookupError, ValueError) as problem:
                load.errors.append(repr(problem))
                client.close()
