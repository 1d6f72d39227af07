"""The shop as in production, on a fresh database, PostgreSQL and Redis of its own; each kind of process tells by its
database role which statements are its own.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from ecommerce.launch.process import Process, ProcessFailed, bound_to_us, stop
from ecommerce.launch.services import Services
from ecommerce.launch.shop import READY_SECONDS, emptied, is_ready
from ecommerce.launch.slot import CHECKOUT, claim

DATABASE = "bench"
WEB_WORKERS = 2
WEB_THREADS = 8
WORKERS = 1
# What CPU time is counted for, and which processes belong to it.
GROUPS = {
    "web": ["web"], "worker": ["worker", "beat"], "relay": ["relay"], "postgres": ["postgres"], "redis": ["redis"],
}  # fmt: skip
ROLES = ("web", "worker", "relay")
# Nothing else of the caller's environment reaches the shop, so that a forgotten variable changes no figure.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
HOST = "127.0.0.1"


@contextmanager
def open_shop(products: int, **variables: str) -> Iterator["BenchShop"]:
    """A seeded shop that answers, for as long as the block runs; with other variables than production's, if any."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # figures of servers that we did not start would name the wrong machine
    shop = BenchShop(variables)
    try:
        shop.start(products)
        yield shop
    finally:
        shop.stop()


