"""One change of a product, whatever is changed: under the product's lock, with all that follows from it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound, PreconditionFailed
from ecommerce.kernel.events import publish
from modules.catalog.events import ProductChanged
from modules.catalog.logic import categories, listings, taken
from modules.catalog.logic.database import fetch
from modules.catalog.logic.editions import begin_change
from modules.catalog.logic.product_slugs import move_slug, reads_as_id
from modules.catalog.models import Product

Versions = frozenset[int] | None


class Edit:
    """A product while its row is locked, and what was changed of it so far."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.is_new = product._state.adding
        self.is_changed = self.is_new
        self._was_seen = _is_seen(product) and not self.is_new
        self._shelf = Counter([product.category_id]) if self._was_seen else Counter[UUID]()
        self._slug = None if self.is_new else product.slug
        self._fields: set[str] = set()

    def set(self, **values: Any) -> None:
        """Change these fields of the product, those of them that differ."""
        for name, value in values.items():
            if not _same(getattr(self.product, name), value):
                setattr(self.product, name, value)
                self._fields.add(name)
        self.is_changed = self.is_changed or bool(self._fields)

    def touch(self) -> None:
        """Something beside the product's own row was changed."""
        self.is_changed = True

    def settle_status(self, *, since: datetime | None = None) -> None:
        """What follows from the status: only a draft is scheduled, and what is published keeps the instant it first
        was (`since`; now, where left out)."""
        if self.product.status != Product.Status.DRAFT:
            self.set(publish_at=None)
        if self.product.status == Product.Status.PUBLISHED and self.product.published_at is None:
            self.set(published_at=since or clock.now())

    def save(self) -> None:
        """Write the product's own row: first of a new product's, last of one that is there."""
        product, now = self.product, clock.now()
        product.updated_at = now
        if product._state.adding:
            product.created_at = now
            product.save(force_insert=True)
        elif not self.is_new:
            product.version += 1
            product.save(update_fields=[*sorted(self._fields), "version", "updated_at"])
        if product.slug != self._slug:
            move_slug(product.id, self._slug, product.slug)

    def finish(self) -> None:
        """Another version, the lists, the shelves' counts, and the news; nothing where nothing was changed."""
        if not self.is_changed:
            return
        if not self.is_new:
            self.save()
        listings.refresh_listings([self.product.id])
        self._announce(is_seen=_is_seen(self.product))

    def delete(self) -> None:
        """Delete the product, whose variants are gone, with all that hangs on it."""
        Product.objects.filter(id=self.product.id).delete()
        self._announce(is_seen=False)
        self.is_changed = False

    def _announce(self, *, is_seen: bool) -> None:
        _move(self._shelf, Counter([self.product.category_id]) if is_seen else Counter())
        if self._was_seen or is_seen:
            begin_change()
            publish(ProductChanged(product_id=self.product.id))


@contextmanager
def editing(*, versions: Versions = None, **which: Any) -> Iterator[Edit]:
    """Lock the product for a change, and finish it at the end of the block. Who merely refers to it, such as a product
    beside which it stands, need not wait.

    Refuses a product that is not there, one that is at none of these versions (PreconditionFailed), and what is taken.
    """
    with taken.refusals(), atomic(Product):
        product = Product.objects.select_for_update(of=("self",), no_key=True).filter(**which).order_by("id").first()
        if product is None:
            raise NotFound("There is no such product.")
        if versions is not None and product.version not in versions:
            raise PreconditionFailed(version=product.version)
        edit = Edit(product)
        yield edit
        edit.finish()


def by_key(slug_or_id: str) -> dict[str, Any]:
    """How a product is looked for by what stands in its address."""
    return {"id": UUID(slug_or_id)} if reads_as_id(slug_or_id) else {"slug": slug_or_id}


def lock_products(product_ids: Sequence[UUID]) -> None:
    """Lock these products as `editing` locks one, until the transaction ends: in the order of their ids, so that nobody
    waits in a circle."""
    fetch("SELECT FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(product_ids)])


def _is_seen(product: Product) -> bool:
    return product.status == Product.Status.PUBLISHED


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, dict | list):
        # To Python true is 1; to who reads the attribute it is not.
        return msgspec.json.encode(before, order="deterministic") == msgspec.json.encode(after, order="deterministic")
    return bool(before == after)


def _move(before: Counter[UUID], after: Counter[UUID]) -> None:
    change = Counter(after)
    change.subtract(before)
    # In one order for everyone, so that two products that change places do not wait for each other.
    for category_id in sorted(change):
        if change[category_id]:
            categories.count_products(category_id, change[category_id])
