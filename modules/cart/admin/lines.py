"""What staff write as lines of text: goods, tiers, an example cart. A line is read back as it was written."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from ecommerce.kernel.errors import ServiceError
from modules.cart.logic.baskets import MAX_CODES, MAX_LINES, MAX_QUANTITY
from modules.cart.logic.goods import find_products

TIERS_HELP = "A line each: from so many units on, so many percent: 3 = 5"
PRODUCTS_HELP = "A line each: a SKU of the product, or its id. With neither products nor categories: for everything."
CATEGORIES_HELP = "A line each: the id, which stands in the address of the category's page. With all that is below it."
EXAMPLE_HELP = "A line each: a SKU and how many: SHIRT-RED-M 2"


def read_tiers(text: str) -> list[dict[str, Any]]:
    """Tiers as logic takes them."""
    return [_tier(line) for line in _lines(text)]


def write_tiers(tiers: Iterable[dict[str, Any]]) -> str:
    return "\n".join(f"{tier['quantity']} = {tier['percent']}" for tier in tiers)


def read_ids(text: str) -> list[UUID]:
    """Ids, each once."""
    return list(dict.fromkeys(_id(line) for line in _lines(text)))


def write_ids(ids: Iterable[UUID]) -> str:
    return "\n".join(str(id_) for id_ in ids)


def read_products(text: str) -> list[UUID]:
    """Products by their ids or by SKUs, as the catalog knows them; refuses (ValidationError) what is not for sale."""
    names = _lines(text)
    skus = [name for name in names if _as_id(name) is None]
    try:
        known = find_products(skus=skus)
    except ServiceError as refusal:
        raise ValidationError(f"SKUs cannot be looked up now. {refusal.detail}") from refusal
    if unknown := [sku for sku in skus if sku not in known]:
        raise ValidationError(f"Not for sale: {', '.join(unknown)}. What is not for sale yet is named by its id.")
    return list(dict.fromkeys(known.get(name) or _id(name) for name in names))


def read_quantities(text: str) -> dict[str, int]:
    """So many of each SKU, one where no number is given; a SKU that comes twice is added up."""
    found: dict[str, int] = {}
    for line in _lines(text):
        sku, quantity = _quantity(line)
        found[sku] = found.get(sku, 0) + quantity
    if len(found) > MAX_LINES or any(quantity > MAX_QUANTITY for quantity in found.values()):
        raise ValidationError(f"A cart holds at most {MAX_LINES} lines, and {MAX_QUANTITY} of each.")
    return found


def read_codes(text: str) -> list[str]:
    """Coupon codes in capitals, by commas or lines."""
    codes = [code.upper() for code in text.replace(",", " ").split()]
    if len(codes) > MAX_CODES:
        raise ValidationError(f"A cart holds at most {MAX_CODES} codes.")
    return codes


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tier(line: str) -> dict[str, Any]:
    quantity, sign, percent = (part.strip() for part in line.partition("="))
    if not (sign and percent and _is_number(quantity)):
        raise ValidationError(f"{line}: write a quantity, = and a percent.")
    return {"quantity": int(quantity), "percent": percent.removesuffix("%").strip()}


def _quantity(line: str) -> tuple[str, int]:
    sku, _, last = line.rpartition(" ")
    if not (sku and _is_number(last)):
        return line, 1
    if int(last) < 1:
        raise ValidationError(f"{line}: at least one.")
    return sku.strip(), int(last)


def _is_number(text: str) -> bool:
    # No longer than any quantity could be.
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _id(name: str) -> UUID:
    if (id_ := _as_id(name)) is None:
        raise ValidationError(f"{name}: this is no id.")
    return id_
