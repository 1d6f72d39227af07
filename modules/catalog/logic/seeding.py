"""The demonstration shop's assortment: a product's rows depend on the seed and its number alone, and go in by COPY."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.utils.text import slugify

from ecommerce.kernel.db import atomic
from ecommerce.kernel.registry import Progress, Seeder
from modules.catalog.logic import categories, goods, listings
from modules.catalog.logic.assortment import ASSORTMENT
from modules.catalog.logic.database import copy, execute, fetch
from modules.catalog.logic.demo_reviews import invent_reviews
from modules.catalog.logic.goods import DEMO_SLUG, Goods, Randomness
from modules.catalog.logic.locations import default_location_id
from modules.catalog.logic.words import count_words
from modules.catalog.models import Category, Product

BATCH = 1000
MOST_POPULAR = 10_000_000
BEGAN_AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
BEGAN_MS = int(BEGAN_AT.timestamp() * 1000)

Rows = dict[str, list[tuple[Any, ...]]]

# In the order of their foreign keys.
TABLES = {
    "catalog_product": "id, slug, title, description, category_id, status, tax_class, options, attributes, images, seo,"
    " rating_sum, rating_count, popularity, published_at, created_at, updated_at, version",
    "catalog_variant": "id, product_id, sku, barcode, options, images, weight_g, position",
    "catalog_price": "id, variant_id, currency, regular_minor, sale_minor, sale_starts_at, amount_minor,"
    " compare_at_minor, lowest_minor",
    "catalog_pricechange": "id, variant_id, currency, amount_minor, at",
    "catalog_stocklevel": "id, variant_id, location_id, on_hand, held",
    "catalog_stockmovement": "id, level_id, kind, delta, actor_id, reference, reason, created_at",
    "catalog_review": "id, product_id, author_id, author_name, stars, title, body, language, status, created_at,"
    " moderated_at, reason, version",
}
# What the others are read from, written where they are.
MADE_OF_THEM = (
    "catalog_category",
    "catalog_listing",
    "catalog_productprice",
    "catalog_searchdocument",
    "catalog_searchword",
)


def seed_catalog(products: int, seed: int, progress: Progress) -> dict[str, int]:
    """Make the first so many products of that seed; those that exist are left alone, and so is another seed's shop."""
    if _is_another_shop(seed):
        return {}
    shelves = _seed_categories(seed)
    made: Counter[str] = Counter()
    location_id = default_location_id()
    for start in range(0, products, BATCH):
        numbers = range(start, min(start + BATCH, products))
        made.update(_seed_batch(seed, _missing(seed, numbers), shelves, location_id))
        progress("products", numbers.stop, products)
    _analyze(made)
    return dict(made)


def is_empty() -> bool:
    """Whether there is nothing to sell yet."""
    return not Product.objects.exists()


SEEDER = Seeder(module="catalog", run=seed_catalog, is_empty=is_empty)


def _is_another_shop(seed: int) -> bool:
    rows = fetch("SELECT id FROM catalog_product WHERE slug = %s", [DEMO_SLUG])
    return bool(rows) and rows[0][0] != _product_id(seed, 0)


def _seed_categories(seed: int) -> dict[str, UUID]:
    """The tree; the ids of its lowest shelves by their names."""
    rows = []
    for d, (department, groups) in enumerate(ASSORTMENT.items()):
        rows.append(root := _category(seed, department, None, d))
        for g, group in enumerate(groups):
            rows.append(branch := _category(seed, group.name, root, g))
            rows.extend(_category(seed, kind.shelf, branch, k) for k, kind in enumerate(group.kinds))
    with atomic(Category):
        Category.objects.bulk_create(rows, ignore_conflicts=True)
    return {row.name: row.id for row in rows}


def _category(seed: int, name: str, parent: Category | None, position: int) -> Category:
    category_id = _uuid(Randomness(f"{seed}:category:{name}"), 0)
    words = f"{name}: chosen by us, made to last." if parent else f"Everything for {name.lower()}, in one place."
    return Category(id=category_id, slug=slugify(name), name=name, description=words, parent=parent, position=position)


def _missing(seed: int, numbers: range) -> list[int]:
    ids = {_product_id(seed, number): number for number in numbers}
    there = {row[0] for row in fetch("SELECT id FROM catalog_product WHERE id = ANY(%s)", [list(ids)])}
    return [number for product_id, number in ids.items() if product_id not in there]


