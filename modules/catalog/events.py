"""What catalog announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AssortmentChanged:
    """Something that shoppers see has changed: once per transaction, whatever it was."""

    change_id: UUID
