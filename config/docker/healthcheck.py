"""The image's health check: 0 when the process that this container is for is alive.

    healthcheck.py              web: /healthz answers with 200
    healthcheck.py readyz       web: so does /readyz, so worker and relay are alive and all servers answer
    healthcheck.py relay        a relay has said in the last minute that it is alive; likewise: worker (sent by beat)

Does without Django, which would cost a second of a processor each time.
"""

# ruff: noqa: INP001  (a script of the image, in no package)

import os
import sys
from urllib.request import Request, urlopen

PAGES = ("healthz", "readyz")
BEAT = "SELECT FROM kernel_heartbeat WHERE process = %s AND beat_at > now() - interval '60 seconds'"


def answers(page: str) -> bool:
    """Whether web answers well. It is asked by a name of ALLOWED_HOSTS, since Django answers to no other."""
    port = os.environ.get("PORT") or "8000"
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip("*.") or "localhost"
    # Raises for a refused connection and for 4xx and 5xx, and Python then ends with 1.
    urlopen(Request(f"http://127.0.0.1:{port}/{page}", headers={"Host": name}), timeout=4)
    return True


def has_said_so(process: str) -> bool:
    """Whether a process of this kind has lately written that it is alive."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as connection:
        return connection.execute(BEAT, [process]).fetchone() is not None


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "healthz"
    sys.exit(0 if (answers(what) if what in PAGES else has_said_so(what)) else 1)
