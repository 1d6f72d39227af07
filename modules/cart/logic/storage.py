"""Where baskets lie: Redis, one hash each, one script per change."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import redis.exceptions
from django_redis import get_redis_connection
from redis.commands.core import Script

from ecommerce.kernel import clock
from ecommerce.kernel.errors import PreconditionFailed, Unavailable
from modules.cart.contracts import CartFull, CartNotFound, LineNotFound, OrderedLine, TooManyCoupons
from modules.cart.logic import scripts
from modules.cart.logic.baskets import (
    LIFETIME,
    MAX_CODES,
    MAX_LINES,
    MAX_QUANTITY,
    Basket,
    BasketLine,
    read_basket,
    write_seen,
)

CARTS = "shop:cart:"
OWNERS = "shop:cart-of:"

# Those a change may be made at; None where any will do.
Versions = frozenset[int] | None

# What a server says that is there but cannot take the change now.
_CANNOT_NOW = re.compile(r"\b(OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|LOADING|BUSY)\b")


class LookAgain(Exception):
    """A basket has changed since the caller saw it, in a way that matters; nothing was written."""


class Refused(Exception):
    """The script found a reason against the change; nothing was written. `had` is the line's quantity."""

    def __init__(self, reason: str, had: int) -> None:
        super().__init__(reason)
        self.reason, self.had = reason, had


def find_basket(cart_id: UUID) -> Basket:
    """The basket under that id; CartNotFound for one that is gone, with `moved_to` where a guest's rest has moved."""
    with _answering():
        fields = _text(_client().hgetall(_cart(cart_id)))
    if "version" not in fields:
        moved = {"moved_to": fields["moved_to"]} if "moved_to" in fields else {}
        raise CartNotFound(**moved)
    return read_basket(fields)


def find_claimant(cart_id: UUID) -> UUID | None:
    """The user who has taken this guest's cart over, if one has."""
    with _answering():
        claimant = _client().hget(_cart(cart_id), "claimed_by")
    return UUID(claimant.decode()) if claimant else None


def find_basket_of(user_id: UUID) -> Basket | None:
    """The user's one basket."""
    try:
        return _basket(_run(scripts.FIND_OWN, [_owner(user_id)], [CARTS]))
    except CartNotFound:
        return None


def open_basket(*, new_id: UUID, currency: str, owner_id: UUID | None) -> Basket:
    """A new basket; for a user the one he has, if he has one."""
    keys = [_cart(new_id), *_owner_keys(owner_id)]
    return _basket(_run(scripts.OPEN, keys, [*_times(), str(new_id), str(owner_id or ""), currency, CARTS]))


def add_quantity(basket: Basket, more: BasketLine, *, available: int, versions: Versions) -> Basket:
    """Add to a line or make it; Refused beyond `available` ("short") or the most of a line ("too_many")."""
    arguments = [*_times(), _expected(versions), *_line(more), available, MAX_QUANTITY, MAX_LINES]
    return _basket(_run(scripts.ADD, _keys(basket), arguments))


def set_line(basket: Basket, line: BasketLine, *, versions: Versions) -> Basket:
    """Give a line that is there another quantity."""
    return _basket(_run(scripts.SET, _keys(basket), [*_times(), _expected(versions), *_line(line)]))


def remove_line(basket: Basket, variant_id: UUID, *, versions: Versions) -> Basket:
    """Take a line out; one that is not there changes nothing."""
    return _basket(_run(scripts.REMOVE, _keys(basket), [*_times(), _expected(versions), str(variant_id)]))


def add_code(basket: Basket, code: str, *, versions: Versions) -> Basket:
    """Put a coupon code into a basket; one that is there changes nothing, TooManyCoupons beyond the most."""
    return _basket(_run(scripts.ADD_CODE, _keys(basket), [*_times(), _expected(versions), code, MAX_CODES]))


