"""One run of everything: check the answers, warm up, then each flow at each number of clients."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from benchmarks import confirmation, load, machine
from benchmarks.client import Client
from benchmarks.flows import FLOWS, Flow, Goods, find_goods
from benchmarks.load import Load
from benchmarks.meters import Meters, Reading
from benchmarks.shop import HOST, ROLES, WEB_THREADS, WEB_WORKERS, WORKERS, BenchShop, open_shop
from ecommerce.kernel import clock

EXAMPLES = 3


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    products: int
    clients: Sequence[int]
    seconds: float
    warm_up: float
    quick: bool = False


def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure all of it; the result is what is stored, printed and written into the documentation."""
    at, load_before = clock.now(), os.getloadavg()[0]
    say(f"starting PostgreSQL and Redis, seeding {plan.products} products …")
    with open_shop(plan.products) as shop, shop.connect() as connection:
        run = Run(plan, shop, Meters(shop.processes(), connection, ROLES), connection, say)
        return {
            "at": at.isoformat(timespec="seconds"),
            "machine": machine.describe(shop),
            "shop": {"web": f"{WEB_WORKERS} workers × {WEB_THREADS} threads", "worker": WORKERS},
            "plan": {
                "products": plan.products, "clients": list(plan.clients), "seconds": plan.seconds, "quick": plan.quick
            },
            "load_before": round(load_before, 2),
            "seed": shop.seeded,
            **run.everything(),
        }  # fmt: skip


class Run:
    """The measurements on one shop."""

    def __init__(
        self, plan: Plan, shop: BenchShop, meters: Meters, connection: Any, say: Callable[[str], None]
    ) -> None:
        self._plan, self._shop, self._meters, self._connection, self._say = plan, shop, meters, connection, say
        # Each turn is another buyer: another product, and an Idempotency-Key that nobody else has.
        self._turns = count(1)

    def everything(self) -> dict[str, Any]:
        """The checks, the idle shop, the flows, the memory."""
        with Client(HOST, self._shop.port) as client:
            goods = find_goods(client)
            for flow in FLOWS:
                flow.check(client, goods)
        memory_before = self._meters.memory_mb("web")
        idle = self._idle()
        figures = [figure for flow in FLOWS for figure in self._flow(flow, goods)]
        memory = {"after_start_mb": memory_before, "after_all_mb": self._meters.memory_mb("web")}
        return {"idle": idle, "figures": figures, "web_worker_memory": memory}

    def _idle(self) -> dict[str, Any]:
        """What the shop costs while nobody comes: heartbeats, sweeps. It is part of every figure."""
        self._quiet()
        before, started = self._meters.read(), time.perf_counter()
        time.sleep(self._plan.seconds)
        seconds = time.perf_counter() - started
        return _costs(self._meters.read().since(before), seconds)

    def _flow(self, flow: Flow, goods: Goods) -> list[dict[str, Any]]:
        most = max(self._plan.clients)
        self._say(f"{flow.name} {flow.title}")
        self._load(flow, goods, most, self._plan.warm_up)
        return [self._measured(flow, goods, clients) for clients in self._plan.clients]

    def _measured(self, flow: Flow, goods: Goods, clients: int) -> dict[str, Any]:
        self._quiet()
        before = self._meters.read()
        done = self._load(flow, goods, clients, self._plan.seconds)
        waited = self._confirmed(done) if flow.confirms else 0.0
        return _figure(done, self._meters.read().since(before), waited) | self._delays(done)

    def _load(self, flow: Flow, goods: Goods, clients: int, seconds: float) -> Load:
        return load.run(flow, goods, self._shop.port, clients=clients, seconds=seconds, turns=self._turns)

    def _confirmed(self, done: Load) -> float:
        """Wait for the confirmations, which are part of a purchase; an order without one is an error."""
        started = time.perf_counter()
        left = confirmation.wait_for_confirmations(self._connection)
        done.errors += ["not confirmed"] * left
        return time.perf_counter() - started

    def _delays(self, done: Load) -> dict[str, Any]:
        if not done.flow.confirms:
            return {}
        orders = len(done.latencies)
        return {"seconds_to_confirmation": confirmation.seconds_to_confirmation(self._connection, orders)}

    def _quiet(self) -> None:
        left = confirmation.wait_until_quiet(self._connection)
        if left:
            self._say(f"{left} events, steps or mails are still not done: the next figures pay for them")


def _figure(done: Load, used: Reading, waited: float) -> dict[str, Any]:
    flows = len(done.latencies)
    return {
        "flow": done.flow.name,
        "title": done.flow.title,
        "clients": done.clients,
        "flows": flows,
        "errors": len(done.errors),
        "error_examples": done.errors[:EXAMPLES],
        "seconds": round(done.seconds, 2),
        "seconds_until_all_were_confirmed": round(waited, 2),
        "per_second": round(flows / (done.seconds + waited), 1),
        "p50_ms": done.percentile_ms(50),
        "p95_ms": done.percentile_ms(95),
        "p99_ms": done.percentile_ms(99),
        "client_cpu_ms": round(done.cpu * 1000 / max(1, flows), 2),
        **_costs(used, max(1, flows)),
    }


def _costs(used: Reading, units: float) -> dict[str, Any]:
    cpu = {group: round(seconds * 1000 / units, 2) for group, seconds in used.cpu.items()}
    calls = {role: round(calls / units, 2) for role, calls in used.statements.items()}
    return {
        "cpu_ms": cpu | {"all": round(sum(used.cpu.values()) * 1000 / units, 2)},
        "statements": calls | {"all": round(sum(used.statements.values()) / units, 2)},
    }
