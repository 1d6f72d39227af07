"""Which tax applies to a cart, where, and now."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from ecommerce.kernel import clock
from ecommerce.kernel.vat_ids import VatId
from modules.orders.logic.exemptions import TITLE, Seller, exemption_of, taxed_at
from modules.orders.logic.places import Place
from modules.orders.logic.pricing import Rate, Rounding, Taxation
from modules.orders.models import TaxRate


def taxation_of(*, currency: str, to: Place, buyer: VatId | None, is_pick_up: bool) -> Taxation:
    """What tax a cart in that currency is charged that is sent to a place, or picked up at the shop; one statement."""
    seller = seller_of_the_shop()
    place = seller.place if is_pick_up else taxed_at(seller, buyer=buyer, to=to)
    rows = list(_in_force([place, seller.place], today()))
    return Taxation(
        rates=_rates_of(rows, place),
        prices_include_tax=prices_include_tax(currency),
        rounding=Rounding(settings.TAX_ROUNDING),
        shipping_taxed=settings.SHIPPING_TAXED,
        exemption="" if is_pick_up else exemption_of(seller, buyer=buyer, to=to),
        exemption_title=TITLE,
        own_rates=_rates_of(rows, seller.place),
    )


def seller_of_the_shop() -> Seller:
    """The shop, as far as taxes go."""
    place = Place(country=settings.SHOP_COUNTRY, region=settings.SHOP_REGION)
    return Seller(place=place, vat_id=settings.SHOP_VAT_ID)


def rates_in(place: Place, *, on: date) -> dict[str, Rate]:
    """The rates that are in force at a place on a day, by tax class; none where nothing is charged."""
    return _rates_of(_in_force([place], on), place)


def prices_include_tax(currency: str) -> bool:
    """Whether prices listed in that currency include tax."""
    return currency not in settings.CURRENCIES_WITHOUT_TAX


def today() -> date:
    """The day it is where the shop is: rates begin and end with its days."""
    return clock.now().astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()


def _in_force(places: Iterable[Place], on: date) -> Iterable[TaxRate]:
    at_one = Q()
    for place in places:
        at_one |= Q(country=place.country, region__in={"", place.region})
    begun = Q(valid_from=None) | Q(valid_from__lte=on)
    not_over = Q(valid_until=None) | Q(valid_until__gte=on)
    # A region's own rate comes after its country's, and so stands in for it.
    return TaxRate.objects.filter(at_one, begun, not_over).order_by("region", "tax_class")


def _rates_of(rows: Iterable[TaxRate], place: Place) -> dict[str, Rate]:
    of_place = (row for row in rows if row.country == place.country and row.region in ("", place.region))
    return {row.tax_class: Rate(title=row.title, rate=Fraction(row.rate)) for row in of_place}
