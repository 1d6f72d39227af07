"""The facts that cart announces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CartAbandoned:
    """A user who accepts marketing has left something in his cart and not touched it for a while; once per cart."""

    cart_id: UUID
    user_id: UUID
    changed_at: datetime
