"""A user's cart outlives Redis: it is written behind to PostgreSQL, and put back when it is asked for and not there.

A change is written within seconds (`save_due`); what Redis loses in between is lost, and so are guests' carts. Whoever
writes a user's row, ends his cart or puts it back holds that user's lock meanwhile, and looks into Redis under it: so
an older state never follows a newer one, and a cart that was ordered never comes back.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from ecommerce.kernel import clock, wire
from ecommerce.kernel.db import atomic
from modules.cart.contracts import CartNotFound
from modules.cart.logic import storage, unsaved
from modules.cart.logic.baskets import LIFETIME, Basket
from modules.cart.logic.database import execute
from modules.cart.models import SavedCart

BATCH = 200
# A cart that comes back is at none of the versions that may have been lost, so that nobody's If-Match fits by chance.
LEAP = 1000


def find_own_basket(user_id: UUID) -> Basket | None:
    """The user's one basket, put back where Redis has lost it."""
    return storage.find_basket_of(user_id) or _put_back(owner_id=user_id)


def find_basket(cart_id: UUID, *, user_id: UUID | None) -> Basket:
    """The basket under that id; one of that user's is put back where Redis has lost it. CartNotFound for any other."""
    try:
        return storage.find_basket(cart_id)
    except CartNotFound:
        restored = _put_back(cart_id=cart_id, owner_id=user_id) if user_id else None
        if restored is None or restored.id != cart_id:
            raise
        return restored


def recall_basket(cart_id: UUID) -> Basket:
    """The basket under that id, whosever: for those who end it."""
    try:
        return storage.find_basket(cart_id)
    except CartNotFound:
        restored = _put_back(cart_id=cart_id)
        if restored is None or restored.id != cart_id:
            raise
        return restored


@contextmanager
def rewriting(owner_id: UUID | None) -> Iterator[None]:
    """Around what ends a user's cart, or puts another into its place: his row then says the same as Redis."""
    if owner_id is None:
        yield
        return
    with atomic(SavedCart):
        _lock([owner_id])
        yield
        if not _write([owner_id]):
            SavedCart.objects.filter(owner_id=owner_id).delete()


def save_due() -> int:
    """Write users' carts that have changed; how many. Repeating is safe, and so is any number of these at once."""
    count = 0
    while waiting := unsaved.find_unsaved(BATCH):
        count += _save(waiting)
        if len(waiting) < BATCH:
            break
    return count


def forget_expired() -> int:
    """Delete what would not be put back any more; how many."""
    return SavedCart.objects.filter(changed_at__lte=clock.now() - LIFETIME).delete()[0]


def _save(waiting: Mapping[UUID, str]) -> int:
    with atomic(SavedCart):
        _lock(waiting)
        count = _write(waiting)
    unsaved.take_off(waiting)
    return count


def _put_back(**which: UUID) -> Basket | None:
    saved = SavedCart.objects.filter(changed_at__gt=clock.now() - LIFETIME, **which).first()
    if saved is None:
        return None
    with atomic(SavedCart):
        _lock([saved.owner_id])
        # Looked at again under the lock: it may have been ordered in this very moment.
        saved = SavedCart.objects.filter(owner_id=saved.owner_id, cart_id=saved.cart_id).first()
        if saved is None:
            return None
        basket = wire.from_plain(saved.basket, Basket)
        return storage.restore_basket(replace(basket, version=basket.version + LEAP))


def _lock(owner_ids: Collection[UUID]) -> None:
    """Until the transaction ends; all in one order, so that two never wait for each other."""
    keys = sorted(str(owner_id) for owner_id in owner_ids)
    execute(_LOCK, [keys])


def _write(owner_ids: Collection[UUID]) -> int:
    """Write what these users' carts hold now; how many have one."""
    baskets = storage.find_baskets_of(owner_ids)
    rows = [
        {"owner_id": one.owner_id, "cart_id": one.id, "changed_at": one.changed_at, "basket": one} for one in baskets
    ]
    return execute(_WRITE, [wire.encode(rows).decode()]) if rows else 0


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cart_savedcart' || owner, 0)) FROM unnest(%s::text[]) AS owner"
# Watched is what holds something and was not announced yet.
_WRITE = """
    INSERT INTO cart_savedcart AS kept (owner_id, cart_id, changed_at, basket, is_watched, abandoned_at)
    SELECT owner_id, cart_id, changed_at, basket, basket -> 'lines' <> '[]', NULL
    FROM jsonb_to_recordset(%s::jsonb) AS new (owner_id uuid, cart_id uuid, changed_at timestamptz, basket jsonb)
    ON CONFLICT (owner_id) DO UPDATE SET
        cart_id = excluded.cart_id,
        changed_at = excluded.changed_at,
        basket = excluded.basket,
        is_watched = excluded.is_watched AND (kept.cart_id <> excluded.cart_id OR kept.abandoned_at IS NULL),
        abandoned_at = CASE WHEN kept.cart_id = excluded.cart_id THEN kept.abandoned_at END
"""
