"""The facts that users announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class UserRegistered:
    """Somebody has an account now."""

    user_id: UUID
