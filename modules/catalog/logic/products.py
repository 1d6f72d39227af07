"""What the shop sells, as staff write it: product, variants and prices in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound
from modules.catalog.contracts import SlugTaken
from modules.catalog.logic import attributes, options, price_lists, stock, taken
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.drafts import ProductDraft, VariantDraft
from modules.catalog.logic.edits import Edit, Versions, by_key, editing
from modules.catalog.logic.price_lists import PriceWish
from modules.catalog.logic.product_images import remove_images
from modules.catalog.logic.product_slugs import check_slug, free_slug
from modules.catalog.logic.product_variants import add_variants, change_variants, remove_variants, write_new
from modules.catalog.logic.related import set_related
from modules.catalog.logic.sold_goods import clear_stock, lock_stock_of, was_sold
from modules.catalog.logic.stock import StockTake
from modules.catalog.logic.translations import set_translations
from modules.catalog.models import Category, Product, Variant

__all__ = ["ProductDraft", "VariantDraft", "change_product", "create_product", "remove_product", "save_product"]


# How often a slug made from the title may be lost to somebody else who takes it at the same instant.
TRIES = 5
PLAIN = ("slug", "title", "category_id", "description", "status", "tax_class", "options", "attributes", "seo")
# What is None in a draft stays as it is.
OPTIONAL = ("images", "external_key", "publish_at")
BESIDE: dict[str, Callable[[UUID, Any], bool]] = {"translations": set_translations, "related_ids": set_related}


@dataclass(frozen=True, kw_only=True)
class RangeChange:
    """Variants that come to a product's range and go, what was found of others on the shelf, and who says so."""

    added: Sequence[VariantDraft] = ()
    removed: Sequence[UUID] = ()
    takes: Mapping[UUID, StockTake] = field(default_factory=dict)
    actor_id: UUID | None = None


def create_product(*, draft: ProductDraft, actor_id: UUID | None) -> UUID:
    """Make a product; an empty slug is made from the title, and is one that nobody has. With the same id it is made
    once.

    Refuses (400) what does not fit together and an unknown category; SlugTaken, SkuTaken, SameOptions,
    ExternalKeyTaken.
    """
    _check_draft(draft)
    for _ in range(TRIES):
        try:
            return _create(draft, actor_id)
        except SlugTaken:
            if draft.slug:
                raise
    raise SlugTaken


def change_product(
    *, key: str, versions: Versions = None, variants: Sequence[dict[str, Any]] = (),
    range_change: RangeChange | None = None, **changes: Any,
) -> UUID:  # fmt: skip
    """Change what is given of the product with this slug or id, of these variants of it, and which variants there are;
    what differs in nothing changes nothing.

    Refuses what `create_product` refuses, options that its variants do not name, and publishing what has no variant.
    """
    if "slug" in changes:
        check_slug(changes["slug"])
    with editing(versions=versions, **by_key(key)) as edit:
        if "attributes" in changes:
            changes["attributes"] = attributes.check(changes["attributes"])
        _set_beside(edit, changes)
        edit.set(**{name: value for name, value in changes.items() if name not in BESIDE})
        _change_range(edit, range_change or RangeChange(), variants)
        _check_schedule(changes.get("publish_at"), edit.product.status)
        _check_change(edit.product, changes)
        edit.settle_status()
        return edit.product.id


def _change_range(edit: Edit, change: RangeChange, variants: Sequence[dict[str, Any]]) -> None:
    if change.removed or change.takes:
        # All at once, in the order of everyone: what follows locks some of them again.
        lock_stock_of(edit.product.id)
    remove_variants(edit, change.removed)
    change_variants(edit, variants)
    add_variants(edit, change.added, actor_id=change.actor_id)
    if change.takes:
        stock.take_stock(change.takes, actor_id=change.actor_id)


