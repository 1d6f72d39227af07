"""The port the shop listens on: PORT, or 8000 and, where that is taken, the next free one."""

import os
import socket

HOST = "127.0.0.1"
FIRST = 8000
LAST = 8999


class PortRefused(Exception):
    """PORT cannot be had."""


def listen() -> socket.socket:
    """A listening socket. Web inherits it, so that nobody takes the port between choosing and listening."""
    wanted = os.environ.get("PORT", "")
    if wanted:
        return _listen_on(wanted)
    for port in range(FIRST, LAST + 1):
        try:
            return socket.create_server((HOST, port), backlog=1024)
        except OSError:
            continue
    raise PortRefused(f"no free port from {FIRST} to {LAST}")


def check() -> None:
    """Refuse at once what `listen` would refuse after the database is set up."""
    listen().close()


def _listen_on(wanted: str) -> socket.socket:
    try:
        return socket.create_server((HOST, int(wanted)), backlog=1024)
    except (ValueError, OverflowError):
        raise PortRefused(f"PORT={wanted} is no port number") from None
    except OSError as problem:
        hint = "name another, or none for the next free one"
        reason = os.strerror(problem.errno or 0)
        raise PortRefused(f"PORT={wanted} cannot be used ({reason}): {hint}") from None
