"""Ways to ship and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce.kernel.money import Money
from modules.orders.contracts import NotShippable
from modules.orders.models import ShippingPrice


@dataclass(frozen=True, kw_only=True)
class ShippingOption:
    """A shipping method as it is offered for one cart and country."""

    code: str
    title: str
    price: Money
    min_days: int
    max_days: int


def options_for(*, country: str, subtotal: Money) -> list[ShippingOption]:
    """The ways to ship there, cheapest way of the shop's own order first; none where the shop does not ship."""
    prices = ShippingPrice.objects.filter(
        currency=subtotal.currency, method__is_active=True, method__countries__contains=[country]
    )
    return [_option(price, subtotal) for price in prices.select_related("method").order_by("method__position", "id")]


def choose(options: Sequence[ShippingOption], code: str) -> ShippingOption:
    """The option of that code; refuses one that is not offered."""
    for option in options:
        if option.code == code:
            return option
    raise NotShippable(shipping_methods=[option.code for option in options])


def _option(price: ShippingPrice, subtotal: Money) -> ShippingOption:
    is_free = price.free_from_minor is not None and subtotal.minor >= price.free_from_minor
    return ShippingOption(
        code=price.method.code,
        title=price.method.title,
        price=Money(minor=0 if is_free else price.price_minor, currency=price.currency),
        min_days=price.method.min_days,
        max_days=price.method.max_days,
    )
