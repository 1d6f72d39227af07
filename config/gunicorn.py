"""How gunicorn serves the shop, here and in the image: `gunicorn -c config/gunicorn.py ecommerce.wsgi:application`.

PORT, WEB_CONCURRENCY (processes) and WEB_THREADS (threads in each) change it; so does anything on the command line.
"""
# ruff: noqa: INP001  (a file of settings, in no package)

import os
from typing import Any

bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)

# As much as nginx takes by default; what is longer gets gunicorn's own 414, which is no problem document.
limit_request_line = 8190
timeout = 30
graceful_timeout = 20
# Longer than a gateway keeps its idle connections, so that the gateway is the one to close them.
keepalive = 75
control_socket_disable = True
# The heartbeat file on a real disk can block a worker for as long as the disk is busy.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  (a RAM disk; gunicorn names the file)


def child_exit(_server: Any, worker: Any) -> None:
    """Take a gone worker's gauges out of the shared metrics."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library has no types here
