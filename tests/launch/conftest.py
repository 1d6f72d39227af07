"""A checkout of our own, in a path with a space: the real launcher, and a shop that is quick to start."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ecommerce.launch import redis
from ecommerce.launch.slot import CHECKOUT, Slot, holder, private_name

STUB = Path(__file__).parent / "stub_shop"
SECONDS = 60


class Checkout:
    """Where the launcher runs, and how a test runs it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shop = Slot(path, "shop")
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Run the launcher in the background."""
        # The variables of the servers that this test run itself was given are not for the launcher under test.
        ours = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "PORT", "DEBUG", "SEED_PRODUCTS")
        environment = {name: value for name, value in os.environ.items() if name not in ours} | variables
        process = subprocess.Popen(
            [sys.executable, "-m", "ecommerce.launch", *arguments],
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the launcher to its end."""
        process = self.start(*arguments, **variables)
        output, errors = process.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def python(self, code: str, **variables: str) -> str:
        """What this code prints when it runs on the embedded services."""
        done = self.run("exec", "--", "python", "-c", code, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def open_shop(self, **variables: str) -> tuple[subprocess.Popen[str], str]:
        """A running shop and its address."""
        process = self.start("run", **variables)
        self.until(lambda: process.poll() is not None or (holder(self.shop) or {}).get("ready"))
        assert process.poll() is None, process.communicate()
        return process, str((holder(self.shop) or {})["url"])

    def processes(self) -> list[str]:
        """The command lines of everything that works for this checkout."""
        names = [str(self.path), private_name(self.path), self.shop.socket_directory.name]
        return [line for line in command_lines() if any(name in line for name in names)]

    def until(self, happened, seconds: float = SECONDS) -> None:
        """Wait for it."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, f"waited {seconds} s; left: {self.processes()}"
            time.sleep(0.05)

    def end(self) -> None:
        """End what a failed test left running."""
        for process in self._started:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            process.communicate()
        self._started.clear()


def command_lines() -> Iterator[str]:
    """Command line and working directory of every process but this one and its parents' shells."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if state != "Z" and "pytest" not in words:
                yield f"{entry.name} {words} in {(entry / 'cwd').readlink()}"


@pytest.fixture(scope="module")
def module_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """One checkout for a file of tests, since its PostgreSQL takes a second to make."""
    try:
        redis.program()
    except RuntimeError as problem:
        pytest.skip(str(problem))
    path = tmp_path_factory.mktemp("launch") / "a checkout"
    shutil.copytree(STUB, path)
    shutil.copytree(CHECKOUT / "ecommerce" / "launch", path / "ecommerce" / "launch")
    (path / "config").mkdir()
    shutil.copy(CHECKOUT / "config" / "gunicorn.py", path / "config")
    checkout = Checkout(path)
    yield checkout
    checkout.run("clean")
    checkout.end()


@pytest.fixture
def checkout(module_checkout: Checkout) -> Iterator[Checkout]:
    """The checkout, without anything running in it before and after."""
    yield module_checkout
    module_checkout.end()
    module_checkout.until(lambda: not module_checkout.processes())