def _seed_batch(seed: int, numbers: list[int], shelves: dict[str, UUID], location_id: UUID) -> Counter[str]:
    rows: Rows = {table: [] for table in TABLES}
    for number in numbers:
        made = goods.demo_shirt() if number == 0 else goods.invent(Randomness(f"{seed}:{number}"), number)
        _add_rows(rows, made, _ids(seed, number), shelves[made.shelf], location_id, seed, number)
    with atomic(Product):
        for table, columns in TABLES.items():
            copy(table, columns, rows[table])
        listings.list_new([row[0] for row in rows["catalog_product"]])
        for category_id, count in sorted(Counter(row[4] for row in rows["catalog_product"]).items()):
            categories.count_products(category_id, count)
    return Counter({table.removeprefix("catalog_"): len(rows[table]) for table in TABLES})


def _add_rows(
    rows: Rows, made: Goods, ids: Iterator[UUID], category_id: UUID, location_id: UUID, seed: int, number: int
) -> None:
    at = datetime.fromtimestamp(BEGAN_AT.timestamp() + 10 * number, UTC)
    lowered_at, history_ids = _lowered_at(seed, number, at), _ids(seed, number, "history")
    product_id = next(ids)
    documents = [_json(value) for value in (made.options, made.attributes, made.images, made.seo)]
    reviews = invent_reviews(Randomness(f"{seed}:{number}:reviews"))
    rows["catalog_product"].append(
        (
            product_id,
            made.slug,
            made.title,
            made.description,
            category_id,
            "published",
            "standard",
            *documents,
            sum(review.stars for review in reviews),
            len(reviews),
            _popularity(seed, number),
            at,
            at,
            at,
            1,
        )
    )
    for position, item in enumerate(made.items):
        variant_id, level_id = next(ids), next(ids)
        rows["catalog_variant"].append(
            (variant_id, product_id, item.sku, "", _json(item.options), "[]", item.weight_g, position)
        )
        for currency, minor in item.prices.items():
            before = item.before.get(currency)
            sale = (
                (before, minor, lowered_at, minor, before, before) if before else (minor, None, None, minor, None, None)
            )
            rows["catalog_price"].append((next(ids), variant_id, currency, *sale))
            # What was never lowered needs no history: it has been in force since the product was created.
            rows["catalog_pricechange"] += [
                (next(history_ids), variant_id, currency, amount, since)
                for amount, since in ((before, at), (minor, lowered_at))
                if before
            ]
        rows["catalog_stocklevel"].append((level_id, variant_id, location_id, item.on_hand, 0))
        if item.on_hand:
            rows["catalog_stockmovement"].append(
                (next(ids), level_id, "received", item.on_hand, None, None, "First delivery", at)
            )
    review_ids = _ids(seed, number, "review")
    for name, stars, title, body, days in reviews:
        # Their authors have no account, as after a move from another shop.
        words = (next(review_ids), product_id, next(review_ids), name, stars, title, body, "en")
        written_at = at + timedelta(days=days)
        rows["catalog_review"].append((*words, "approved", written_at, written_at, "", 1))


def _popularity(seed: int, number: int) -> int:
    """Most sell by the dozen, one of a hundred by the thousand, one of a thousand ten times as often, and so on."""
    return min(MOST_POPULAR, int(10 / (1 - Randomness(f"{seed}:{number}:popularity").random())))


def _lowered_at(seed: int, number: int, created_at: datetime) -> datetime:
    """When its prices were lowered, if they are: the regular ones had been in force for more than 30 days."""
    days = Randomness(f"{seed}:{number}:lowered").randint(31, 60)
    return created_at + timedelta(days=days)


def _product_id(seed: int, number: int) -> UUID:
    return next(_ids(seed, number))


def _ids(seed: int, number: int, of: str = "ids") -> Iterator[UUID]:
    """The product's id first, then those of its rows."""
    chance = Randomness(f"{seed}:{number}:{of}")
    while True:
        yield _uuid(chance, number)


def _uuid(chance: Randomness, number: int) -> UUID:
    """A UUIDv7 whose time is the number's, so that the rows lie in their indexes in the order they come."""
    bits = chance.getrandbits(74)
    return UUID(
        int=((BEGAN_MS + number) << 80) | (0x7 << 76) | ((bits >> 62) << 64) | (0x2 << 62) | (bits & (2**62 - 1))
    )


def _analyze(made: Counter[str]) -> None:
    """So many new rows want new statistics, before the first visitor's queries are planned."""
    if made["product"]:
        count_words()
        execute("ANALYZE " + ", ".join((*TABLES, *MADE_OF_THEM)))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
