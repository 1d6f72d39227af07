"""What staff put together for a buyer, as the cart that it would be: at today's prices, nothing taken off."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from ecommerce.kernel.money import Money, total
from modules.cart.contracts import CartLine, CartSnapshot, CurrencyNotAvailable, UnknownVariant
from modules.catalog import service as catalog_service
from modules.catalog.contracts import OutOfStock, StockLine, Variant


def cart_of(cart_id: UUID, wanted: Sequence[StockLine], currency: str) -> CartSnapshot:
    """These goods; what is asked for twice is asked for in sum. Asks catalog.

    Refuses what is not for sale (UnknownVariant), has no price in that currency (CurrencyNotAvailable) or is short
    (OutOfStock).
    """
    ids = list(dict.fromkeys(line.variant_id for line in wanted))
    found = {variant.id: variant for variant in catalog_service.find_variants(currency=currency, ids=ids)}
    quantities = {one: sum(line.quantity for line in wanted if line.variant_id == one) for one in ids}
    lines = [_line(found.get(one), quantity, currency) for one, quantity in quantities.items()]
    subtotal = total((line.line_total for line in lines), currency)
    return CartSnapshot(
        cart_id=cart_id,
        version=1,
        currency=currency,
        owner_id=None,
        lines=lines,
        discounts=[],
        codes=[],
        free_shipping=False,
        subtotal=subtotal,
        discount_total=Money.zero(currency),
        total=subtotal,
        requirements=[],
    )


def find_by_sku(wanted: Mapping[str, int], currency: str) -> list[StockLine]:
    """Goods by their SKUs, with how many of each; refuses one that is not for sale (UnknownVariant). Asks catalog."""
    if not wanted:
        return []
    found = {one.sku: one.id for one in catalog_service.find_variants(currency=currency, skus=list(wanted))}
    if unknown := sorted(wanted.keys() - found.keys()):
        raise UnknownVariant(f"Nothing is sold as {', '.join(unknown)}.", skus=unknown)
    return [StockLine(variant_id=found[sku], quantity=quantity) for sku, quantity in wanted.items()]


def _line(variant: Variant | None, quantity: int, currency: str) -> CartLine:
    if variant is None:
        raise UnknownVariant
    if variant.price is None:
        raise CurrencyNotAvailable(currency=currency, variant_id=str(variant.id))
    if quantity > variant.available:
        raise OutOfStock(lines=[_short(variant, quantity)])
    return CartLine(
        variant_id=variant.id,
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        image=variant.image,
        quantity=quantity,
        unit_price=variant.price,
        line_total=variant.price * quantity,
        discount=Money.zero(currency),
        tax_class=variant.tax_class,
        weight_g=variant.weight_g,
        available=variant.available,
    )


def _short(variant: Variant, quantity: int) -> dict[str, object]:
    return {
        "variant_id": str(variant.id),
        "sku": variant.sku,
        "requested": quantity,
        "available": variant.available,
    }
