"""What a file says of a product, laid over the product as it is: what it becomes, or why it cannot."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.text import slugify

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.catalog.logic.cells import write_json
from modules.catalog.logic.import_entries import Entry, Problem, Row, written
from modules.catalog.logic.product_sheets import Flat, Sheet
from modules.catalog.models import Product

NEEDED = ("title", "category", "slug")


class Refused(Exception):
    """The product stays as it was: the problems say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].detail)
        self.problems = problems


class Taken(NamedTuple):
    """What came of an entry, and what it changed."""

    action: str
    changes: list[dict[str, Any]]


@dataclass
class Bench:
    """The products a batch is about, as they are and as they are to be."""

    before: dict[UUID, Sheet]
    categories: frozenset[str]
    # Variants whose SKUs stand in products that nothing here is about: nobody else may have them.
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


def take(bench: Bench, entry: Entry) -> Taken:
    """Lay the entry over its product, or make that; Refused leaves everything as it was."""
    # What cannot be read would only make more faults.
    if entry.problems:
        raise Refused(entry.problems)
    old = bench.find(entry)
    sheet = old.copy() if old else _new_sheet(bench, entry)
    problems: list[Problem] = []
    _lay(sheet.product, {name: value for name, value in entry.product.items() if name != "key"})
    for row in entry.variants:
        problems += _take_variant(bench, sheet, row)
    problems += _faults(bench, sheet, entry)
    if problems:
        raise Refused(sorted(problems))
    changes = changes_between(old, sheet)
    if old and not changes:
        return Taken("unchanged", [])
    bench.put(sheet)
    return Taken("updated" if old else "created", changes)


def _new_sheet(bench: Bench, entry: Entry) -> Sheet:
    product = entry.product
    if not (product.get("key") or product.get("slug")):
        sku = entry.name
        raise Refused([Problem(entry.line, "sku", "unknown_sku", f"There is no variant {sku!r}.")])
    slug = next((slug for slug in possible_slugs(entry) if slug not in bench.by_slug), None)
    flat: Flat = {"status": Product.Status.DRAFT.value, "tax_class": Product.TaxClass.STANDARD.value}
    if slug:
        flat["slug"] = slug
    key = product.get("key") or None
    return Sheet(id=new_id(), product=flat, external_key=key, is_new=True)


def possible_slugs(entry: Entry) -> list[str]:
    """The slug of a new product that names none: of its title, else of its title and its key."""
    title, key = entry.product.get("title"), entry.product.get("key")
    if entry.product.get("slug") or not (title and key):
        return []
    return [slug for slug in (slugify(title)[:200], slugify(f"{title[:90]}-{key}")[:200]) if slug]


def changes_between(old: Sheet | None, new: Sheet) -> list[dict[str, Any]]:
    """Column by column what differs; everything where it is new."""
    changes = _differences(None, old.product if old else {}, new.product)
    for sku, flat in new.variants.items():
        changes += _differences(sku, old.variants.get(sku, {}) if old else {}, flat)
    return changes


def _take_variant(bench: Bench, sheet: Sheet, row: Row) -> list[Problem]:
    sku: str | None = row.values.get("sku")
    if not sku:
        return []
    if bench.by_sku.get(sku, sheet.id) != sheet.id:
        return [Problem(row.line, "sku", "sku_taken", f"Another product has the SKU {sku!r}.")]
    if sku in sheet.archived:
        return [Problem(row.line, "sku", "archived", f"The variant {sku!r} is archived.")]
    if sku not in sheet.variants:
        positions = [flat["position"] for flat in sheet.variants.values()]
        sheet.variants[sku] = {"sku": sku, "weight_g": 0, "position": max(positions, default=-1) + 1, "on_hand": 0}
        sheet.variant_ids[sku] = new_id()
    _lay(sheet.variants[sku], row.values)
    return _variant_faults(bench, sheet, sheet.variants[sku], row)


def _variant_faults(bench: Bench, sheet: Sheet, flat: Flat, row: Row) -> list[Problem]:
    problems = []
    if flat["on_hand"] < (held := bench.held.get(flat["sku"], 0)) and "on_hand" in row.values:
        words = f"{held} are put aside for orders."
        problems.append(Problem(row.line, "on_hand", "stock_held", words))
    for currency in {name.partition(".")[2] for name in row.values if name.startswith(_OF_PRICE)}:
        problems += _price_faults(flat, row, currency)
    return problems


