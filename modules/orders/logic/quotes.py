"""What a cart would cost, shipped to a place: what checkout asks and what it is then held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.errors import Conflict
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.money import Money
from ecommerce.kernel.vat_ids import read_vat_id
from modules.cart import service as cart_service
from modules.cart.contracts import CartSnapshot, CouponExhausted, ExplainedLine, Requirement
from modules.catalog.contracts import OutOfStock
from modules.orders.contracts import CartEmpty, CartNotOrderable, NotShippable, TotalChanged
from modules.orders.logic import shipping, taxes
from modules.orders.logic.explanations import explain
from modules.orders.logic.net_prices import net_of
from modules.orders.logic.places import Place, place_of
from modules.orders.logic.pricing import Priced, Taxation, price_cart
from modules.orders.logic.shipping import ShippingOption


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A cart's figures for one destination; `cart` is at its listed prices, `priced` is what is paid. `chosen` is None
    while no shipping method is named, `explanation` where it was not asked for."""

    cart: CartSnapshot
    options: list[ShippingOption]
    chosen: ShippingOption | None
    priced: Priced
    exemption: str
    explanation: list[ExplainedLine] | None


def quote(
    *,
    caller: Principal,
    cart_id: UUID,
    address: Mapping[str, str],
    shipping_method: str | None,
    vat_id: str = "",
    explained: bool = False,
) -> Quote:
    """Price a cart; changes nothing. `address` is what is known of it, its country at least. Refuses an empty cart and
    a place or method that the shop does not ship to."""
    cart = cart_service.get_snapshot(cart_id=cart_id, caller_id=caller.id, explain=explained)
    if not cart.lines:
        raise CartEmpty
    return quote_cart(cart, address=address, shipping_method=shipping_method, vat_id=vat_id, explained=explained)


def quote_cart(
    cart: CartSnapshot,
    *,
    address: Mapping[str, str],
    shipping_method: str | None,
    vat_id: str = "",
    explained: bool = False,
) -> Quote:
    """The same for a cart that is in hand, whoever filled it."""
    options = _options(cart, place_of(address))
    chosen = shipping.choose(options, shipping_method) if shipping_method else None
    taxation = taxes.taxation_of(
        currency=cart.currency,
        to=place_of(address),
        buyer=read_vat_id(vat_id),
        is_pick_up=chosen is not None and chosen.is_pick_up,
    )
    shipping_price = chosen.price if chosen else Money.zero(cart.currency)
    priced = price_cart(cart, shipping_price=shipping_price, taxation=taxation)
    return Quote(
        cart=cart,
        options=[_offered(option, taxation) for option in options],
        chosen=chosen,
        priced=priced,
        exemption=taxation.exemption,
        explanation=explain(cart, priced, chosen, taxation) if explained else None,
    )


def _options(cart: CartSnapshot, place: Place) -> list[ShippingOption]:
    subtotal = cart.subtotal - cart.discount_total
    weight_g = sum(line.weight_g * line.quantity for line in cart.lines)
    options = shipping.options_for(place=place, subtotal=subtotal, weight_g=weight_g)
    if not options:
        raise NotShippable(country=place.country)
    return options


def _offered(option: ShippingOption, taxation: Taxation) -> ShippingOption:
    """As its price is charged: what is picked up is never exempt."""
    return option if option.is_pick_up else option.at(net_of(option.price, taxation.shipping_relief.rate))


def require_total(asked: Quote, expected: Money | None) -> None:
    """Refuse what costs something else than was expected, where anything was (TotalChanged)."""
    total = asked.priced.total
    if expected is not None and expected != total:
        raise TotalChanged(
            expected={"amount": expected.amount, "currency": expected.currency},
            total={"amount": total.amount, "currency": total.currency},
        )


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
