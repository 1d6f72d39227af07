"""Answers every path with the id of gunicorn's main process."""

import os
from collections.abc import Callable, Iterable
from typing import Any

if os.environ.get("STUB_BROKEN"):
    raise RuntimeError("this web is broken")


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One answer for all."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getppid()).encode()]
