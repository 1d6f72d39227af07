"""What crosses users' border."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How to reach a user: name, verified or not, and the language to write in (ISO 639-1)."""

    user_id: UUID
    email: str
    email_verified: bool
    first_name: str
    last_name: str
    language: str
