"""The demonstration shop's shipping and taxes: Germany, the United States and Japan."""

from decimal import Decimal

from ecommerce.kernel.db import atomic
from ecommerce.kernel.registry import Progress, Seeder
from modules.orders.models import ShippingMethod, ShippingPrice, TaxRate

# code, title, countries, days, prices by currency: (minor units, free from)
METHODS: list[tuple[str, str, list[str], tuple[int, int], dict[str, tuple[int, int | None]]]] = [
    ("standard", "Standard", ["DE"], (2, 4), {"EUR": (490, 5000), "USD": (590, 6000), "JPY": (800, 8000)}),
    ("express", "Express", ["DE"], (1, 1), {"EUR": (1290, None), "USD": (1490, None), "JPY": (2000, None)}),
    (
        "international",
        "International",
        ["US", "JP"],
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
    """Write shipping methods and tax rates; repeating it adds nothing."""
    with atomic(ShippingMethod):
        for position, (code, title, countries, days, prices) in enumerate(METHODS):
            _method(code, title, countries, days, prices, position)
        for country, tax_class, title, rate in RATES:
            defaults = {"title": title, "rate": Decimal(rate)}
            TaxRate.objects.update_or_create(country=country, tax_class=tax_class, defaults=defaults)
    progress("shipping methods and taxes", 1, 1)
    return {"shipping methods": len(METHODS), "tax rates": len(RATES)}


def _method(
    code: str,
    title: str,
    countries: list[str],
    days: tuple[int, int],
    prices: dict[str, tuple[int, int | None]],
    position: int,
) -> None:
    fields = {"title": title, "countries": countries, "min_days": days[0], "max_days": days[1], "position": position}
    method, _ = ShippingMethod.objects.update_or_create(code=code, defaults=fields)
    for currency, (price, free_from) in prices.items():
        amounts = {"price_minor": price, "free_from_minor": free_from}
        ShippingPrice.objects.update_or_create(method=method, currency=currency, defaults=amounts)


SEEDER = Seeder(module="orders", run=seed, is_empty=lambda: not ShippingMethod.objects.exists())
