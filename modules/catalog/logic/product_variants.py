"""A product's variants: added, changed and taken out of the range, each under the product's lock."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.errors import NotFound
from modules.catalog.contracts import LastVariant
from modules.catalog.logic import first_stock, options, price_lists
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.drafts import VariantDraft
from modules.catalog.logic.edits import Edit, Versions, by_key, editing
from modules.catalog.logic.price_lists import PriceWish
from modules.catalog.logic.sold_goods import clear_stock, lock_stock, was_sold
from modules.catalog.models import Product, Variant

MOST_VARIANTS = 250
# A GTIN.
BARCODE = re.compile(r"[0-9]{8,14}", re.ASCII)


def add_variant(*, key: str, draft: VariantDraft, actor_id: UUID | None, versions: Versions = None) -> UUID:
    """Add a variant to the product with this slug or id, behind those that are there; with the same id it is added
    once.

    Refuses options that are not the product's (400), SkuTaken and SameOptions.
    """
    with editing(versions=versions, **by_key(key)) as edit:
        add_variants(edit, [draft], actor_id=actor_id)
    return draft.id


def add_variants(edit: Edit, drafts: Sequence[VariantDraft], *, actor_id: UUID | None) -> None:
    """The same of several, as part of a change of their product."""
    if not drafts:
        return
    kept = dict(_kept(edit.product).values_list("id", "position"))
    new = [draft for draft in drafts if draft.id not in kept]
    for draft in new:
        options.check_variant(edit.product.options, draft.options)
    if len(kept) + len(new) > MOST_VARIANTS:
        raise complaint("sku", "too_many_variants", f"A product has at most {MOST_VARIANTS} variants.")
    if new:
        write_new(edit.product, new, first=max(kept.values(), default=-1) + 1, actor_id=actor_id)
        edit.touch()


def change_variant(
    *, variant_id: UUID, versions: Versions = None, prices: Sequence[PriceWish] = (), **changes: Any
) -> UUID:
    """Change what is given, and the prices in the given currencies; the product's id. What differs in nothing changes
    nothing. Refuses as `add_variant` does."""
    with editing(versions=versions, variants=variant_id) as edit:
        variant = find_kept(edit, variant_id)
        if "options" in changes:
            options.check_variant(edit.product.options, changes["options"])
        _apply(edit, variant, prices, changes)
        return edit.product.id


def change_variants(edit: Edit, changes: Sequence[dict[str, Any]]) -> None:
    """Change what is given of each of these variants, named by their `id`s, as part of a change of their product, whose
    options they may follow; refuses (400) what is no variant of it."""
    if not changes:
        return
    kept = {variant.id: variant for variant in _kept(edit.product)}
    for place, change in enumerate(changes):
        variant = kept.pop(change["id"], None)
        if variant is None:
            raise complaint(
                f"variants.{place}.id", "unknown_variant", "The product has no such variant, or it came up twice."
            )
        field = f"variants.{place}."
        given = {name: value for name, value in change.items() if name not in ("id", "prices")}
        if "options" in given:
            options.check_variant(edit.product.options, given["options"], field=f"{field}options")
        _apply(edit, variant, change.get("prices", ()), given, field=field)


def remove_variant(*, variant_id: UUID, versions: Versions = None) -> None:
    """Delete a variant that was never sold, archive one that was; refuses the last one of a product that is published
    or will be (LastVariant). One that is archived already is not there."""
    with editing(versions=versions, variants=variant_id) as edit:
        remove_variants(edit, [variant_id])


def remove_variants(edit: Edit, variant_ids: Sequence[UUID]) -> None:
    """The same of several, as part of a change of their product."""
    if not variant_ids:
        return
    variants = [find_kept(edit, variant_id) for variant_id in variant_ids]
    is_offered = edit.product.status == Product.Status.PUBLISHED or edit.product.publish_at is not None
    if is_offered and not _kept(edit.product).exclude(id__in=variant_ids).exists():
        raise LastVariant
    lock_stock(variant_ids)
    for variant in variants:
        if was_sold([variant.id]):
            variant.archived_at = clock.now()
            variant.save(update_fields=["archived_at"])
        else:
            clear_stock([variant.id])
            variant.delete()
    edit.touch()


def write_new(product: Product, drafts: Sequence[VariantDraft], *, first: int = 0, actor_id: UUID | None) -> None:
    """New variants in the drafts' order, with their prices and what lies on hand of them, under the product's lock."""
    Variant.objects.bulk_create(
        Variant(
            id=draft.id,
            product=product,
            sku=draft.sku,
            options=draft.options,
            barcode=draft.barcode or "",
            weight_g=draft.weight_g,
            position=position,
        )
        for position, draft in enumerate(drafts, start=first)
    )
    price_lists.set_new({draft.id: draft.prices for draft in drafts})
    first_stock.lay_out({draft.id: draft.on_hand for draft in drafts}, actor_id=actor_id)


def find_kept(edit: Edit, variant_id: UUID) -> Variant:
    """The variant as it is under the product's lock; one that was archived or deleted meanwhile is not there."""
    variant = _kept(edit.product).filter(id=variant_id).first()
    if variant is None:
        raise NotFound("There is no such variant.")
    return variant


def _apply(
    edit: Edit, variant: Variant, prices: Sequence[PriceWish], changes: dict[str, Any], *, field: str = ""
) -> None:
    different = {name: value for name, value in changes.items() if getattr(variant, name) != value}
    for name, value in different.items():
        setattr(variant, name, value)
    if different:
        variant.save(update_fields=sorted(different))
    if price_lists.change(variant.id, prices, field=field) or different:
        edit.touch()


def _kept(product: Product) -> QuerySet[Variant]:
    return Variant.objects.filter(product_id=product.id, archived_at=None).order_by("position", "id")
