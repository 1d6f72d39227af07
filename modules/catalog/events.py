"""The facts that catalog announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CategoryChanged:
    """A category was made, changed, moved or removed."""

    category_id: UUID
