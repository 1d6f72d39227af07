"""Whether the shop has finished what buyers left it to do. It is asked in the database, so that looking costs web
nothing and worker and relay nothing.
"""

import time
from typing import Any

import psycopg

from benchmarks.load import percentile

PATIENCE_SECONDS = 120
LOOK_EVERY_SECONDS = 0.05
UNCONFIRMED = "SELECT count(*) FROM orders_order WHERE status IN ('opening', 'pending')"
# Orders, events on their way, steps, mails: what still costs CPU, also after the last confirmation.
UNFINISHED = """
    SELECT (SELECT count(*) FROM orders_order WHERE status IN ('opening', 'pending'))
         + (SELECT count(*) FROM kernel_delivery WHERE delivered_at IS NULL)
         + (SELECT count(*) FROM kernel_inboxevent WHERE handled_at IS NULL AND parked_at IS NULL)
         + (SELECT count(*) FROM kernel_step WHERE status = 'pending')
         + (SELECT count(*) FROM notifications_message WHERE status IN ('draft', 'ready'))
"""
DELAYS = """
    SELECT extract(epoch FROM confirmed_at - placed_at)::float FROM orders_order
    WHERE confirmed_at IS NOT NULL ORDER BY placed_at DESC, id DESC LIMIT %s
"""


def wait_for_confirmations(connection: psycopg.Connection[Any]) -> int:
    """Wait until no order waits for its confirmation; how many still do when patience ends."""
    return _wait(connection, UNCONFIRMED)


def wait_for_order(connection: psycopg.Connection[Any], order_id: str) -> None:
    """Wait until one order is confirmed, or patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        row = connection.execute("SELECT status FROM orders_order WHERE id = %s", [order_id]).fetchone()
        if row and row[0] not in ("opening", "pending"):
            return
        time.sleep(LOOK_EVERY_SECONDS)


def wait_until_quiet(connection: psycopg.Connection[Any]) -> int:
    """Wait until nothing is left to do, so that the next measurement pays for nothing but its own."""
    return _wait(connection, UNFINISHED)


def seconds_to_confirmation(connection: psycopg.Connection[Any], orders: int) -> dict[str, float]:
    """How long the newest orders waited, from being placed to being confirmed."""
    delays = [row[0] for row in connection.execute(DELAYS, [orders]).fetchall()]
    return {f"p{share}": round(percentile(delays, share), 3) for share in (50, 95, 99)}


def _wait(connection: psycopg.Connection[Any], question: str) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        ((left,),) = connection.execute(question.encode()).fetchall()
        if not left or time.monotonic() > deadline:
            return int(left)
        time.sleep(LOOK_EVERY_SECONDS)
