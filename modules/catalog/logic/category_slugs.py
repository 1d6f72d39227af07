"""The addresses of categories: made of their names, each one's alone, and leading on when they change."""

from itertools import chain, count
from uuid import UUID

from django.utils.text import slugify

from ecommerce.kernel import clock
from modules.catalog.logic.database import fetch
from modules.catalog.models import CategorySlug

LONGEST = 120
# Of a name without any letter that an address may have.
NAMELESS = "category"


def free_slug(name: str) -> str:
    """One of this name that no category has or had; under the lock of the tree, else somebody may take it meanwhile."""
    base = slugify(name)[: LONGEST - 10].strip("-_") or NAMELESS
    taken = {row[0] for row in fetch(_TAKEN, {"base": base})}
    numbered = (f"{base}-{number}" for number in count(2))
    return next(slug for slug in chain([base], numbered) if slug not in taken)


def move_slug(category_id: UUID, old: str, new: str) -> None:
    """Let the old slug lead to the new one, which from now on leads nowhere else."""
    take_slug(new)
    CategorySlug.objects.create(slug=old, category_id=category_id, created_at=clock.now())


def take_slug(slug: str) -> None:
    """A category has this slug now, so it is nobody's old one."""
    CategorySlug.objects.filter(slug=slug).delete()


# An id by %(slug)s: whoever has a slug now comes before whoever had it.
BY_SLUG = """coalesce(
    (SELECT id FROM catalog_category WHERE slug = %(slug)s),
    (SELECT category_id FROM catalog_categoryslug WHERE slug = %(slug)s)
)"""
_TAKEN = """
    SELECT slug FROM catalog_category WHERE slug = %(base)s OR starts_with(slug, %(base)s || '-')
    UNION
    SELECT slug FROM catalog_categoryslug WHERE slug = %(base)s OR starts_with(slug, %(base)s || '-')
"""
