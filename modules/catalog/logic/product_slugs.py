"""Products' slugs: made of titles, kept when they change, so that no address is ever lost."""

import unicodedata
from uuid import UUID

from django.utils.text import slugify

from ecommerce.kernel import chance, clock
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.database import execute, fetch

LONGEST = 200
# Room for "-20" or for a word of chance behind the title's.
LONGEST_BASE = LONGEST - 20
NUMBERED = 20
# What a title without a single letter that we can spell is called.
NAMELESS = "product"


def slug_of(title: str) -> str:
    """The title as an address spells it; letters of other alphabets by their sound where we know it."""
    spelled = "".join(_SOUNDS.get(letter, letter) for letter in unicodedata.normalize("NFC", title.lower()))
    slug = slugify(spelled)[:LONGEST_BASE].strip("-_") or NAMELESS
    return f"{NAMELESS}-{slug}" if reads_as_id(slug) else slug


def free_slug(title: str) -> str:
    """The title's slug, or the first of those with a number that nobody has or had; a race for it is for the unique
    index to decide."""
    base = slug_of(title)
    wanted = [base, *(f"{base}-{number}" for number in range(2, NUMBERED + 1))]
    used = {slug for (slug,) in fetch(_USED, {"slugs": wanted})}
    return next((slug for slug in wanted if slug not in used), f"{base}-{slugify(chance.token(9))}")


def check_slug(slug: str) -> str:
    """A slug that staff chose; refuses (400) one that reads as an id, since nobody would find it."""
    if reads_as_id(slug):
        raise complaint("slug", "invalid", "A slug does not look like an id.")
    return slug


def reads_as_id(text: str) -> bool:
    """Whether an address of this form means an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def move_slug(product_id: UUID, old: str | None, new: str) -> None:
    """In the transaction that changes it: the old address leads to the new one, and the new one leads elsewhere no
    more."""
    execute("DELETE FROM catalog_productslug WHERE slug = %s", [new])
    if old is not None:
        execute(_KEEP, [old, product_id, clock.now()])


def find_moved(slug: str, *, hidden: bool = False) -> str | None:
    """The slug that the product with this old one has today, if it is published (or `hidden` ones count too)."""
    rows = fetch(_MOVED + ("" if hidden else " AND product.status = 'published'"), [slug])
    return rows[0][0] if rows else None


_USED = """
    SELECT slug FROM catalog_product WHERE slug = ANY(%(slugs)s)
    UNION ALL
    SELECT slug FROM catalog_productslug WHERE slug = ANY(%(slugs)s)
"""
_KEEP = """
    INSERT INTO catalog_productslug (slug, product_id, created_at) VALUES (%s, %s, %s)
    ON CONFLICT (slug) DO UPDATE SET product_id = EXCLUDED.product_id, created_at = EXCLUDED.created_at
"""
_MOVED = """
    SELECT product.slug FROM catalog_productslug old JOIN catalog_product product ON product.id = old.product_id
    WHERE old.slug = %s
"""
# What slugify leaves out, or spells without its sound: German, Scandinavian and Polish letters, Cyrillic.
_SOUNDS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "æ": "ae", "ø": "oe", "œ": "oe", "đ": "d", "ł": "l",
    "þ": "th", "ð": "d", "ı": "i", "&": " and ",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g",
}  # fmt: skip
