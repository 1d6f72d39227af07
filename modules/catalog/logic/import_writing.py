"""What a batch has changed, written by one statement a table, however many products; the caller has locked them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel import clock
from ecommerce.kernel.events import publish
from modules.catalog.events import ProductChanged
from modules.catalog.logic import categories, first_stock, journal, listings
from modules.catalog.logic.attributes import keep_new
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.editions import begin_change
from modules.catalog.logic.import_bench import Bench
from modules.catalog.logic.import_prices import VariantChange, write_prices
from modules.catalog.logic.import_rules import changes_between
from modules.catalog.logic.import_words import write_translations
from modules.catalog.logic.levels import change_levels, lock_levels
from modules.catalog.logic.locations import default_location_id
from modules.catalog.logic.product_sheets import Sheet
from modules.catalog.models import Product, StockLevel, StockMovement, Variant

REASON = "import"


class Change(NamedTuple):
    """A product before and after; nothing before where it is new."""

    before: Sheet | None
    now: Sheet


def write_changes(bench: Bench, actor_id: UUID | None) -> None:
    """Write what differs from what was read, list it as it is now, and count the shelves; nothing else is touched."""
    changes = [Change(bench.before.get(key), now) for key, now in bench.now.items() if now is not bench.before.get(key)]
    if not changes:
        return
    variants = list(_variant_changes(changes))
    keep_new(bench.attributes.values())
    _write_products(changes)
    _write_variants(variants)
    write_prices(variants)
    write_translations([(change.before.product if change.before else {}, change.now) for change in changes])
    _count_stock(variants, actor_id)
    # It looks at the levels, and locks what they do not: so it comes after them.
    listings.refresh_listings([change.now.id for change in changes])
    _count_shelves(changes)
    _announce(changes)


def _variant_changes(changes: Sequence[Change]) -> Iterator[VariantChange]:
    for before, now in changes:
        for sku, flat in now.variants.items():
            old = before.variants.get(sku, {}) if before else {}
            if flat != old:
                yield VariantChange(now.variant_ids[sku], now.id, old, flat)


# ── products ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_products(changes: Sequence[Change]) -> None:
    now = clock.now()
    slugs = {change.now.product["category"] for change in changes}
    shelves = dict(fetch("SELECT slug, id FROM catalog_category WHERE slug = ANY(%s)", [list(slugs)]))
    # A slug that is given up may be taken in the same batch.
    known = [_product(change.now, shelves) for change in changes if change.before and _is_edited(change)]
    if known:
        _keep_old_slugs([change for change in changes if change.before])
        execute(_UPDATE_PRODUCTS, {"rows": _json(known), "now": now})
    fresh = [_product(change.now, shelves) for change in changes if change.before is None]
    Product.objects.bulk_create(
        Product(**row, created_at=now, updated_at=now, published_at=now if row["status"] == _PUBLISHED else None)
        for row in fresh
    )
    execute("DELETE FROM catalog_productslug WHERE slug = ANY(%s)", [[row["slug"] for row in (*known, *fresh)]])


def _is_edited(change: Change) -> bool:
    """Whether anything but the stock differs: a stock-take makes no new version of a product."""
    told = changes_between(change.before, change.now)
    return any(one["column"] != "on_hand" for one in told)


def _product(sheet: Sheet, shelves: dict[str, UUID]) -> dict[str, Any]:
    flat = sheet.product
    names = ("slug", "title", "status", "tax_class")
    return {
        "id": sheet.id,
        "external_key": sheet.external_key,
        **{name: flat[name] for name in names},
        "description": flat.get("description", ""),
        "category_id": shelves[flat["category"]],
        "publish_at": flat.get("publish_at"),
        "options": flat.get("options", []),
        "attributes": {name.removeprefix("attr."): value for name, value in flat.items() if name.startswith("attr.")},
        "seo": _seo(sheet),
    }


def _seo(sheet: Sheet) -> dict[str, Any]:
    kept = {name: value for name, value in sheet.seo.items() if name not in ("title", "description")}
    words = {name: sheet.product.get(f"seo_{name}") for name in ("title", "description")}
    return kept | {name: text for name, text in words.items() if text}


def _keep_old_slugs(changes: Sequence[Change]) -> None:
    """An address that was told to the world leads to the new one."""
    moved = [
        (c.before.product["slug"], c.now.id)
        for c in changes
        if c.before and c.before.product["slug"] != c.now.product["slug"]
    ]
    if moved:
        slugs, ids = zip(*moved, strict=True)
        execute(_OLD_SLUGS, [clock.now(), list(slugs), list(ids)])


# ── variants ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_variants(changes: Sequence[VariantChange]) -> None:
    own = ("sku", "barcode", "weight_g", "position", "option.")
    known = [_variant(change) for change in changes if change.before and len(set(map(str, change.of(*own)))) > 1]
    if known:
        execute(_UPDATE_VARIANTS, [_json(known)])
    Variant.objects.bulk_create(Variant(**_variant(change)) for change in changes if not change.before)


def _variant(change: VariantChange) -> dict[str, Any]:
    flat = change.now
    return {
        "id": change.id,
        "product_id": change.product_id,
        "sku": flat["sku"],
        "barcode": flat.get("barcode", ""),
        "options": {name.removeprefix("option."): value for name, value in flat.items() if name.startswith("option.")},
        "weight_g": flat["weight_g"],
        "position": flat["position"],
    }


# ── stock, lists ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _count_stock(changes: Sequence[VariantChange], actor_id: UUID | None) -> None:
    """The stock-take at the default location: the difference goes through the journal."""
    first_stock.lay_out({change.id: 0 for change in changes if not change.before}, actor_id=actor_id)
    counted = {c.id: c.now["on_hand"] for c in changes if c.now["on_hand"] != c.before.get("on_hand", 0)}
    if not counted:
        return
    _make_levels(counted)
    levels = [level for levels in lock_levels(counted).values() for level in levels if level.is_default]
    moved = [
        (one.id, counted[one.variant_id] - one.on_hand) for one in levels if counted[one.variant_id] != one.on_hand
    ]
    journal.write(moved, kind=StockMovement.Kind.CORRECTED, actor_id=actor_id, reason=REASON)
    change_levels(moved, on_hand=1)


def _make_levels(variant_ids: Collection[UUID]) -> None:
    """What has only lain elsewhere so far has a place at the default location from now on."""
    location_id, ids = default_location_id(), sorted(variant_ids)
    # As stock.py does: the foreign key would want its share only at COMMIT, when the listings are locked already.
    fetch("SELECT FROM catalog_variant WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [ids])
    StockLevel.objects.bulk_create(
        (StockLevel(variant_id=variant_id, location_id=location_id) for variant_id in ids), ignore_conflicts=True
    )


def _count_shelves(changes: Sequence[Change]) -> None:
    shelves: Counter[str] = Counter()
    for before, now in changes:
        if before and before.product["status"] == _PUBLISHED:
            shelves[before.product["category"]] -= 1
        if now.product["status"] == _PUBLISHED:
            shelves[now.product["category"]] += 1
    changed = [slug for slug, count in shelves.items() if count]
    ids = fetch("SELECT id, slug FROM catalog_category WHERE slug = ANY(%s) ORDER BY id", [changed]) if changed else []
    for category_id, slug in ids:
        categories.count_products(category_id, shelves[slug])


def _announce(changes: Sequence[Change]) -> None:
    """The news, of what shoppers see or saw."""
    seen = [now.id for before, now in changes if _PUBLISHED in (now.product["status"], _status(before))]
    if seen:
        begin_change()
    for product_id in sorted(seen):
        publish(ProductChanged(product_id=product_id))


def _status(sheet: Sheet | None) -> str | None:
    return str(sheet.product["status"]) if sheet else None


def _json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()


_PUBLISHED = Product.Status.PUBLISHED.value
_UPDATE_PRODUCTS = """
    UPDATE catalog_product product
    SET slug = row.slug, title = row.title, description = row.description, category_id = row.category_id,
        status = row.status, tax_class = row.tax_class, publish_at = row.publish_at, options = row.options,
        attributes = row.attributes, seo = row.seo, updated_at = %(now)s, version = product.version + 1,
        published_at = CASE WHEN row.status = 'published' THEN coalesce(product.published_at, %(now)s)
                            ELSE product.published_at END
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
        id uuid, slug text, title text, description text, category_id uuid, status text, tax_class text,
        publish_at timestamptz, options jsonb, attributes jsonb, seo jsonb)
    WHERE product.id = row.id
"""
_OLD_SLUGS = """
    INSERT INTO catalog_productslug (slug, product_id, created_at)
    SELECT old.slug, old.product_id, %s FROM unnest(%s::text[], %s::uuid[]) AS old (slug, product_id)
    ON CONFLICT (slug) DO UPDATE SET product_id = EXCLUDED.product_id, created_at = EXCLUDED.created_at
"""
_UPDATE_VARIANTS = """
    UPDATE catalog_variant variant
    SET barcode = row.barcode, options = row.options, weight_g = row.weight_g, position = row.position
    FROM jsonb_to_recordset(%s::jsonb) AS row (
        id uuid, barcode text, options jsonb, weight_g integer, position integer)
    WHERE variant.id = row.id
"""