def remove_product(*, key: str, versions: Versions = None) -> None:
    """Delete a product of which nothing was ever sold; archive any other, which then is not there to be removed."""
    with editing(versions=versions, **by_key(key)) as edit:
        variant_ids = lock_stock_of(edit.product.id)
        if not was_sold(variant_ids):
            clear_stock(variant_ids)
            remove_images(edit)
            Variant.objects.filter(id__in=variant_ids).delete()
            edit.delete()
        elif edit.product.status == Product.Status.ARCHIVED:
            raise NotFound("There is no such product.")
        else:
            edit.set(status=Product.Status.ARCHIVED)
            edit.settle_status()


def save_product(*, draft: ProductDraft) -> UUID:
    """Make the product or change it; refuses a slug, SKU or combination of options that is taken. Repeatable."""
    with taken.refusals(), atomic(Product):
        product = Product.objects.select_for_update().filter(id=draft.id).first()
        edit = Edit(product or Product(id=draft.id))
        edit.set(**_values(replace(draft, attributes=attributes.check(draft.attributes))))
        edit.settle_status()
        if edit.is_new:
            edit.save()
        for variant in draft.variants:
            if _save_variant(edit.product, variant):
                edit.touch()
        edit.finish()
    return draft.id


def _create(draft: ProductDraft, actor_id: UUID | None) -> UUID:
    with taken.refusals(), atomic(Product):
        if Product.objects.filter(id=draft.id).exists():
            return draft.id
        _check_category(draft.category_id)
        edit = Edit(Product(id=draft.id))
        checked = attributes.check(draft.attributes)
        edit.set(**_values(replace(draft, slug=draft.slug or free_slug(draft.title), attributes=checked)))
        edit.settle_status()
        edit.save()
        write_new(edit.product, draft.variants, actor_id=actor_id)
        _set_beside(edit, {name: given for name in BESIDE if (given := getattr(draft, name))})
        edit.finish()
    return draft.id


def _set_beside(edit: Edit, changes: Mapping[str, Any]) -> None:
    """What is given of that which is not in the product's own row."""
    for name, write in BESIDE.items():
        if name in changes and write(edit.product.id, changes[name]):
            edit.touch()


def _values(draft: ProductDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in PLAIN}
    return values | {name: value for name in OPTIONAL if (value := getattr(draft, name)) is not None}


def _check_draft(draft: ProductDraft) -> None:
    if draft.slug:
        check_slug(draft.slug)
    options.check_names(draft.options)
    for place, variant in enumerate(draft.variants):
        options.check_variant(draft.options, variant.options, field=f"variants.{place}.options")
    _check_schedule(draft.publish_at, draft.status)


def _check_change(product: Product, changes: dict[str, Any]) -> None:
    if "category_id" in changes:
        _check_category(changes["category_id"])
    kept = Variant.objects.filter(product_id=product.id, archived_at=None).order_by("id")
    if "options" in changes:
        options.check_names(product.options)
        options.check_product(product.options, kept.values_list("options", flat=True))
    for name in ("publish_at", "status"):
        wants = changes.get(name) not in (None, Product.Status.DRAFT, Product.Status.ARCHIVED)
        if wants and not kept.exists():
            raise complaint(name, "no_variants", "There is no variant to sell.")


def _check_category(category_id: UUID) -> None:
    if not Category.objects.filter(id=category_id).exists():
        raise taken.unknown_category()


def _check_schedule(publish_at: datetime | None, status: str) -> None:
    if publish_at is not None and status != Product.Status.DRAFT:
        raise complaint("publish_at", "not_a_draft", "Only a draft is published at its time.")


def _save_variant(product: Product, draft: VariantDraft) -> bool:
    """Whether anything of it differs from what was there."""
    values = {name: getattr(draft, name) for name in ("sku", "options", "weight_g", "position")}
    if draft.barcode is not None:
        values["barcode"] = draft.barcode
    variant = Variant.objects.filter(id=draft.id).first()
    is_same = variant is not None and all(getattr(variant, name) == value for name, value in values.items())
    if not is_same:
        Variant.objects.update_or_create(id=draft.id, defaults=values | {"product": product})
    differs = price_lists.change(draft.id, [PriceWish(price=price) for price in draft.prices])
    return differs or not is_same
