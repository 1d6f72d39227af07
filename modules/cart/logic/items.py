"""What goes into a cart and out of it. Each of these takes the basket its caller has just read (carts.get_basket)."""

from uuid import UUID

from modules.cart.contracts import CurrencyNotAvailable, LineNotFound, QuantityTooLarge, UnknownVariant
from modules.cart.logic import storage
from modules.cart.logic.baskets import MAX_QUANTITY, Basket, BasketLine, Seen
from modules.cart.logic.carts import ask_catalog, show
from modules.cart.logic.pricing import PricedCart, Variants, refuse_too_large
from modules.cart.logic.storage import Versions
from modules.catalog.contracts import OutOfStock, Variant


def add_item(
    *,
    basket: Basket,
    quantity: int,
    variant_id: UUID | None = None,
    sku: str | None = None,
    versions: Versions = None,
) -> PricedCart:
    """Add to what is there. Refuses what is not for sale, has no price in the cart's currency, or is out of stock."""
    variants = _ask(basket, variant_id, sku)
    variant, seen = _for_sale(_pick(variants, variant_id, sku), basket.currency)
    more = BasketLine(variant_id=variant.id, quantity=quantity, seen=seen)
    refuse_too_large([*basket.lines, more], variants)
    try:
        changed = storage.add_quantity(basket, more, available=variant.available, versions=versions)
    except storage.Refused as refused:
        raise _too_much(refused, variant, quantity) from refused
    return show(changed, variants)


def set_quantity(*, basket: Basket, variant_id: UUID, quantity: int, versions: Versions = None) -> PricedCart:
    """Give a line another quantity, 0 removes it; repeating is safe. Refuses more than there is in stock."""
    if quantity == 0:
        return remove_item(basket=basket, variant_id=variant_id, versions=versions)
    others = [line for line in basket.lines if line.variant_id != variant_id]
    if len(others) == len(basket.lines):
        raise LineNotFound
    variants = ask_catalog(basket.currency, ids=[line.variant_id for line in basket.lines])
    variant, seen = _for_sale(variants[variant_id], basket.currency)
    if quantity > variant.available:
        raise _out_of_stock(variant, quantity)
    line = BasketLine(variant_id=variant_id, quantity=quantity, seen=seen)
    refuse_too_large([*others, line], variants)
    return show(storage.set_line(basket, line, versions=versions), variants)


def remove_item(*, basket: Basket, variant_id: UUID, versions: Versions = None) -> PricedCart:
    """Take a line out; one that is not there changes nothing, so repeating is safe."""
    return show(storage.remove_line(basket, variant_id, versions=versions))


def _ask(basket: Basket, variant_id: UUID | None, sku: str | None) -> dict[UUID, Variant | None]:
    """About what is to be added and, in the same question, about what is there: the answer shows the whole cart."""
    ids = dict.fromkeys([line.variant_id for line in basket.lines] + ([variant_id] if variant_id else []))
    return ask_catalog(basket.currency, ids=list(ids), skus=[sku] if sku else [])


def _pick(variants: Variants, variant_id: UUID | None, sku: str | None) -> Variant | None:
    if variant_id:
        return variants[variant_id]
    return next((variant for variant in variants.values() if variant and variant.sku == sku), None)


def _for_sale(variant: Variant | None, currency: str) -> tuple[Variant, Seen]:
    if variant is None:
        raise UnknownVariant
    if variant.price is None:
        raise CurrencyNotAvailable(currency=currency, variant_id=str(variant.id))
    return variant, Seen(price=variant.price, sku=variant.sku, title=variant.title)


def _too_much(refused: storage.Refused, variant: Variant, quantity: int) -> OutOfStock | QuantityTooLarge:
    if refused.reason == "too_many":
        return QuantityTooLarge(variant_id=str(variant.id), quantity=refused.had, limit=MAX_QUANTITY)
    return _out_of_stock(variant, refused.had + quantity)


def _out_of_stock(variant: Variant, requested: int) -> OutOfStock:
    line = {
        "variant_id": str(variant.id),
        "sku": variant.sku,
        "requested": requested,
        "available": variant.available,
    }
    return OutOfStock(f"{variant.title}: {variant.available} left.", available=variant.available, lines=[line])
