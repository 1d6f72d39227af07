"""Running a command on the embedded services: `exec`, the tests of one module, `manage.py`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ecommerce.launch.process import bound_to_us
from ecommerce.launch.screen import note
from ecommerce.launch.services import complete, services
from ecommerce.launch.signals import forwarded_to
from ecommerce.launch.slot import CHECKOUT, Claim, Slot, claim, holder, try_to_claim

MODULES = ("users", "catalog", "cart", "payments", "orders", "notifications")
# A name that resolves nowhere: tests answer for absent modules over the wire form (kernel.testing.stand_in).
ELSEWHERE = "http://stand-in.invalid"


def execute(command: Sequence[str], *, data: str) -> int:
    """Run the command on the services of the tests, or of the shop: the running one's where it runs."""
    with environment_for(data) as environment:
        return in_foreground(command, environment)


def test_alone(module: str, arguments: Sequence[str]) -> int:
    """Each named module's tests with only that module installed; the worst exit code."""
    worst = 0
    with environment_for("test") as environment:
        for name in [module] if module else MODULES:
            note(f"{name}, alone")
            remote = {f"{other.upper()}_URL": ELSEWHERE for other in MODULES if other != name}
            command = [sys.executable, "-m", "pytest", f"modules/{name}", *arguments]
            worst = max(worst, in_foreground(command, environment | remote))
    return worst


@contextmanager
def environment_for(data: str) -> Iterator[dict[str, str]]:
    """The variables with which a program reaches its servers, which run for as long as the block."""
    held = claim(CHECKOUT, "test") if data == "test" else claim_or_running_shop()
    if isinstance(held, dict):
        yield program_environment(held)
        return
    started = time.monotonic()
    with services(held.slot, durable=data != "test") as found:
        if found:
            place = held.slot.home.relative_to(CHECKOUT)
            note(f"PostgreSQL and Redis are up after {time.monotonic() - started:.1f} s; their data is in {place}")
        held.tell(environment=found)
        yield program_environment(found)
    held.release()


def claim_or_running_shop() -> Claim | dict[str, str]:
    """The shop's slot, or the way to the servers of the shop that runs there."""
    slot = Slot(CHECKOUT, "shop")
    while True:
        held = try_to_claim(slot)
        if held:
            return held
        facts = holder(slot) or {}
        if facts.get("ready"):
            return dict(facts["environment"])
        time.sleep(0.2)  # it is starting, or another command on the shop's data that ends soon


def program_environment(found: dict[str, str]) -> dict[str, str]:
    """Our own environment, the servers' addresses, and the virtual environment's programs first on the PATH."""
    environment = {**os.environ, **found}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    complete(environment)
    return environment


def in_foreground(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run it in our process group, where it may read the terminal, and return its exit code as a shell would."""
    child = subprocess.Popen(bound_to_us(command, signal.SIGTERM), env=environment)  # noqa: S603  (what it was asked)
    with forwarded_to(child.send_signal):
        code = child.wait()
    return code if code >= 0 else 128 - code
