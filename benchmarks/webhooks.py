"""`python -m benchmarks.webhooks`: what `make bench-webhooks` calls. A provider's signed events at a steady rate.

Events are sent on the clock, whether or not earlier ones are answered; a latency counts from when it should have been
sent. Afterwards every event must be stored, and what it leads to be done: none is lost.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from threading import local
from typing import Any

from rich.console import Console

from benchmarks import machine
from benchmarks.client import API, Wrong
from benchmarks.load import percentile
from benchmarks.meters import cpu_seconds
from benchmarks.report import DOCUMENT, RESULTS, in_markdown, replaced
from benchmarks.shop import HOST, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.signals import Stop, raise_stop

PAYMENTS, SENDERS = 200, 32
PATIENCE = 120
LATEST = RESULTS / "webhooks.json"
BEGIN, END = "<!-- webhooks: written by `make bench-webhooks`, do not edit -->", "<!-- end of webhooks -->"
STORED = "SELECT count(*), count(handled_at) FROM payments_providerevent WHERE event_id ~ '^evt_bench_[0-9]'"
WAITING = "SELECT count(*) FROM kernel_step WHERE name = 'payments.refetch_attempt' AND status <> 'done'"
console = Console(highlight=False, emoji=False)
_own = local()


def main() -> int:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="benchmarks.webhooks", description="Measure the webhook endpoint.")
    parser.add_argument("--rate", type=int, default=100, help="events a second (100)")
    parser.add_argument("--seconds", type=int, default=30, help="for so long (30)")
    plan = parser.parse_args()
    raise_stop()
    load = os.getloadavg()[0]
    try:
        with open_shop(50) as shop:
            result = measure(shop, plan.rate, plan.seconds) | {"load_before": round(load, 1)}
    except Stop as stop:
        return stop.exit_code
    except Wrong as problem:  # no figure means anything then
        console.print(str(problem), style="red", markup=False)
        return 1
    text = in_markdown(f"Webhooks, {result['at']}, load before {result['load_before']}", rows(result))
    console.print(text, markup=False, soft_wrap=True)
    LATEST.write_text(json.dumps(result, indent=1) + "\n")
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), text, begin=BEGIN, end=END))
    return 0 if result["lost"] == 0 else 1


def measure(shop: BenchShop, rate: int, seconds: int) -> dict[str, Any]:
    """All figures of one shop."""
    attempts = shop.run_module("benchmarks.paid", str(PAYMENTS)).split()
    secret = shop.environment()["SANDBOX_WEBHOOK_SECRET"].encode()
    sent = rate * seconds
    # So that nothing is measured of what is done once per process.
    for number in range(100):
        post(shop.port, event(-1 - number, attempts[number % len(attempts)], secret))
    settle(shop)
    before = cpu_seconds(shop.processes())
    started = time.perf_counter() + 0.5

    def send(number: int) -> tuple[float, int]:
        due = started + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        status = post(shop.port, event(number, attempts[number % len(attempts)], secret))
        return time.perf_counter() - due, status

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = list(pool.map(send, range(sent)))
    took = time.perf_counter() - started
    stored, handled, drained = settle(shop)
    spent = {group: after - before[group] for group, after in cpu_seconds(shop.processes()).items()}
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "machine": machine.describe(shop),
        "rate": rate,
        "sent": sent,
        "answered_200": sum(status == 200 for _, status in answers),
        "per_second": round(sent / took, 1),
        "p50_ms": milliseconds(answers, 50),
        "p95_ms": milliseconds(answers, 95),
        "p99_ms": milliseconds(answers, 99),
        "cpu_ms": {group: round(cost * 1000 / sent, 1) for group, cost in spent.items()},
        "stored": stored,
        "lost": sent - min(stored, handled),
        "drained_after_s": round(drained, 1),
    }


def event(number: int, attempt: str, secret: bytes) -> tuple[bytes, dict[str, str]]:
    """One event of the sandbox's, signed as Standard Webhooks has it."""
    event_id, now = f"evt_bench_{number}", str(int(time.time()))
    body = json.dumps({"id": event_id, "type": "payment.captured", "data": {"attempt_id": attempt}}).encode()
    digest = hmac.digest(secret, b".".join((event_id.encode(), now.encode(), body)), hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return body, {"webhook-id": event_id, "webhook-timestamp": now, "webhook-signature": signature}


def post(port: int, signed: tuple[bytes, dict[str, str]]) -> int:
    """The answer's status; 0 where there was none."""
    if not hasattr(_own, "connection"):
        _own.connection = HTTPConnection(HOST, port, timeout=30)
    body, headers = signed
    try:
        headers = headers | {"Content-Type": "application/json", "X-Forwarded-Proto": "https"}
        _own.connection.request("POST", f"{API}/payments/webhooks/sandbox/", body, headers)
        answer = _own.connection.getresponse()
        answer.read()
    except (HTTPException, OSError):
        _own.connection.close()
        return 0
    status: int = answer.status
    return status


def settle(shop: BenchShop) -> tuple[int, int, float]:
    """How many events are stored and handled, and the seconds until all that they led to was done."""
    started = time.perf_counter()
    with shop.connect() as connection:
        while connection.execute(WAITING).fetchone() != (0,):
            if time.perf_counter() - started > PATIENCE:
                raise Wrong("what the events led to is not done")
            time.sleep(0.2)
        stored, handled = connection.execute(STORED).fetchone() or (0, 0)
    return int(stored), int(handled), time.perf_counter() - started


def milliseconds(answers: Sequence[tuple[float, int]], share: float) -> float:
    """The latency that so many percent did not exceed."""
    return round(percentile([latency for latency, _ in answers], share) * 1000, 1)


def rows(result: dict[str, Any]) -> list[list[str]]:
    """A table of one line."""
    names = ("rate", "sent", "answered_200", "per_second", "p50_ms", "p95_ms", "p99_ms", "lost", "drained_after_s")
    cpu = [(f"{group} CPU ms", str(cost)) for group, cost in result["cpu_ms"].items()]
    heads, figures = [name.replace("_", " ") for name in names], [str(result[name]) for name in names]
    return [heads + [head for head, _ in cpu], figures + [cost for _, cost in cpu]]


if __name__ == "__main__":
    raise SystemExit(main())
