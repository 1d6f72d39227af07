"""Products as a file, CSV or JSON lines: read in, it changes nothing, and fills an empty shop with the same.

Everything is written as it is: a title that begins with = stays one (a spreadsheet may take it for a formula, and an
import would take a mark before it for a part of the title). Archived variants and images are left out. Products come in
the order of their keys, so that equal shops give equal files; each batch is one look at the shop.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from django.db.models.functions import Coalesce, Collate

from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.money import EXPONENTS
from modules.catalog.logic.columns import Column, find_column
from modules.catalog.logic.database import fetch
from modules.catalog.logic.import_entries import written
from modules.catalog.logic.import_jsonl import OF_PRICE, OF_VARIANT, PLAIN
from modules.catalog.logic.product_sheets import Flat, Sheet, read_sheets
from modules.catalog.models import Attribute, Category, ImportJob, Product

BATCH = 500
WORDS = ("title", "description", "seo_title", "seo_description")


def export_products(*, format: str, category: str | None = None) -> Iterator[bytes]:  # noqa: A002  (its word everywhere)
    """All products, or those of a category and below it, as pieces of a file; refuses a category that is not there."""
    products = Product.objects.order_by(Collate(Coalesce("external_key", "slug"), "C"), "id")
    if category is not None:
        products = products.filter(category_id__in=_branch(category))
    # A server-side cursor: a million ids are never here at once.
    ids = products.values_list("id", flat=True).iterator(chunk_size=BATCH)
    sheets = _batches(iter(ids))
    return _csv(sheets) if format == ImportJob.Format.CSV else _jsonl(sheets)


def count_products(*, category: str | None = None) -> int:
    """How many that will be, for a progress bar."""
    products = Product.objects.all()
    return (products if category is None else products.filter(category_id__in=_branch(category))).count()


def _batches(ids: Iterator[UUID]) -> Iterator[list[Sheet]]:
    while some := list(islice(ids, BATCH)):
        yield list(read_sheets(some).values())


def _branch(slug: str) -> list[UUID]:
    if not Category.objects.filter(slug=slug).exists():
        raise NotFound("There is no such category.")
    return [category_id for (category_id,) in fetch(_BRANCH, [slug])]


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(batches: Iterable[list[Sheet]]) -> Iterator[bytes]:
    columns = _columns()
    yield _lines([[column.name for column in columns]])
    for sheets in batches:
        yield _lines(row for sheet in sheets for row in _rows(sheet, columns))


def _columns() -> list[Column]:
    """Every column that some product needs, in one order."""
    attributes = {attribute.code: attribute for attribute in Attribute.objects.order_by("code")}
    options, codes, languages = (_named(sql) for sql in (_OPTIONS, _CODES, _LANGUAGES))
    currencies = [currency for currency in _named(_CURRENCIES) if currency in EXPONENTS]
    on_sale = {currency for currency in _named(_ON_SALE) if currency in EXPONENTS}
    names = [*PLAIN, "seo_title", "seo_description", "sku", "barcode", "weight_g", "position"]
    names += [f"option.{name}" for name in options] + [f"attr.{code}" for code in codes]
    for currency in currencies:
        families = OF_PRICE.values() if currency in on_sale else ["price"]
        names += [f"{family}.{currency}" for family in families]
    names += ["on_hand", *(f"{name}.{language}" for language in languages for name in WORDS)]
    return [column for name in names if (column := find_column(name, attributes))]


def _named(sql: str) -> list[str]:
    return [name for (name,) in fetch(sql)]


def _rows(sheet: Sheet, columns: list[Column]) -> Iterator[list[str]]:
    """A row for each variant; what is the product's stands in the first."""
    product = {"key": sheet.key, **sheet.product}
    variants: list[Flat] = list(sheet.variants.values()) or [{}]
    for place, variant in enumerate(variants):
        shown = product if place == 0 else {"key": sheet.key}
        yield [_cell(column, (variant if column.of_variant else shown).get(column.name)) for column in columns]


def _cell(column: Column, value: Any) -> str:
    return "" if value is None else column.write(value)


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


# ── JSON lines ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _jsonl(batches: Iterable[list[Sheet]]) -> Iterator[bytes]:
    for sheets in batches:
        yield b"".join(msgspec.json.encode(_document(sheet)) + b"\n" for sheet in sheets)


def _document(sheet: Sheet) -> dict[str, Any]:
    product = {"key": sheet.key, **sheet.product}
    languages = sorted({name.partition(".")[2] for name in product if name.startswith(tuple(f"{w}." for w in WORDS))})
    document: dict[str, Any] = {name: written(product[name]) for name in PLAIN if name in product}
    document["attributes"] = _family(product, "attr")
    document["seo"] = _seo(product, "")
    document["translations"] = {language: _translation(product, language) for language in languages}
    document["variants"] = [_variant(flat) for flat in sheet.variants.values()]
    return document


def _translation(product: Flat, language: str) -> dict[str, Any]:
    words = {
        name: product[f"{name}.{language}"] for name in ("title", "description") if f"{name}.{language}" in product
    }
    seo = _seo(product, f".{language}")
    return words | ({"seo": seo} if seo else {})


def _seo(product: Flat, of: str) -> dict[str, Any]:
    return {name: product[f"seo_{name}{of}"] for name in ("title", "description") if f"seo_{name}{of}" in product}


def _variant(flat: Flat) -> dict[str, Any]:
    prices = [_price(flat, currency) for currency in _family(flat, "price")]
    return {
        **{name: flat[name] for name in OF_VARIANT if name in flat},
        "options": _family(flat, "option"),
        "prices": prices,
    }


def _price(flat: Flat, currency: str) -> dict[str, Any]:
    found = {name: flat.get(f"{family}.{currency}") for name, family in OF_PRICE.items()}
    return {"currency": currency, **{name: written(value) for name, value in found.items() if value is not None}}


def _family(flat: Flat, family: str) -> dict[str, Any]:
    start = f"{family}."
    return {name.removeprefix(start): flat[name] for name in sorted(flat) if name.startswith(start)}


_OPTIONS = """
    SELECT DISTINCT name FROM (
        SELECT jsonb_object_keys(options) AS name FROM catalog_variant WHERE archived_at IS NULL
    ) used ORDER BY name
"""
_CODES = "SELECT DISTINCT code FROM (SELECT jsonb_object_keys(attributes) AS code FROM catalog_product) u ORDER BY code"
_LANGUAGES = "SELECT DISTINCT language FROM catalog_producttranslation ORDER BY language"
_CURRENCIES = "SELECT DISTINCT currency FROM catalog_price ORDER BY currency"
_ON_SALE = "SELECT DISTINCT currency FROM catalog_price WHERE sale_minor IS NOT NULL ORDER BY currency"
_BRANCH = """
    WITH RECURSIVE down AS (
        SELECT id FROM catalog_category WHERE slug = %s
        UNION ALL
        SELECT below.id FROM catalog_category below JOIN down ON below.parent_id = down.id
    )
    SELECT id FROM down
"""
