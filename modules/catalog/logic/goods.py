"""Inventing believable goods: the same chance, the same goods."""

from itertools import product as combinations
from random import Random as Randomness  # noqa: TID251  (seeded: the same shop for the same seed; kernel.chance has no seed)
from typing import Any, NamedTuple

from django.utils.text import slugify

from modules.catalog.logic import assortment
from modules.catalog.logic.assortment import ASSORTMENT, Group, Kind
from modules.catalog.logic.drawings import COLOURS, picture

__all__ = ["DEMO_SLUG", "Goods", "Item", "Randomness", "demo_shirt", "invent"]

DEMO_SLUG = "demo-t-shirt"
MOST_VARIANTS = 6
# What a euro's cents cost elsewhere; prices end as shops like them to.
DOLLARS, YEN = 1.1, 1.6
SHELVES: list[tuple[Group, Kind]] = [
    (group, kind) for groups in ASSORTMENT.values() for group in groups for kind in group.kinds
]
SHADES = list(COLOURS)


class Item(NamedTuple):
    """One variant to be: prices and former prices by currency, in minor units."""

    sku: str
    options: dict[str, str]
    weight_g: int
    prices: dict[str, int]
    before: dict[str, int]
    on_hand: int


class Goods(NamedTuple):
    """One product to be."""

    slug: str
    title: str
    description: str
    shelf: str
    options: list[str]
    attributes: dict[str, Any]
    images: list[dict[str, object]]
    seo: dict[str, str]
    items: list[Item]


def invent(chance: Randomness, number: int) -> Goods:
    """The goods of that number."""
    group, kind = chance.choice(SHELVES)
    line, finish, material = (
        chance.choice(assortment.LINES),
        chance.choice(assortment.FINISHES),
        chance.choice(group.materials),
    )
    shades = chance.sample(SHADES, 3)
    title = f"{line} {finish} {kind.noun}"
    words = {"line": line, "noun": kind.noun, "material": material, "use": chance.choice(group.uses)}
    origin = chance.choice(assortment.ORIGINS)
    description = _describe(chance, words | {"origin": origin})
    return Goods(
        slug=f"{slugify(title)}-{number}",
        title=title,
        description=description,
        shelf=kind.shelf,
        options=list(group.options),
        attributes={
            "material": material,
            "made_in": origin,
            "line": line,
            "guarantee_years": chance.choice((2, 2, 3, 5)),
            "recycled": "recycled" in material,
        },
        images=[picture(kind.shape, shades[0], f"{title}, {shades[0]}")],
        seo={"title": f"{title} of {material}", "description": description.split(". ")[0][:155]},
        items=_invent_items(chance, group, kind, shades, f"{kind.noun[:2].upper()}{number:06d}"),
    )


def demo_shirt() -> Goods:
    """The one product that every demonstration shop has, always in stock."""
    sizes = ("S", "M", "L")
    prices = {"EUR": 1990, "USD": 2190, "JPY": 3200}
    description = "The shirt of our demonstrations: organic cotton, always in stock, and it fits everybody who tries."
    return Goods(
        slug=DEMO_SLUG,
        title="Demo T-Shirt",
        description=description,
        shelf="Men's T-shirts",
        options=["Size"],
        attributes={"material": "organic cotton", "made_in": "Portugal", "guarantee_years": 2, "recycled": False},
        images=[picture("t-shirt", "teal", "Demo T-Shirt, teal")],
        seo={"title": "Demo T-Shirt", "description": description},
        items=[Item(f"DEMO-T-SHIRT-{size}", {"Size": size}, 180, prices, {}, 1000) for size in sizes],
    )


def _describe(chance: Randomness, words: dict[str, str]) -> str:
    words |= {"Material": words["material"].capitalize(), "article": _article(words["noun"])}
    first, second = chance.sample(assortment.DETAILS, 2)
    parts = [chance.choice(assortment.OPENINGS), first, second, chance.choice(assortment.CLOSINGS)]
    return " ".join(part.format_map(words) for part in parts)


def _article(noun: str) -> str:
    if noun.split()[-1].endswith("s"):
        return "A set of" if noun.endswith("Blocks") else "Our"
    return "An" if noun[0] in "AEIOU" else "A"


def _invent_items(chance: Randomness, group: Group, kind: Kind, shades: list[str], sku: str) -> list[Item]:
    values = [(given or shades) for given in group.options.values()]
    all_options = [dict(zip(group.options, chosen, strict=True)) for chosen in combinations(*values)]
    number = chance.randint(1, min(MOST_VARIANTS, len(all_options)))
    picked = sorted(chance.sample(range(len(all_options)), number))
    cents = 100 * chance.randint(*kind.price) - 10
    weight = chance.randint(*kind.weight)
    lowered = chance.random() < 0.15
    return [
        _item(chance, f"{sku}-{place + 1}", all_options[index], cents, weight, lowered=lowered)
        for place, index in enumerate(picked)
    ]


def _item(chance: Randomness, sku: str, options: dict[str, str], cents: int, weight: int, *, lowered: bool) -> Item:
    if chance.random() < 0.2:
        cents += 100 * chance.randint(1, 5)
    prices = _in_currencies(cents)
    before = _in_currencies(cents + 100 * max(2, cents // 400)) if lowered else {}
    on_hand = 0 if chance.random() < 0.12 else chance.randint(1, 200)
    return Item(sku, options, weight, prices, before, on_hand)


def _in_currencies(cents: int) -> dict[str, int]:
    return {"EUR": cents, "USD": round(cents * DOLLARS / 100) * 100 - 1, "JPY": round(cents * YEN / 10) * 10}
