"""The shop from nothing: servers, tables, seed, then web, worker, beat and relay, until somebody ends it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from ecommerce.launch import port
from ecommerce.launch.commands import program_environment
from ecommerce.launch.logs import LogStream
from ecommerce.launch.process import Process, ProcessFailed, bound_to_us, stop
from ecommerce.launch.screen import say, step
from ecommerce.launch.services import Services
from ecommerce.launch.signals import Stop
from ecommerce.launch.slot import CHECKOUT, claim
from ecommerce.launch.supervisor import Supervisor

READY_SECONDS = 120
SEED = {"SEED_PRODUCTS": "500", "SEED": "1"}


def run() -> int:
    """The shop in the foreground, its logs on the screen."""
    with open_shop() as shop:
        say(f"\nThe shop is open at {shop.url} (API: {shop.url}/api/docs/). Ctrl-C ends it.\n", "bold")
        stream = LogStream(shop.processes)
        return shop.serve(stream.show_new_lines)


@contextmanager
def open_shop() -> Iterator["Shop"]:
    """A running shop, for as long as the block runs."""
    shop = Shop()
    try:
        shop.start()
        yield shop
    finally:
        shop.stop()


class Shop:
    """One running shop of this checkout."""

    def __init__(self) -> None:
        self._held = claim(CHECKOUT, "shop")
        self.slot = self._held.slot
        self._services = Services(self.slot, durable=True)
        self._supervisor = Supervisor([])
        self._listener: socket.socket | None = None
        self.processes: list[Process] = []
        self.environment: dict[str, str] = {}
        self.url = ""

    def start(self) -> None:
        """From nothing to a shop that answers. Web listens only once there is something to sell."""
        port.check()
        set_old_logs_aside(self.slot.logs)
        self._start_services()
        with step("Migrations"):
            self.manage("migrate", "--no-input")
        with step(f"Seed, where empty ({self.environment['SEED_PRODUCTS']} products)"):
            self.manage("seed", "--if-empty")
        with step("Web, worker, beat and relay"):
            self._start_processes()
            self._wait_until_ready()
        self._held.tell(ready=True, url=self.url, environment=self._services.environment)

    def serve(self, meanwhile: Callable[[], None]) -> int:
        """Keep everything running until a signal asks to end."""
        try:
            while True:
                self.look_after()
                meanwhile()
                time.sleep(0.2)
        except Stop:
            return 0

    def look_after(self) -> None:
        """Restart what died. Whoever keeps the main thread busy calls it now and then."""
        self._supervisor.restart_what_died()

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it answered."""
        log = self.slot.logs / f"{arguments[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as messages:
            ended = subprocess.run(  # noqa: S603  (our own command)
                bound_to_us([sys.executable, "manage.py", *arguments], signal.SIGKILL),
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                check=False,
            )
            messages.write(ended.stdout)
        if ended.returncode:
            raise ProcessFailed(f"manage.py {arguments[0]} failed", log)
        return ended.stdout

    def stop(self) -> None:
        """End everything within 15 seconds: first what takes work in, last what keeps the data."""
        if self._listener:
            self._listener.close()
        if self.url:
            with suppress(OSError):  # the terminal may be gone, and that is why we end
                say("\nStopping …")
        stop([process for process in self.processes if process.name != "relay"], patience=5)
        stop([process for process in self.processes if process.name == "relay"], patience=3)
        self._services.stop()
        self._held.release()

    def _start_services(self) -> None:
        if self.slot.name != "shop":
            say(
                f"  Another run of this checkout has var/shop; the data of this one is in var/{self.slot.name}",
                "yellow",
            )
        with step("PostgreSQL and Redis"):
            self._services.start()
        self.environment = SEED | program_environment(self._services.environment) | {"PYTHONUNBUFFERED": "1"}
        # The shop calls itself (the sandbox's webhooks), and no proxy of the user's reaches this machine's loopback.
        self.environment["NO_PROXY"] = ",".join([port.HOST, *filter(None, [os.environ.get("NO_PROXY")])])

    def _start_processes(self) -> None:
        self._listener = port.listen()
        self.url = "http://{}:{}".format(*self._listener.getsockname()[:2])
        self.environment.setdefault("PUBLIC_URL", self.url)
        self.environment.setdefault("METRICS_DIR", str(emptied(self.slot.home / "metrics")))
        self.processes = [self._process(name, command) for name, command in self._commands().items()]
        for process in self.processes:
            process.start()
        self._supervisor = Supervisor([*self._services.processes, *self.processes])

    def _commands(self) -> dict[str, list[str]]:
        listening = self._listener.fileno() if self._listener else -1
        gunicorn = ["gunicorn", "--config", "config/gunicorn.py", "--bind", f"fd://{listening}"]
        celery = ["celery", "--quiet", "--app", "ecommerce"]
        beat = ["beat", "--schedule", str(self.slot.home / "beat"), "--pidfile", ""]
        # Asking the network for other workers costs a second at each start.
        worker = ["worker", "--concurrency", "2", "--without-mingle", "--without-gossip"]
        python = sys.executable
        return {
            "web": [python, "-m", *gunicorn, "ecommerce.wsgi:application"],
            "worker": [python, "-m", *celery, *worker, "--loglevel", "INFO"],
            "beat": [python, "-m", *celery, *beat, "--loglevel", "INFO"],
            "relay": [python, "manage.py", "relay"],
        }

    def _process(self, name: str, command: list[str]) -> Process:
        inherited = [self._listener.fileno()] if self._listener and name == "web" else []
        log = self.slot.logs / f"{name}.log"
        return Process(name, command, self.environment, log, CHECKOUT, open_files=inherited)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(self.url):
            for process in self.processes:
                if not process.is_alive():
                    raise ProcessFailed(f"{process.name} did not start ({process.ending})", process.log)
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.url}/readyz is not 200 after {READY_SECONDS} s; logs: {self.slot.logs}")
            time.sleep(0.2)


def is_ready(url: str) -> bool:
    """Whether the shop says that it is."""
    try:
        return httpx2.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


def emptied(directory: Path) -> Path:
    """The directory, with nothing of a former run in it."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def set_old_logs_aside(directory: Path) -> None:
    """The last run's logs stay for one run more."""
    for log in directory.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
