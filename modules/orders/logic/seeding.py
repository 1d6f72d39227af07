"""The demonstration shop's shipping and taxes: Germany, the United States and Japan."""

from decimal import Decimal
from uuid import UUID

from ecommerce.kernel.money import Money
from ecommerce.kernel.registry import Progress, Seeder
from modules.orders.logic.shipping_methods import Kind, MethodDraft, write_method
from modules.orders.logic.tariffs import PricedBy, Tariff
from modules.orders.logic.tax_rates import RateDraft, write_rate
from modules.orders.logic.zones import write_zone
from modules.orders.models import ShippingMethod, ShippingZone, TaxRate

ZONES = {"Germany": ["DE"], "Overseas": ["US", "JP"]}
# code, title, zone, days, prices by currency: (minor units, free from)
METHODS: list[tuple[str, str, str, tuple[int, int], dict[str, tuple[int, int | None]]]] = [
    ("standard", "Standard", "Germany", (2, 4), {"EUR": (490, 5000), "USD": (590, 6000), "JPY": (800, 8000)}),
    ("express", "Express", "Germany", (1, 1), {"EUR": (1290, None), "USD": (1490, None), "JPY": (2000, None)}),
    (
        "international",
        "International",
        "Overseas",
        (5, 9),
        {"EUR": (1490, 15000), "USD": (1690, 16000), "JPY": (2400, 24000)},
    ),
]
# German VAT: § 12 UStG. Japanese consumption tax: 10 %, 8 % on food. US sales tax is a matter of states and nexus:
# the demonstration shop has none.
RATES = [
    ("DE", "standard", "MwSt. 19 %", "0.19"),
    ("DE", "reduced", "MwSt. 7 %", "0.07"),
    ("JP", "standard", "消費税 10 %", "0.10"),
    ("JP", "reduced", "消費税 8 %", "0.08"),
]


def seed(products: int, seed: int, progress: Progress) -> dict[str, int]:
    """Write zones, shipping methods and tax rates; repeating it adds nothing."""
    zones = {title: _zone(title, places) for title, places in ZONES.items()}
    for position, (code, title, zone, days, prices) in enumerate(METHODS):
        _method(code, title, zones[zone], days, prices, position)
    for country, tax_class, title, rate in RATES:
        _rate(RateDraft(country=country, tax_class=tax_class, title=title, rate=Decimal(rate)))
    progress("shipping methods and taxes", 1, 1)
    return {"shipping methods": len(METHODS), "tax rates": len(RATES)}


def _zone(title: str, places: list[str]) -> UUID:
    """The zone that has the first of the places already, or else one that is made."""
    there = ShippingZone.objects.filter(places__code=places[0]).first()
    zone_id: UUID = (there or write_zone(zone_id=None, title=title, places=places)).pk
    return zone_id


def _method(
    code: str,
    title: str,
    zone_id: UUID,
    days: tuple[int, int],
    prices: dict[str, tuple[int, int | None]],
    position: int,
) -> None:
    there = ShippingMethod.objects.filter(code=code).first()
    draft = MethodDraft(
        code=code,
        title=title,
        kind=Kind.SHIPPING,
        zone_ids=[zone_id],
        priced_by=PricedBy.FLAT,
        min_days=days[0],
        max_days=days[1],
        position=position,
        is_active=True,
        tariffs={currency: _tariff(currency, *amounts) for currency, amounts in prices.items()},
    )
    write_method(draft, method_id=there.pk if there else None)


def _tariff(currency: str, price: int, free_from: int | None) -> Tariff:
    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    free = None if free_from is None else money(free_from)
    return Tariff(priced_by=PricedBy.FLAT, price=money(price), free_from=free)


def _rate(draft: RateDraft) -> None:
    there = TaxRate.objects.filter(country=draft.country, region="", tax_class=draft.tax_class)
    if not there.exists():
        write_rate(draft, rate_id=None)


SEEDER = Seeder(module="orders", run=seed, is_empty=lambda: not ShippingMethod.objects.exists())