class BenchShop:
    """One running shop and what it was seeded with."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._workers = WORKERS
        self._held = claim(CHECKOUT, "bench")
        self._slot = self._held.slot
        self._services = Services(self._slot, durable=True)
        self._listener = socket.create_server((HOST, 0), backlog=1024)
        self._programs: list[Process] = []
        self._environment: dict[str, str] = {}
        self.port = int(self._listener.getsockname()[1])
        self.seeded: dict[str, Any] = {}

    def start(self, products: int) -> None:
        """From nothing to a shop that answers."""
        self._services.start()
        self._empty_servers()
        self._environment = self._production()
        self._manage("migrate", "--no-input", "--verbosity", "0")
        self.seeded = self._seed(products)
        self._settle_tables()
        self._start_programs()

    def restart(self, **variables: str) -> None:
        """The same data, other variables: web, worker, beat and relay anew."""
        stop(self._programs, patience=5)
        self._programs.clear()
        self._environment |= variables
        self._start_programs()

    def stop_worker(self) -> None:
        """Nobody does what the broker has until `start_worker`."""
        (worker,) = [process for process in self._programs if process.name == "worker"]
        stop([worker], patience=5)
        self._programs.remove(worker)

    def start_worker(self, processes: int) -> None:
        """The Celery worker, with so many processes."""
        self._workers = processes
        self._start("worker", self._worker())

    def add_orders(self, number: int) -> float:
        """So many past orders; the seconds that it took."""
        asked = ("--products", "0", "--orders", str(number), "--format", "json")
        told = json.loads(self._manage("seed", *asked, DEBUG="on"))
        self._settle_tables()
        return float(told["seconds"])

    def run_module(self, module: str, *arguments: str) -> str:
        """Run a Python module as the shop's processes run, and return what it printed."""
        return self._python(module, ["-m", module, *arguments])

    def stop(self) -> None:
        """End everything; the data stay until the next run, or `make clean`."""
        stop(self._programs, patience=5)
        self._services.stop()
        self._listener.close()
        self._held.release()

    def processes(self) -> dict[str, list[int]]:
        """The first process of each kind; its children belong to it."""
        pids = {process.name: process.pid for process in [*self._services.processes, *self._programs]}
        return {group: [pid for name in names if (pid := pids.get(name))] for group, names in GROUPS.items()}

    def connect(self) -> psycopg.Connection[Any]:
        """A look into the shop's database, by a role that none of its processes has."""
        return psycopg.connect(self._database_url("shop"), autocommit=True)

    def url(self) -> str:
        """Where its database is."""
        return self._database_url("shop")

    def environment(self) -> dict[str, str]:
        """What a program must know to be one of its processes."""
        return {**self._environment, "DJANGO_SETTINGS_MODULE": "ecommerce.settings"}

    def redis_url(self) -> str:
        """Where its carts, counters and nudges are."""
        return self._services.environment["REDIS_URL"]

    def redis_version(self) -> str:
        """Of the server that runs."""
        with redis.Redis.from_url(self.redis_url()) as server:
            return str(server.info("server")["redis_version"])

    def _empty_servers(self) -> None:
        with psycopg.connect(self._services.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in set(ROLES) - known:
                connection.execute(f"CREATE ROLE {role} LOGIN IN ROLE shop".encode())
        with self.connect() as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        with redis.Redis.from_url(self._services.environment["REDIS_URL"]) as server:
            server.flushall()

    def _production(self) -> dict[str, str]:
        """As in production, but for the sandbox, which is the only provider that takes no money, and the limits."""
        names = ("SECRET_KEY", "INTERNAL_KEYS", "JWT_KEY_ENCRYPTION_KEY", "SANDBOX_WEBHOOK_SECRET")
        return {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **self._services.environment,
            **{name: secrets.token_urlsafe(48) for name in names},
            "DATABASE_URL": self._database_url("shop"),
            "DEBUG": "off",
            "ALLOWED_HOSTS": HOST,
            "PUBLIC_URL": f"http://{HOST}:{self.port}",
            "NO_PROXY": HOST,
            "PAYMENTS_ALLOW_SANDBOX": "true",
            "RATE_LIMITS": "off",
            "WEB_CONCURRENCY": str(WEB_WORKERS),
            "WEB_THREADS": str(WEB_THREADS),
            "METRICS_DIR": str(emptied(self._slot.home / "metrics")),
            "MAIL_DIR": str(emptied(self._slot.home / "mail")),
            **self._variables,
        }

    def _database_url(self, role: str) -> str:
        address = urlsplit(self._services.environment["DATABASE_URL"])
        return address._replace(netloc=f"{role}@{address.hostname}:{address.port}", path=f"/{DATABASE}").geturl()

    def _seed(self, products: int) -> dict[str, Any]:
        """Seeding is refused in production, so this one process is in development."""
        told = json.loads(self._manage("seed", "--products", str(products), "--format", "json", DEBUG="on"))
        seconds = float(told["seconds"])
        rows = {row["what"]: row["rows"] for row in told["rows"]}
        return {"seconds": seconds, "products_per_minute": round(rows["product"] * 60 / seconds), "rows": rows}

    def _settle_tables(self) -> None:
        """What autovacuum and the next checkpoint would do to the fresh rows, in the middle of a measurement."""
        with self.connect() as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def _worker(self) -> list[str]:
        celery = [sys.executable, "-m", "celery", "--quiet", "--app", "ecommerce"]
        return [*celery, "worker", "--concurrency", str(self._workers), "--without-mingle", "--without-gossip"]

    def _commands(self) -> dict[str, list[str]]:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--quiet", "--app", "ecommerce"]
        schedule = str(emptied(self._slot.home / "beat") / "schedule")
        bound = f"fd://{self._listener.fileno()}"
        return {
            "web": [
                *python, "gunicorn", "--config", "config/gunicorn.py", "--bind", bound, "ecommerce.wsgi:application",
            ],
            "worker": self._worker(),
            "beat": [*celery, "beat", "--schedule", schedule, "--pidfile", ""],
            "relay": [sys.executable, "manage.py", "relay"],
        }  # fmt: skip

    def _start_programs(self) -> None:
        for name, command in self._commands().items():
            self._start(name, command)
        self._wait_until_ready()

    def _start(self, name: str, command: list[str]) -> None:
        environment = self._environment
        if name in ROLES:
            environment = environment | {"DATABASE_URL": self._database_url(name)}
        inherited = [self._listener.fileno()] if name == "web" else []
        process = Process(name, command, environment, self._slot.logs / f"{name}.log", CHECKOUT, open_files=inherited)
        process.start()
        self._programs.append(process)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(f"http://{HOST}:{self.port}"):
            for process in self._programs:
                if not process.is_alive():
                    raise ProcessFailed(f"{process.name} did not start ({process.ending})", process.log)
            if time.monotonic() > deadline:
                raise RuntimeError(f"the shop is not ready after {READY_SECONDS} s; logs: {self._slot.logs}")
            time.sleep(0.2)

    def _manage(self, *arguments: str, **changes: str) -> str:
        """Run a management command and return what it answered."""
        return self._python(arguments[0], ["manage.py", *arguments], **changes)

    def _python(self, name: str, arguments: list[str], **changes: str) -> str:
        log = self._slot.logs / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as messages:
            ended = subprocess.run(
                bound_to_us([sys.executable, *arguments], signal.SIGKILL),
                cwd=CHECKOUT,
                env=self._environment | changes,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                check=False,
            )
        if ended.returncode:
            raise ProcessFailed(f"{name} failed", log)
        return ended.stdout
