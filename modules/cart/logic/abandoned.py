"""Carts that their users have left standing: announced once each, and only of users who accept marketing.

Only what is saved is looked at (safekeeping.py), so a guest's cart is never abandoned: nobody knows whose it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import publish
from modules.cart.events import CartAbandoned
from modules.cart.logic.database import fetch
from modules.cart.logic.unsaved import unsaved_among
from modules.cart.models import SavedCart
from modules.users import service as users_service

BATCH = 200


def announce_abandoned() -> int:
    """Announce the carts that have been silent for ABANDONED_CART_HOURS; how many.

    Repeating is safe, and so is any number of these at once. Whoever does not accept marketing now is not asked again
    before his cart changes.
    """
    if not settings.ABANDONED_CART_HOURS:
        return 0
    silent_since, count = clock.now() - timedelta(hours=settings.ABANDONED_CART_HOURS), 0
    # By key, not "the first ones again": those that are just being changed stay where they are.
    last: tuple[datetime | None, UUID | None] = (None, None)
    while carts := _silent(silent_since, last):
        count += _announce(carts, silent_since)
        last = carts[-1]
    return count


def _silent(since: datetime, after: tuple[datetime | None, UUID | None]) -> list[tuple[datetime, UUID]]:
    values = {"since": since, "at": after[0], "after": after[1], "limit": BATCH}
    return [(changed_at, owner_id) for changed_at, owner_id in fetch(_SILENT, values)]


def _announce(carts: Sequence[tuple[datetime, UUID]], since: datetime) -> int:
    owners = {owner_id for _, owner_id in carts}
    # What has been changed and is not saved yet is not silent.
    owners -= unsaved_among(owners)
    contacts = users_service.get_contacts(ids=sorted(owners))
    willing = [contact.user_id for contact in contacts if contact.accepts_marketing]
    with atomic(SavedCart):
        found = fetch(_LOOKED_AT, {"owners": sorted(owners), "willing": willing, "since": since, "now": clock.now()})
        for cart_id, user_id, changed_at in found:
            publish(CartAbandoned(cart_id=cart_id, user_id=user_id, changed_at=changed_at))
    return len(found)


_SILENT = """
    SELECT changed_at, owner_id FROM cart_savedcart
    WHERE is_watched AND changed_at <= %(since)s
      AND (%(at)s::timestamptz IS NULL OR (changed_at, owner_id) > (%(at)s, %(after)s::uuid))
    ORDER BY changed_at, owner_id LIMIT %(limit)s
"""
# Whoever comes first looks; in the order in which all lock them.
_LOOKED_AT = """
    WITH silent AS (
        SELECT owner_id FROM cart_savedcart
        WHERE owner_id = ANY(%(owners)s) AND is_watched AND changed_at <= %(since)s
        ORDER BY owner_id FOR NO KEY UPDATE
    ), looked_at AS (
        UPDATE cart_savedcart kept
        SET is_watched = false, abandoned_at = CASE WHEN kept.owner_id = ANY(%(willing)s::uuid[]) THEN %(now)s END
        FROM silent WHERE kept.owner_id = silent.owner_id
        RETURNING kept.cart_id, kept.owner_id, kept.changed_at, kept.abandoned_at
    )
    SELECT cart_id, owner_id, changed_at FROM looked_at WHERE abandoned_at IS NOT NULL ORDER BY owner_id
"""
