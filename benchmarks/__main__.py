"""`python -m benchmarks`: what `make bench` calls."""

import argparse
import os
import sys

from rich.console import Console

from benchmarks import report
from benchmarks.client import Wrong
from benchmarks.measure import Plan, measure
from ecommerce.launch.process import ProcessFailed
from ecommerce.launch.signals import Stop, raise_stop

BUSY = 0.3
console = Console(highlight=False, emoji=False)


def main() -> int:
    """Measure, print, store; a full run also rewrites docs/benchmarks.md. 1 where a flow went wrong."""
    plan = read_plan()
    raise_stop()
    if os.getloadavg()[0] > BUSY * len(os.sched_getaffinity(0)):
        console.print("The machine is busy: these figures will not be valid.", style="yellow")
    try:
        result = measure(plan, console.print)
    except Stop as stop:
        return stop.exit_code
    except (ProcessFailed, Wrong, RuntimeError) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    report.show(result, console)
    console.print(f"stored in {report.store(result).relative_to(report.HERE.parent)}")
    if not plan.quick:
        report.publish(result)
        console.print(f"written into {report.DOCUMENT.relative_to(report.HERE.parent)}")
    return 1 if any(figure["errors"] for figure in result["figures"]) else 0


def read_plan() -> Plan:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the shop as it runs in production.")
    parser.add_argument("--products", type=int, help="how many to seed (10,000)")
    parser.add_argument("--clients", type=clients_of, help="buyers at once, one figure each (1,8)")
    parser.add_argument("--seconds", type=float, help="how long each figure is measured (10)")
    parser.add_argument("--quick", action="store_true", help="a small form, to see that it works: publishes nothing")
    given = parser.parse_args()
    products, clients, seconds = (300, [1, 8], 1.0) if given.quick else (10_000, [1, 8], 10.0)
    seconds = given.seconds or seconds
    return Plan(
        products=given.products or products,
        clients=given.clients or clients,
        seconds=seconds,
        warm_up=min(3.0, seconds),
        quick=given.quick,
    )


def clients_of(text: str) -> list[int]:
    """Numbers with commas between them."""
    numbers = [int(part) for part in text.split(",")]
    if min(numbers) < 1:
        raise ValueError(text)
    return numbers


if __name__ == "__main__":
    sys.exit(main())
