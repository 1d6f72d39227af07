"""What a way to ship costs: a price, or prices in tiers by weight or by subtotal, and free from a subtotal on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ecommerce.kernel.money import Money
from modules.orders.models import ShippingMethod

PricedBy = ShippingMethod.PricedBy


@dataclass(frozen=True, kw_only=True)
class Tier:
    """The price from so many grams, or from so many minor units of the subtotal, on."""

    at_least: int
    price: Money


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """A method's prices in one currency; `price` is what is asked below the first tier."""

    priced_by: str
    price: Money
    tiers: Sequence[Tier] = field(default_factory=list)
    free_from: Money | None = None

    def price_of(self, *, subtotal: Money, weight_g: int) -> Money:
        """What shipping that costs; `subtotal` is what the goods cost after discounts, as listed."""
        if self.free_from is not None and self.free_from <= subtotal:
            return Money.zero(self.price.currency)
        measures = {PricedBy.WEIGHT.value: weight_g, PricedBy.SUBTOTAL.value: subtotal.minor}
        reached = [tier for tier in self.tiers if tier.at_least <= measures.get(self.priced_by, 0)]
        return max(reached, key=lambda tier: tier.at_least).price if reached else self.price
