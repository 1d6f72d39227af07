"""What the figures were measured on: hardware and versions; no host name, no path."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.shop import BenchShop
from ecommerce.launch.slot import CHECKOUT

PACKAGES = ("django", "djangorestframework", "psycopg", "gunicorn", "celery")
SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers")


def describe(shop: BenchShop) -> dict[str, Any]:
    """Everything that would have to be the same to measure the same."""
    with shop.connect() as connection:
        postgres = {name: connection.execute(f"SHOW {name}".encode()).fetchall()[0][0] for name in SETTINGS}
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(first_word_of("/proc/meminfo", "MemTotal")) / 2**20, 1),
        "cpu": text_of("/proc/cpuinfo", "model name"),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgres": postgres,
        "redis": shop.redis_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": commit(),
    }


def commit() -> str:
    """Which state of the shop, marked where it was changed since; nothing where there is no git."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return told.stdout.strip()


def text_of(file: str, name: str) -> str:
    """What a file of /proc says under that name; nothing where it does not."""
    for line in Path(file).read_text().splitlines():
        key, _, text = line.partition(":")
        if key.strip() == name:
            return text.strip()
    return ""


def first_word_of(file: str, name: str) -> str:
    """The same without the unit."""
    return text_of(file, name).split()[0]
