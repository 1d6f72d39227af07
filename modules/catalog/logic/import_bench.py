"""The products a batch of a file is about: as they are, and as they are to be."""

from dataclasses import dataclass, field
from uuid import UUID

from modules.catalog.logic.import_entries import Entry
from modules.catalog.logic.product_sheets import Sheet
from modules.catalog.models import Attribute


@dataclass
class Bench:
    """The products a batch is about, as they are and as they are to be."""

    before: dict[UUID, Sheet]
    categories: frozenset[str]
    # Those that the batch names; what its first value defines comes in here.
    attributes: dict[str, Attribute]
    # Slugs that lead to products which have others by now: no new product is given one unasked.
    old_slugs: frozenset[str] = frozenset()
    # What is put aside for orders, by SKU, where the file has counted.
    held: dict[str, int] = field(default_factory=dict)
    now: dict[UUID, Sheet] = field(init=False)
    by_key: dict[str, UUID] = field(init=False)
    by_slug: dict[str, UUID] = field(init=False)
    by_sku: dict[str, UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.now = dict(self.before)
        self.by_key = {sheet.external_key: sheet.id for sheet in self.before.values() if sheet.external_key}
        self.by_slug = {sheet.product["slug"]: sheet.id for sheet in self.before.values()}
        self.by_sku = {sku: sheet.id for sheet in self.before.values() for sku in (*sheet.variants, *sheet.archived)}

    def find(self, entry: Entry) -> Sheet | None:
        """By its key, else by its slug, else by the SKU of its first row."""
        key, slug = entry.product.get("key"), entry.product.get("slug")
        if key:
            found = self.by_key.get(key) or self._nameless(key)
        elif slug:
            found = self.by_slug.get(slug)
        else:
            found = self.by_sku.get(entry.variants[0].values.get("sku", "")) if entry.variants else None
        return self.now[found] if found else None

    def _nameless(self, slug: str) -> UUID | None:
        """A product without a key is called by its slug."""
        found = self.by_slug.get(slug)
        return found if found and self.now[found].external_key is None else None

    def put(self, sheet: Sheet) -> None:
        """From now on the product is to be like this."""
        if (old := self.now.get(sheet.id)) and old.product["slug"] != sheet.product["slug"]:
            del self.by_slug[old.product["slug"]]
        self.now[sheet.id] = sheet
        self.by_slug[sheet.product["slug"]] = sheet.id
        if sheet.external_key:
            self.by_key[sheet.external_key] = sheet.id
        self.by_sku |= dict.fromkeys(sheet.variants, sheet.id)