def remove_code(basket: Basket, code: str, *, versions: Versions) -> Basket:
    """Take a coupon code out; one that is not there changes nothing."""
    return _basket(_run(scripts.REMOVE_CODE, _keys(basket), [*_times(), _expected(versions), code]))


def discard_basket(basket: Basket, *, versions: Versions) -> None:
    """Let a basket go, with its owner's claim to it."""
    _run(scripts.DISCARD, _keys(basket), [_expected(versions), str(basket.id)])


def merge_baskets(
    guest: Basket,
    *,
    own: Basket | None,
    target_id: UUID,
    user_id: UUID,
    currency: str,
    lines: Sequence[tuple[int, BasketLine]],
    versions: Versions,
) -> tuple[Basket, list[UUID]]:
    """Move a guest's lines (each behind what is available of it) into the user's basket; tells which came short.

    A `target_id` that is not his `own` is a new basket in place of that, which must be empty. LookAgain when either
    basket has changed in a way that matters; CartNotFound when the guest's is gone.
    """
    keys = [_cart(guest.id), _cart(target_id), _owner(user_id)]
    target = [str(target_id), str(own.id) if own else "", str(user_id), currency, CARTS, MAX_QUANTITY, MAX_LINES]
    flat = [part for available, line in lines for part in (str(line.variant_id), available, write_seen(line.seen))]
    reply = _run(scripts.CLAIM, keys, [*_times(), _expected(versions), *target, *flat])
    return _basket(reply), [UUID(variant.decode()) for variant in reply[2]]


def close_basket(basket: Basket, *, successor_id: UUID, lines: list[OrderedLine]) -> None:
    """Retire a basket; what was not ordered moves to its successor."""
    keys = [_cart(basket.id), _cart(successor_id), *_owner_keys(basket.owner_id)]
    flat = [part for line in lines for part in (str(line.variant_id), line.quantity)]
    _run(scripts.CLOSE, keys, [*_times(), str(basket.id), str(successor_id), *flat])


def _run(script: Script, keys: list[str], arguments: list[Any]) -> list[Any]:
    with _answering():
        reply: list[Any] = script(keys=keys, args=arguments, client=_client())
    match reply[0].decode():
        case "done":
            return reply
        case "gone":
            raise CartNotFound
        case "stale":
            raise PreconditionFailed(version=int(reply[1]))
        case "again" | "claimed":
            raise LookAgain
        case "absent":
            raise LineNotFound
        case "full":
            raise CartFull(limit=MAX_LINES)
        case "full_of_codes":
            raise TooManyCoupons(limit=MAX_CODES)
        case reason:
            raise Refused(reason, reply[1])


@contextmanager
def _answering() -> Iterator[None]:
    """Redis that is down, or cannot take the change, is Unavailable: the outcome is unknown."""
    try:
        yield
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
        raise _unavailable() from error
    except redis.exceptions.ResponseError as error:
        if not _CANNOT_NOW.search(str(error)):
            raise
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("Carts cannot be reached now.", dependency="redis", retry_after=2)


def _client() -> Any:
    return get_redis_connection("default")


def _cart(cart_id: UUID) -> str:
    return f"{CARTS}{cart_id}"


def _owner(user_id: UUID) -> str:
    return f"{OWNERS}{user_id}"


def _owner_keys(owner_id: UUID | None) -> list[str]:
    return [_owner(owner_id)] if owner_id else []


def _keys(basket: Basket) -> list[str]:
    return [_cart(basket.id), *_owner_keys(basket.owner_id)]


def _line(line: BasketLine) -> list[Any]:
    return [str(line.variant_id), line.quantity, write_seen(line.seen)]


def _times() -> list[int]:
    return [int(clock.now().timestamp() * 1000), int(LIFETIME.total_seconds())]


def _expected(versions: Versions) -> str:
    return "" if versions is None else f" {' '.join(map(str, versions))} "


def _basket(reply: list[Any]) -> Basket:
    names, values = reply[1][::2], reply[1][1::2]
    return read_basket(_text(dict(zip(names, values, strict=True))))


def _text(fields: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}
