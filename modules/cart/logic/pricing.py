"""What a cart costs: a pure function over what it holds and what the catalog says of it now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.money import MAX_MINOR, Money, total
from modules.cart.contracts import CartDiscount, CartLine, Requirement, TotalTooLarge
from modules.cart.logic.baskets import Basket, BasketLine
from modules.catalog.contracts import Variant

# What the catalog was asked about; None is what it does not sell.
Variants = Mapping[UUID, Variant | None]


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line at the price of now; one that is not for sale is named as it was seen, and costs nothing."""

    line: CartLine
    is_for_sale: bool
    price_changed: bool


@dataclass(frozen=True, kw_only=True)
class PricedCart:
    """A cart at one version and at the prices of one moment; `requirements` stand in the way of ordering it."""

    basket: Basket
    lines: list[PricedLine]
    discounts: list[CartDiscount]
    codes: list[str]
    free_shipping: bool
    subtotal: Money
    discount_total: Money
    total: Money
    requirements: list[Requirement]


def price_cart(basket: Basket, variants: Variants) -> PricedCart:
    """Price every line and add up; raises TotalTooLarge where no amount of money could hold it."""
    refuse_too_large(basket.lines, variants)
    lines = [_price_line(line, variants.get(line.variant_id), basket.currency) for line in basket.lines]
    subtotal = total((priced.line.line_total for priced in lines), basket.currency)
    discounts: list[CartDiscount] = []
    discount_total = total((discount.amount for discount in discounts), basket.currency)
    return PricedCart(
        basket=basket,
        lines=lines,
        discounts=discounts,
        codes=[],
        free_shipping=False,
        subtotal=subtotal,
        discount_total=discount_total,
        total=subtotal - discount_total,
        requirements=find_requirements(lines),
    )


def refuse_too_large(lines: Iterable[BasketLine], variants: Variants) -> None:
    """Raise TotalTooLarge when these lines cost more than Money can hold."""
    prices = {id_: variant.price.minor for id_, variant in variants.items() if variant and variant.price}
    if sum(prices.get(line.variant_id, 0) * line.quantity for line in lines) > MAX_MINOR:
        raise TotalTooLarge


def find_requirements(lines: Sequence[PricedLine]) -> list[Requirement]:
    """What stands in the way of checkout. This is checkout's gate, and what the cart warns of: the same function."""
    if not lines:
        return [Requirement(code="cart_empty", detail="There is nothing in this cart.")]
    return [requirement for priced in lines if (requirement := _requirement(priced))]


def _price_line(line: BasketLine, variant: Variant | None, currency: str) -> PricedLine:
    if variant is None or variant.price is None:
        return PricedLine(line=_as_seen(line, currency), is_for_sale=False, price_changed=False)
    priced = CartLine(
        variant_id=line.variant_id,
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        image=variant.image,
        quantity=line.quantity,
        unit_price=variant.price,
        line_total=variant.price * line.quantity,
        discount=Money.zero(currency),
        tax_class=variant.tax_class,
        weight_g=variant.weight_g,
        available=variant.available,
    )
    return PricedLine(line=priced, is_for_sale=True, price_changed=variant.price != line.seen.price)


def _as_seen(line: BasketLine, currency: str) -> CartLine:
    return CartLine(
        variant_id=line.variant_id,
        sku=line.seen.sku,
        title=line.seen.title,
        options={},
        image=None,
        quantity=line.quantity,
        unit_price=line.seen.price,
        line_total=Money.zero(currency),
        discount=Money.zero(currency),
        tax_class="",
        weight_g=0,
        available=0,
    )


def _requirement(priced: PricedLine) -> Requirement | None:
    line = priced.line
    if not priced.is_for_sale:
        code, detail = "not_available", f"{line.title} is no longer for sale."
    elif line.quantity > line.available:
        code, detail = "out_of_stock", f"{line.title}: {line.available} left."
    else:
        return None
    return Requirement(
        code=code, detail=detail, variant_id=line.variant_id, requested=line.quantity, available=line.available
    )
