"""What a file says of a product, laid over the product as it is: what it becomes, or why it cannot."""

from typing import Any, NamedTuple

from ecommerce.kernel.ids import new_id
from modules.catalog.logic.attributes import Unfit, fit
from modules.catalog.logic.cells import write_json
from modules.catalog.logic.import_bench import Bench
from modules.catalog.logic.import_entries import MAX_VARIANTS, Entry, Problem, Row, written
from modules.catalog.logic.import_prices import price_faults
from modules.catalog.logic.product_sheets import Flat, Sheet
from modules.catalog.logic.product_slugs import slug_of
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


def take(bench: Bench, entry: Entry) -> Taken:
    """Lay the entry over its product, or make that; Refused leaves everything as it was."""
    # What cannot be read would only make more faults.
    if entry.problems:
        raise Refused(entry.problems)
    old = bench.find(entry)
    sheet = old.copy() if old else _new_sheet(bench, entry)
    problems: list[Problem] = []
    _lay(sheet.product, {name: value for name, value in entry.product.items() if name != "key"})
    problems += _fit_attributes(bench, sheet, entry)
    for row in entry.variants:
        problems += _take_variant(bench, sheet, row)
    problems += _faults(bench, old, sheet, entry)
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
    slug = next((slug for slug in possible_slugs(entry) if slug not in bench.by_slug.keys() | bench.old_slugs), None)
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
    return [slug_of(title), slug_of(f"{title[:90]}-{key}")]


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
    return problems + price_faults(flat, row)


def _fit_attributes(bench: Bench, sheet: Sheet, entry: Entry) -> list[Problem]:
    problems = []
    for name, value in entry.product.items():
        if name.startswith("attr.") and value is not None:
            try:
                sheet.product[name] = fit(bench.attributes, name.removeprefix("attr."), value)
            except Unfit as unfit:
                problems.append(Problem(entry.line, name, unfit.code, unfit.detail))
    return problems


def _faults(bench: Bench, old: Sheet | None, sheet: Sheet, entry: Entry) -> list[Problem]:
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
    if len(sheet.variants) > MAX_VARIANTS:
        faults.append(("sku", "too_many_variants", f"A product has at most {MAX_VARIANTS} variants."))
    is_offered = product["status"] == Product.Status.PUBLISHED or "publish_at" in product
    if is_offered and not sheet.variants and {"status", "publish_at"} & entry.product.keys():
        faults.append(("status", "no_variants", "There is no variant to sell."))
    found = [Problem(entry.line, *fault) for fault in faults]
    return found + _option_faults(old, sheet, entry)


def _option_faults(old: Sheet | None, sheet: Sheet, entry: Entry) -> list[Problem]:
    """Each variant names exactly the product's options, none the same as another; what was so before is let be."""
    has_new_names = old is None or old.product.get("options") != sheet.product.get("options")
    names = {f"option.{name}" for name in sheet.product.get("options", ())}
    lines = {row.values.get("sku"): row.line for row in entry.variants}
    seen: dict[str, str] = {}
    problems = []
    for sku, flat in sheet.variants.items():
        line, options = lines.get(sku, entry.line), _options(flat)
        is_same = old is not None and sku in old.variants and options == _options(old.variants[sku])
        if has_new_names or not is_same:
            problems += [
                Problem(line, name, "options_differ", "Each variant names exactly the product's options.")
                for name in sorted(options.keys() ^ names)
            ]
        other = seen.setdefault(write_json(options), sku)
        if other != sku:
            problems.append(Problem(line, "sku", "same_options", f"{other!r} has the same options."))
    return problems


def _options(flat: Flat) -> Flat:
    return {name: value for name, value in flat.items() if name.startswith("option.")}


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
