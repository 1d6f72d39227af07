"""`python -m benchmarks.messages`: what `make bench-messages` calls. 10,000 order confirmations, from the event to a
SendGrid of our own, with 1, 2 and 4 worker processes; and how a backlog drains once a provider is back.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from rich.console import Console

from benchmarks import machine
from benchmarks.client import Wrong
from benchmarks.meters import Meters, cpu_seconds
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, replaced
from benchmarks.shop import GROUPS, ROLES, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.signals import Stop, raise_stop
from tests.fakes.sendgrid import SendGridServer

PATIENCE = 1800
LATEST = RESULTS / "messages.json"
BEGIN, END = "<!-- messages: written by `make bench-messages`, do not edit -->", "<!-- end of messages -->"
SENT = "SELECT count(*) FROM notifications_message WHERE status = 'sent'"
WRITTEN = "SELECT count(*) FROM notifications_message WHERE status <> 'draft'"
console = Console(highlight=False, emoji=False)


def main() -> int:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="benchmarks.messages", description="Measure mails about orders.")
    parser.add_argument("--messages", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--workers", default="1,2,4", help="worker processes, one figure each (1,2,4)")
    parser.add_argument("--outage", type=int, default=60, help="seconds for which the provider is down (60)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    plan = parser.parse_args()
    if plan.quick:
        plan.messages, plan.workers, plan.outage = 300, "1,2", 15
    raise_stop()
    load = os.getloadavg()[0]
    try:
        with SendGridServer(judges=False) as sendgrid:
            variables = {"SENDGRID_API_KEY": sendgrid.key, "SENDGRID_API_BASE": sendgrid.base_url}
            with open_shop(50, **variables) as shop, shop.connect() as connection:
                result = Measurement(shop, sendgrid, connection, plan.messages).all(plan.workers, plan.outage)
    except Stop as stop:
        return stop.exit_code
    except Wrong as problem:  # no figure means anything then
        console.print(str(problem), style="red", markup=False)
        return 1
    result["load_before"] = round(load, 1)
    title = f"{plan.messages:,} order confirmations, {result['at']}, load before {result['load_before']}"
    text = f"{in_markdown(title, rows(result))}\n\n{remarks(result)}"
    console.print(text, markup=False, soft_wrap=True)
    if not plan.quick:
        LATEST.write_text(json.dumps(result, indent=1) + "\n")
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), text, begin=BEGIN, end=END))
    return 0


class Measurement:
    """One shop, one SendGrid, so many mails each time."""

    def __init__(
        self, shop: BenchShop, sendgrid: SendGridServer, connection: psycopg.Connection[Any], messages: int
    ) -> None:
        self.shop, self.sendgrid, self.connection, self.messages = shop, sendgrid, connection, messages

    def all(self, workers: str, outage: int) -> dict[str, Any]:
        """Written, sent with each number of workers, and after an outage."""
        console.print(f"seeding {self.messages:,} orders …")
        self.shop.add_orders(self.messages)
        return {
            "at": clock.now().isoformat(timespec="seconds"),
            "machine": machine.describe(self.shop),
            "messages": self.messages,
            "written": self.written(),
            "figures": [self.sent(int(number)) for number in workers.split(",")],
            "outage": self.after_outage(outage),
        }

    def written(self) -> dict[str, Any]:
        """From the events to texts that are ready, by the relay; nothing is sent."""
        console.print(f"writing {self.messages:,} mails …")
        self.shop.stop_worker()
        cpu, started = cpu_seconds(self.shop.processes()), time.perf_counter()
        self.shop.run_module("benchmarks.confirmed", str(self.messages))
        seconds = self._wait(WRITTEN) - started
        return {"per_second": round(self.messages / seconds, 1), "cpu_ms": self._spent_since(cpu)}

    def sent(self, workers: int) -> dict[str, Any]:
        """From the broker to the provider."""
        self._make_due(workers)
        memory = Memory(self.shop, self.connection)
        memory.look()
        cpu, own, started = cpu_seconds(self.shop.processes()), time.process_time(), time.perf_counter()
        seconds = self._wait(SENT, memory.look) - started
        figure = {
            "workers": workers,
            "per_second": round(self.messages / seconds, 1),
            "cpu_ms": self._spent_since(cpu),
            "fake_cpu_ms": round((time.process_time() - own) * 1000 / self.messages, 2),
            "memory_mb": memory.story(),
        }
        self._check()
        console.print(f"{figure['per_second']}/s")
        return figure

    def after_outage(self, seconds: int) -> dict[str, Any]:
        """The provider is down when they are to be sent; then it is back."""
        self.sendgrid.is_down = True
        self._make_due(2)
        time.sleep(seconds)
        asked = self.sendgrid.calls
        self.sendgrid.is_down = False
        back = time.perf_counter()
        drained = self._wait(SENT) - back
        self._check()
        return {
            "seconds_down": seconds,
            "asked_meanwhile": asked,
            "drained_seconds": round(drained, 1),
            "per_second": round(self.messages / drained, 1),
        }

    def _make_due(self, workers: int) -> None:
        """All are to be sent, and a worker with so many processes begins."""
        console.print(f"{self.messages:,} mails with {workers} worker processes …")
        self.shop.run_module("benchmarks.confirmed", "again")
        self.connection.execute("VACUUM (ANALYZE)")
        self.sendgrid.mails.clear()
        self.sendgrid.calls = 0
        self.shop.start_worker(workers)
        # The first mail: what is done once per process is not measured.
        while not self.sendgrid.calls:
            time.sleep(0.1)

    def _spent_since(self, cpu: dict[str, float]) -> dict[str, float]:
        now = cpu_seconds(self.shop.processes())
        return {group: round((now[group] - cpu[group]) * 1000 / self.messages, 2) for group in GROUPS}

    def _wait(self, sql: str, look: Callable[[], None] = lambda: None) -> float:
        """When all are so far."""
        deadline = time.monotonic() + PATIENCE
        while True:
            ((count,),) = self.connection.execute(sql.encode()).fetchall()
            if count >= self.messages:
                return time.perf_counter()
            if time.monotonic() > deadline:
                raise Wrong(f"{count} of {self.messages} after {PATIENCE} s: {sql}")
            look()
            time.sleep(0.5)

    def _check(self) -> None:
        """Each arrived, and none twice; the worker ends."""
        self.shop.stop_worker()
        taken = Counter(mail.custom_args["message_id"] for mail in self.sendgrid.mails)
        sent = {str(row[0]) for row in self.connection.execute("SELECT id FROM notifications_message").fetchall()}
        if set(taken) != sent or max(taken.values()) > 1:
            raise Wrong(f"{len(sent)} written, {len(taken)} taken, one of them {max(taken.values())} times")


class Memory:
    """Resident memory of the worker's largest process while it works."""

    def __init__(self, shop: BenchShop, connection: psycopg.Connection[Any]) -> None:
        self._meters = Meters(shop.processes(), connection, ROLES)
        self.seen: list[float] = []

    def look(self) -> None:
        """As of now."""
        self.seen += self._meters.memory_mb("worker")[:1]

    def story(self) -> list[float]:
        """When it began, half way, at the end."""
        return [self.seen[0], self.seen[len(self.seen) // 2], self.seen[-1]]


def rows(result: dict[str, Any]) -> list[list[str]]:
    """The figures as a table."""
    head = ["", "mails/s", *GROUPS, "SendGrid's stand-in", "worker MB: begin, half, end"]
    written = result["written"]
    first = ["written", str(written["per_second"]), *_cpu(written), "", ""]
    return [head, first, *([*_sent(figure)] for figure in result["figures"])]


def _sent(figure: dict[str, Any]) -> Iterator[str]:
    yield f"sent by {figure['workers']}"
    yield str(figure["per_second"])
    yield from _cpu(figure)
    yield f"{figure['fake_cpu_ms']} ms"
    yield ", ".join(str(round(mb)) for mb in figure["memory_mb"])


def _cpu(figure: dict[str, Any]) -> list[str]:
    return [f"{figure['cpu_ms'][group]} ms" for group in GROUPS]


def remarks(result: dict[str, Any]) -> str:
    """What stands below the table."""
    outage = result["outage"]
    return (
        "CPU per mail, by who spent it. Written by one relay, sent by so many worker processes. With 2 of them and the"
        f" provider down for {outage['seconds_down']} s, it was asked {outage['asked_meanwhile']} times meanwhile; the"
        f" {result['messages']:,} mails that waited were out {outage['drained_seconds']} s after it was back"
        f" ({outage['per_second']}/s). None was lost, none arrived twice."
    )


if __name__ == "__main__":
    raise SystemExit(main())
