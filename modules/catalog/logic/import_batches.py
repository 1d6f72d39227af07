"""One batch of a file: its products are read at once, changed as the file says, and written at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from modules.catalog.logic.database import fetch
from modules.catalog.logic.import_bench import Bench
from modules.catalog.logic.import_entries import Entry, Problem
from modules.catalog.logic.import_rules import Refused, possible_slugs, take
from modules.catalog.logic.import_writing import write_changes
from modules.catalog.logic.levels import lock_levels
from modules.catalog.logic.product_sheets import read_sheets
from modules.catalog.models import Attribute

SHOWN = 300


@dataclass
class Outcome:
    """What came of so many rows, and why of those that failed; what changed, product by product."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def fail(self, entry: Entry, problems: Sequence[Problem]) -> None:
        """The product stays as it was, with all of its rows."""
        self.failed += entry.rows
        self.problems += problems


def take_batch(entries: Sequence[Entry], *, actor_id: UUID | None, dry_run: bool) -> Outcome:
    """Carry these entries out in the open transaction; a dry run only says what would come of them."""
    bench, outcome = _bench(entries, is_locked=not dry_run), Outcome()
    for entry in entries:
        try:
            action, changes = take(bench, entry)
        except Refused as refused:
            outcome.fail(entry, refused.problems)
            continue
        setattr(outcome, action, getattr(outcome, action) + entry.rows)
        if dry_run and changes:
            told = [change | {name: _clipped(change[name]) for name in ("old", "new")} for change in changes]
            outcome.changes.append({"line": entry.line, "key": entry.name, "action": action, "changes": told})
    if not dry_run:
        write_changes(bench, actor_id)
    return outcome


def _clipped(value: Any) -> Any:
    """Enough to see what changes; a description may be long."""
    return f"{value[:SHOWN]}…" if isinstance(value, str) and len(value) > SHOWN else value


def _bench(entries: Sequence[Entry], *, is_locked: bool) -> Bench:
    names = _names(entries)
    ids = [row[0] for row in fetch(_FIND, names)]
    if is_locked:
        fetch("SELECT FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    sheets = read_sheets(ids)
    slugs = {entry.product.get("category") for entry in entries} | {
        sheet.product["category"] for sheet in sheets.values()
    }
    known = fetch("SELECT slug FROM catalog_category WHERE slug = ANY(%s)", [list(slugs - {None})])
    codes = {name.removeprefix("attr.") for entry in entries for name in entry.product if name.startswith("attr.")}
    bench = Bench(
        before=sheets,
        categories=frozenset(slug for (slug,) in known),
        attributes={one.code: one for one in Attribute.objects.filter(code__in=codes)},
        old_slugs=frozenset(slug for (slug,) in fetch(_OLD_SLUGS, [names["slugs"]])),
    )
    _count(bench, entries, is_locked=is_locked)
    return bench


def _names(entries: Sequence[Entry]) -> dict[str, list[str]]:
    keys = {entry.product["key"] for entry in entries if entry.product.get("key")}
    slugs = {entry.product["slug"] for entry in entries if entry.product.get("slug")}
    slugs |= {slug for entry in entries for slug in possible_slugs(entry)}
    skus = {row.values["sku"] for entry in entries for row in entry.variants if "sku" in row.values}
    return {"keys": list(keys), "slugs": list(keys | slugs), "skus": list(skus)}


def _count(bench: Bench, entries: Sequence[Entry], *, is_locked: bool) -> None:
    """What lies on the shelf where the file has counted, under the lock of those who sell it."""
    rows = chain.from_iterable(entry.variants for entry in entries)
    counted = {row.values["sku"] for row in rows if "on_hand" in row.values and "sku" in row.values}
    variants = [
        (sheet, sku, sheet.variant_ids[sku])
        for sheet in bench.before.values()
        for sku in sheet.variants
        if sku in counted
    ]
    levels = _levels([variant_id for _, _, variant_id in variants], is_locked=is_locked) if variants else {}
    for sheet, sku, variant_id in variants:
        if level := levels.get(variant_id):
            sheet.variants[sku]["on_hand"], bench.held[sku] = level


def _levels(variant_ids: list[UUID], *, is_locked: bool) -> dict[UUID, tuple[int, int]]:
    """What lies at the default location, and what of it is held."""
    if is_locked:
        lock_levels(variant_ids)
    return {variant_id: (on_hand, held) for variant_id, on_hand, held in fetch(_LEVELS, [variant_ids])}


_FIND = """
    SELECT id FROM catalog_product WHERE external_key = ANY(%(keys)s)
    UNION
    SELECT id FROM catalog_product WHERE slug = ANY(%(slugs)s)
    UNION
    SELECT product_id FROM catalog_variant WHERE sku = ANY(%(skus)s)
"""
_OLD_SLUGS = "SELECT slug FROM catalog_productslug WHERE slug = ANY(%s)"
_LEVELS = """
    SELECT level.variant_id, level.on_hand, level.held
    FROM catalog_stocklevel level JOIN catalog_location location ON location.id = level.location_id
    WHERE level.variant_id = ANY(%s) AND location.is_default
"""
