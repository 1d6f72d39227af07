"""What a cart would cost, shipped to a place: what checkout asks and what it is then held to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.errors import Conflict
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.money import Money
from modules.cart import service as cart_service
from modules.cart.contracts import CartSnapshot, CouponExhausted, ExplainedLine, Requirement
from modules.catalog.contracts import OutOfStock
from modules.orders.contracts import CartEmpty, CartNotOrderable, NotShippable
from modules.orders.logic import shipping, taxes
from modules.orders.logic.explanations import explain
from modules.orders.logic.pricing import Priced, price_order
from modules.orders.logic.shipping import ShippingOption


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A cart's figures for one destination; `chosen` is None while no shipping method is named, `explanation` where it
    was not asked for."""

    cart: CartSnapshot
    options: list[ShippingOption]
    chosen: ShippingOption | None
    priced: Priced
    explanation: list[ExplainedLine] | None


def quote(
    *, caller: Principal, cart_id: UUID, country: str, shipping_method: str | None, explained: bool = False
) -> Quote:
    """Price a cart; changes nothing. Refuses an empty cart and a place or method that the shop does not ship to."""
    cart = cart_service.get_snapshot(cart_id=cart_id, caller_id=caller.id, explain=explained)
    if not cart.lines:
        raise CartEmpty
    options = shipping.options_for(country=country, subtotal=cart.subtotal - cart.discount_total)
    if not options:
        raise NotShippable(country=country)
    chosen = shipping.choose(options, shipping_method) if shipping_method else None
    priced = price_order(
        cart,
        shipping_price=chosen.price if chosen else Money.zero(cart.currency),
        rates=taxes.rates_in(country),
        prices_include_tax=taxes.prices_include_tax(cart.currency),
    )
    explanation = explain(cart, priced, chosen) if explained else None
    return Quote(cart=cart, options=options, chosen=chosen, priced=priced, explanation=explanation)


def require_orderable(cart: CartSnapshot) -> None:
    """Refuse what cart says stands in the way: nothing in it, too little stock, anything else."""
    found = cart.requirements
    if not found:
        return
    if any(requirement.code == "cart_empty" for requirement in found):
        raise CartEmpty
    if all(requirement.code == "out_of_stock" for requirement in found):
        raise OutOfStock(lines=[_short_line(requirement, cart) for requirement in found])
    if all(requirement.code == "coupon_exhausted" for requirement in found):
        raise CouponExhausted(found[0].detail, codes=[requirement.coupon for requirement in found])
    raise _not_orderable(found)


def _short_line(requirement: Requirement, cart: CartSnapshot) -> dict[str, object]:
    sku = next((line.sku for line in cart.lines if line.variant_id == requirement.variant_id), None)
    return {
        "variant_id": str(requirement.variant_id),
        "sku": sku,
        "requested": requirement.requested,
        "available": requirement.available,
    }


def _not_orderable(found: Sequence[Requirement]) -> Conflict:
    plain = [
        {
            "code": one.code,
            "detail": one.detail,
            "variant_id": str(one.variant_id) if one.variant_id else None,
            "coupon": one.coupon,
        }
        for one in found
    ]
    return CartNotOrderable(requirements=plain)
