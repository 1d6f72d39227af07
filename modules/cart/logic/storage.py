"""Where baskets lie: Redis, one hash each, one script per change."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from redis.commands.core import Script

from ecommerce.kernel import clock
from ecommerce.kernel.errors import PreconditionFailed
from modules.cart.contracts import CartFull, CartNotFound, LineNotFound, OrderedLine, TooManyCoupons
from modules.cart.logic import connection, merging_scripts, scripts
from modules.cart.logic.baskets import (
    LIFETIME,
    MAX_CODES,
    MAX_LINES,
    MAX_QUANTITY,
    Basket,
    BasketLine,
    Merged,
    read_basket,
    read_seen,
    write_seen,
)

CARTS = "shop:cart:"
OWNERS = "shop:cart-of:"

# Those a change may be made at; None where any will do.
Versions = frozenset[int] | None


class LookAgain(Exception):
    """A basket has changed since the caller saw it, in a way that matters; nothing was written."""


class Refused(Exception):
    """The script found a reason against the change; nothing was written. `had` is the line's quantity."""

    def __init__(self, reason: str, had: int) -> None:
        super().__init__(reason)
        self.reason, self.had = reason, had


def find_basket(cart_id: UUID) -> Basket:
    """The basket under that id; CartNotFound for one that is gone, with `moved_to` where a guest's rest has moved."""
    with connection.answering():
        fields = _text(connection.client().hgetall(_cart(cart_id)))
    if "version" not in fields:
        moved = {"moved_to": fields["moved_to"]} if "moved_to" in fields else {}
        raise CartNotFound(**moved)
    return read_basket(fields)


def find_claimant(cart_id: UUID) -> UUID | None:
    """The user who has taken this guest's cart over, if one has."""
    with connection.answering():
        claimant = connection.client().hget(_cart(cart_id), "claimed_by")
    return UUID(claimant.decode()) if claimant else None


def find_basket_of(user_id: UUID) -> Basket | None:
    """The user's one basket."""
    try:
        return _basket(_run(scripts.FIND_OWN, [_owner(user_id)], [CARTS]))
    except CartNotFound:
        return None


def find_baskets_of(user_ids: Collection[UUID]) -> list[Basket]:
    """The baskets of those users who have one, in one round trip."""
    with connection.answering():
        pipeline = connection.client().pipeline(transaction=False)
        for user_id in user_ids:
            scripts.FIND_OWN(keys=[_owner(user_id)], args=[CARTS], client=pipeline)
        replies = pipeline.execute()
    return [_basket(reply) for reply in replies if reply[0] == b"done"]


def restore_basket(basket: Basket) -> Basket:
    """Put a user's basket back where it is lost; one that he has by now stays, and is returned."""
    keys = [_cart(basket.id), *_owner_keys(basket.owner_id)]
    left = int((basket.expires_at - clock.now()).total_seconds())
    lines = [part for line in basket.lines for part in _line(line)]
    head = [_milliseconds(basket.changed_at), left, CARTS, str(basket.id), str(basket.owner_id), basket.currency]
    return _basket(_run(scripts.RESTORE, keys, [*head, basket.version, len(basket.lines), *lines, *basket.codes]))


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
    rule: str,
    lines: Sequence[tuple[int, BasketLine]],
    versions: Versions,
) -> Merged:
    """Move a guest's lines (each behind what is available of it) into the user's basket, by one of the rules of
    settings.CART_CLAIM.

    A `target_id` that is not his `own` is a new basket in place of that. LookAgain when either basket has changed in a
    way that matters; CartNotFound when the guest's is gone.
    """
    keys = [_cart(guest.id), _cart(target_id), _owner(user_id)]
    target = [str(target_id), str(own.id) if own else "", str(user_id), currency, CARTS]
    limits = [MAX_QUANTITY, MAX_LINES, MAX_CODES]
    flat = [part for available, line in lines for part in (str(line.variant_id), available, write_seen(line.seen))]
    reply = _run(merging_scripts.CLAIM, keys, [*_times(), _expected(versions), *target, *limits, rule, *flat])
    return Merged(
        basket=_basket(reply),
        short=[UUID(variant.decode()) for variant in reply[2]],
        gave_way=[_gave_way(*reply[3][place : place + 3]) for place in range(0, len(reply[3]), 3)],
        codes=[code.decode() for code in reply[4]],
    )


def _gave_way(variant: bytes, quantity: int, seen: bytes) -> BasketLine:
    return BasketLine(variant_id=UUID(variant.decode()), quantity=quantity, seen=read_seen(seen))


def close_basket(basket: Basket, *, successor_id: UUID, lines: list[OrderedLine]) -> None:
    """Retire a basket; what was not ordered moves to its successor."""
    keys = [_cart(basket.id), _cart(successor_id), *_owner_keys(basket.owner_id)]
    flat = [part for line in lines for part in (str(line.variant_id), line.quantity)]
    _run(merging_scripts.CLOSE, keys, [*_times(), str(basket.id), str(successor_id), *flat])


def _run(script: Script, keys: list[str], arguments: list[Any]) -> list[Any]:
    with connection.answering():
        reply: list[Any] = script(keys=keys, args=arguments, client=connection.client())
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
    return [_milliseconds(clock.now()), int(LIFETIME.total_seconds())]


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _expected(versions: Versions) -> str:
    return "" if versions is None else f" {' '.join(map(str, versions))} "


def _basket(reply: list[Any]) -> Basket:
    names, values = reply[1][::2], reply[1][1::2]
    return read_basket(_text(dict(zip(names, values, strict=True))))


def _text(fields: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}