def _price_faults(flat: Flat, row: Row, currency: str) -> list[Problem]:
    regular, sale, starts, ends = (flat.get(f"{family}{currency}") for family in _OF_PRICE)
    if regular is None and row.values.get(f"price.{currency}", "") is None:
        # The price goes, and what belongs to it goes with it.
        for family in _OF_PRICE:
            flat.pop(f"{family}{currency}", None)
            if row.values.get(f"{family}{currency}") is not None:
                return [Problem(row.line, f"{family}{currency}", "no_price", "There is no price to be lowered.")]
        return []
    if sale is None and row.values.get(f"sale.{currency}", "") is None:
        flat.pop(f"sale_starts_at.{currency}", None)
        flat.pop(f"sale_ends_at.{currency}", None)
        given = (row.values.get(f"{family}{currency}") for family in _OF_PRICE[2:])
        starts = ends = next((instant for instant in given if instant), None)
    if sale is None and (starts or ends):
        return [Problem(row.line, f"sale.{currency}", "required", "A period belongs to a sale price.")]
    if sale is not None and (regular is None or _minor(sale, currency) >= _minor(regular, currency)):
        return [Problem(row.line, f"sale.{currency}", "not_lower", "A sale price is lower than the regular price.")]
    if starts and ends and starts >= ends:
        return [Problem(row.line, f"sale_ends_at.{currency}", "invalid", "A sale ends after it has begun.")]
    return []


def _minor(amount: str, currency: str) -> int:
    return Money.parse(amount, currency).minor


def _faults(bench: Bench, sheet: Sheet, entry: Entry) -> list[Problem]:
    product = sheet.product
    missing = [name for name in NEEDED if name not in product]
    # A slug is made of the title, where there is one.
    faults = [
        (name, "required", f"A new product needs its {name}.")
        for name in missing
        if name != "slug" or "title" not in missing
    ]
    if product.get("category", "") not in bench.categories | {""}:
        faults.append(("category", "unknown_category", f"There is no category {product['category']!r}."))
    if bench.by_slug.get(product.get("slug", ""), sheet.id) != sheet.id:
        faults.append(("slug", "slug_taken", f"Another product has the slug {product['slug']!r}."))
    if product["status"] != Product.Status.DRAFT and "publish_at" in product:
        if entry.product.get("publish_at"):
            faults.append(("publish_at", "not_a_draft", "Only a draft is published later."))
        del product["publish_at"]
    found = [Problem(entry.line, *fault) for fault in faults]
    return found + _option_faults(sheet, entry)


def _option_faults(sheet: Sheet, entry: Entry) -> list[Problem]:
    names = {f"option.{name}" for name in sheet.product.get("options", ())}
    lines = {row.values.get("sku"): row.line for row in entry.variants}
    seen: dict[str, str] = {}
    problems = []
    for sku, flat in sheet.variants.items():
        line, options = lines.get(sku, entry.line), {n: v for n, v in flat.items() if n.startswith("option.")}
        for name in sorted(options.keys() - names):
            words = f"The product's options do not name {name.removeprefix('option.')!r}."
            problems.append(Problem(line, name, "unknown_option", words))
        other = seen.setdefault(write_json(options), sku)
        if other != sku:
            problems.append(Problem(line, "sku", "same_options", f"{other!r} has the same options."))
    return problems


def _lay(flat: Flat, values: Flat) -> None:
    for name, value in values.items():
        if value is None:
            flat.pop(name, None)
        else:
            flat[name] = value


def _differences(sku: str | None, old: Flat, new: Flat) -> list[dict[str, Any]]:
    if old == new and not any(name.startswith("attr.") for name in new):
        return []
    return [
        {"sku": sku, "column": name, "old": written(old.get(name)), "new": written(new.get(name))}
        for name in dict.fromkeys((*old, *new))
        if _differ(old.get(name), new.get(name))
    ]


def _differ(old: Any, new: Any) -> bool:
    # True is 1 in Python, and 1 is 1.0.
    return old != new or ((type(old) is not type(new) or isinstance(old, list)) and write_json(old) != write_json(new))


_OF_PRICE = ("price.", "sale.", "sale_starts_at.", "sale_ends_at.")
