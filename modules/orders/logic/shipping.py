"""Ways to ship and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import JSONObject

from ecommerce.kernel.money import Money
from modules.orders.contracts import NotShippable
from modules.orders.logic.places import Place
from modules.orders.logic.tariffs import Tariff, Tier
from modules.orders.models import ShippingMethod, ShippingPlace, ShippingPrice, ShippingTier

Kind = ShippingMethod.Kind


@dataclass(frozen=True, kw_only=True)
class ShippingOption:
    """A shipping method as it is offered for one cart and place; one to `pick_up` is taxed where the shop is."""

    code: str
    title: str
    price: Money
    min_days: int
    max_days: int
    is_pick_up: bool = False

    def at(self, price: Money) -> "ShippingOption":
        """The same at another price."""
        return replace(self, price=price)


def options_for(*, place: Place, subtotal: Money, weight_g: int) -> list[ShippingOption]:
    """The ways to ship there, in the shop's own order; none where the shop does not ship. Of the zones that a place
    lies in, the one that names it most exactly counts."""
    named = Func(Value(place.codes, output_field=ArrayField(TextField())), F("code"), function="array_position")
    at_it = ShippingPlace.objects.filter(code__in=place.codes).order_by(named).values("zone_id")
    in_zone = Q(method__zones=Subquery(at_it[:1]))
    everywhere = Q(method__kind=Kind.PICK_UP, method__zones=None)
    prices = ShippingPrice.objects.filter(in_zone | everywhere, currency=subtotal.currency, method__is_active=True)
    found = _with_tiers(prices).select_related("method").order_by("method__position", "method_id")
    return [_option(price, subtotal, weight_g) for price in found]


def choose(options: Sequence[ShippingOption], code: str) -> ShippingOption:
    """The option of that code; refuses one that is not offered."""
    for option in options:
        if option.code == code:
            return option
    raise NotShippable(shipping_methods=[option.code for option in options])


def tariff_of(price: ShippingPrice, priced_by: str) -> Tariff:
    """The tariff that a price and its tiers, read with it, are."""

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=price.currency)

    tiers: list[dict[str, int]] = price.found_tiers  # type: ignore[attr-defined]  # annotated by _with_tiers
    return Tariff(
        priced_by=priced_by,
        price=money(price.price_minor),
        tiers=[Tier(at_least=tier["at_least"], price=money(tier["price"])) for tier in tiers],
        free_from=None if price.free_from_minor is None else money(price.free_from_minor),
    )


def prices_of(method: ShippingMethod) -> list[tuple[str, Tariff]]:
    """Each currency's tariff of a method, in the order of the currencies."""
    prices = _with_tiers(ShippingPrice.objects.filter(method=method)).order_by("currency")
    return [(price.currency, tariff_of(price, method.priced_by)) for price in prices]


def _with_tiers(prices: QuerySet[ShippingPrice]) -> QuerySet[ShippingPrice]:
    tiers = ShippingTier.objects.filter(price=OuterRef("pk")).order_by("at_least")
    return prices.annotate(
        found_tiers=ArraySubquery(tiers.values(json=JSONObject(at_least="at_least", price="price_minor")))
    )


def _option(price: ShippingPrice, subtotal: Money, weight_g: int) -> ShippingOption:
    method = price.method
    return ShippingOption(
        code=method.code,
        title=method.title,
        price=tariff_of(price, method.priced_by).price_of(subtotal=subtotal, weight_g=weight_g),
        min_days=method.min_days,
        max_days=method.max_days,
        is_pick_up=method.kind == Kind.PICK_UP,
    )
