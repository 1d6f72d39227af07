"""A whole shop in processes of its own, for tests that speak HTTP to it and kill parts of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg
from django.conf import settings

from conftest import on_database

PRODUCTS = "30"
READY_SECONDS = 60


class RunningShop:
    """Web, worker, beat and relay on a database of their own; each can be killed and started again."""

    def __init__(self, name: str, redis_database: int, directory: Path) -> None:
        self.directory = directory
        self.environment = _environment(name, redis_database, directory)
        self.url = self.environment["PUBLIC_URL"]
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> None:
        """From an empty database to a shop that answers."""
        _empty_database(self.environment["DATABASE_URL"])
        self.manage("migrate", "--no-input", "-v0")
        self.manage("seed", "--products", PRODUCTS)
        for name in COMMANDS:
            self.start(name)
        self.wait_until_ready()

    def start(self, name: str, *, called: str = "") -> None:
        """Start one of the four; a second one of its kind is `called` something else."""
        port = str(urlsplit(self.url).port)
        command = [part.format(port=port, python=sys.executable, home=self.directory) for part in COMMANDS[name]]
        log = (self.directory / f"{called or name}.log").open("ab")
        self.processes[called or name] = subprocess.Popen(
            command, env=self.environment, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
        )

    def kill(self, name: str) -> None:
        """SIGKILL it with its children, in the middle of whatever it does."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> None:
        """SIGTERM: it finishes what is in hand and holds nothing any more."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(timeout=30)

    def close(self) -> None:
        """End everything that was started."""
        for name in list(self.processes):
            self.kill(name)

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command against this shop."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, env=self.environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0 or not check, f"{arguments}\n{result.stdout}\n{result.stderr}"
        return result

    def wait_until_ready(self) -> None:
        """Until /readyz is 200."""
        deadline = time.monotonic() + READY_SECONDS
        answer = "nothing"
        while time.monotonic() < deadline:
            try:
                response = httpx2.get(f"{self.url}/readyz", timeout=5)
                answer = response.text
                if response.status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"not ready after {READY_SECONDS} s: {answer}; logs in {self.directory}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, for what HTTP does not show."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(sql, values or None).fetchall()


COMMANDS = {
    "web": [
        "{python}", "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2",
        "--threads", "16", "ecommerce.wsgi:application",
    ],
    "worker": ["{python}", "-m", "celery", "-A", "ecommerce", "worker", "--concurrency", "1", "--without-mingle"],
    "beat": ["{python}", "-m", "celery", "-A", "ecommerce", "beat", "--schedule", "{home}/beat", "--pidfile", ""],
    "relay": ["{python}", "manage.py", "relay"],
}  # fmt: skip


@contextmanager
def running_shop(name: str, redis_database: int, directory: Path) -> Iterator[RunningShop]:
    """A shop that is open for as long as the block runs; `redis_database` and the next one are its own."""
    shop = RunningShop(name, redis_database, directory)
    with only_one(name):
        try:
            shop.open()
            yield shop
        finally:
            shop.close()


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Two test workers that want a shop of the same name have it one after the other, never each other's database."""
    with psycopg.connect(_server(os.environ["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"running_shop:{name}"])
        yield


def _environment(name: str, redis_database: int, directory: Path) -> dict[str, str]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/test_{name}").geturl()
    return os.environ | {
        "DEBUG": "on",
        "DATABASE_URL": database,
        "DATABASE_POOL": "on",
        "REDIS_URL": on_database(os.environ["REDIS_URL"], redis_database),
        "CELERY_BROKER_URL": on_database(os.environ["REDIS_URL"], redis_database + 1),
        "PUBLIC_URL": f"http://127.0.0.1:{_free_port()}",
        "RATE_LIMITS": "off",
        "MAIL_DIR": str(directory / "mail"),
    }


def _empty_database(url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(_server(url), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())


def _server(url: str) -> str:
    """The database of the same server that always exists: advisory locks and CREATE DATABASE are taken there."""
    return urlsplit(url)._replace(path="/postgres").geturl()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
