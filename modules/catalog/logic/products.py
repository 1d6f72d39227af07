"""What the shop sells: written as a whole, product, variants and prices in one transaction."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import SameOptions, SkuTaken, SlugTaken
from modules.catalog.logic import categories, listings, prices
from modules.catalog.logic.prices import NewPrice
from modules.catalog.models import Product, Variant


@dataclass(frozen=True, kw_only=True)
class VariantDraft:
    """A variant as it is to be; `prices` replaces those in its currencies and leaves the others."""

    id: UUID = field(default_factory=new_id)
    sku: str
    options: dict[str, str] = field(default_factory=dict)
    weight_g: int = 0
    position: int = 0
    prices: list[NewPrice] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """A product as it is to be; variants that it does not name stay as they are."""

    id: UUID = field(default_factory=new_id)
    slug: str
    title: str
    category_id: UUID
    description: str = ""
    status: str = Product.Status.DRAFT
    tax_class: str = Product.TaxClass.STANDARD
    options: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    images: list[dict[str, Any]] | None = None
    seo: dict[str, str] = field(default_factory=dict)
    variants: list[VariantDraft] = field(default_factory=list)


def save_product(*, draft: ProductDraft) -> UUID:
    """Make the product or change it; refuses a slug, SKU or combination of options that is taken. Repeatable."""
    with _refusals(), atomic(Product):
        product = Product.objects.select_for_update().filter(id=draft.id).first()
        before = _shelf(product)
        product = product or Product(id=draft.id, created_at=clock.now())
        _apply(draft, product)
        for variant in draft.variants:
            _save_variant(product, variant)
        listings.refresh_listings([product.id])
        _move(before, _shelf(product))
    return product.id


def _apply(draft: ProductDraft, product: Product) -> None:
    for name in ("slug", "title", "category_id", "description", "status", "tax_class", "options", "attributes", "seo"):
        setattr(product, name, getattr(draft, name))
    if draft.images is not None:
        product.images = draft.images
    product.updated_at = clock.now()
    if product.status == Product.Status.PUBLISHED and product.published_at is None:
        product.published_at = product.updated_at
    product.save()


def _save_variant(product: Product, draft: VariantDraft) -> None:
    values = {name: getattr(draft, name) for name in ("sku", "options", "weight_g", "position")}
    Variant.objects.update_or_create(id=draft.id, defaults=values | {"product": product})
    prices.set_prices(draft.id, draft.prices)


def _shelf(product: Product | None) -> Counter[UUID]:
    """Where the product counts: on its category, while it is published."""
    is_shown = product is not None and product.status == Product.Status.PUBLISHED
    return Counter([product.category_id]) if product and is_shown else Counter()


def _move(before: Counter[UUID], after: Counter[UUID]) -> None:
    change = Counter(after)
    change.subtract(before)
    # In one order for everyone, so that two products that change places do not wait for each other.
    for category_id in sorted(change):
        if change[category_id]:
            categories.count_products(category_id, change[category_id])


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        constraint = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
        for words, refusal in _TAKEN.items():
            if words in constraint:
                raise refusal from error
        raise


_TAKEN = {
    "catalog_product_slug": SlugTaken,
    "catalog_variant_sku": SkuTaken,
    "variant_differs_in_its_options": SameOptions,
}
