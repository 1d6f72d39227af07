"""Which users' carts have changed since they were last written to PostgreSQL: a list in Redis, kept by the very scripts
that change the carts, so that it is lost only together with them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from modules.cart.logic import connection, scripts


def find_unsaved(limit: int) -> dict[UUID, str]:
    """Those that have waited longest, each with the turn of its last change."""
    with connection.answering():
        reply = scripts.UNSAVED(args=[limit], client=connection.client())
    waiting = [part.decode() for part in reply[1]]
    return {UUID(user): turn for user, turn in zip(waiting[::2], waiting[1::2], strict=True)}


def take_off(saved: Mapping[UUID, str]) -> None:
    """They are written as of that turn; what has changed since goes on waiting."""
    with connection.answering():
        scripts.SAVED(
            args=[part for user, turn in saved.items() for part in (str(user), turn)], client=connection.client()
        )


def unsaved_among(user_ids: Collection[UUID]) -> set[UUID]:
    """Those of these users whose carts have changed since."""
    with connection.answering():
        turns = connection.client().zmscore(scripts.UNSAVED_KEY, [str(user_id) for user_id in user_ids])
    return {user_id for user_id, turn in zip(user_ids, turns, strict=True) if turn is not None}
