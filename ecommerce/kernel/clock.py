"""The only source of time in the modules, so that a simulation can own it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)
