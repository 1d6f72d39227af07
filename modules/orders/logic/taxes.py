"""Which tax applies where."""

from fractions import Fraction

from modules.orders.logic.pricing import Rate
from modules.orders.models import TaxRate

# Where listed prices are by habit without tax; elsewhere consumers are shown prices with it (EU: 98/6/EC art. 2).
CURRENCIES_WITHOUT_TAX = frozenset({"USD", "CAD"})


def rates_in(country: str) -> dict[str, Rate]:
    """The rates of a country (ISO 3166-1 alpha-2) by tax class; none where nothing is charged."""
    rows = TaxRate.objects.filter(country=country).order_by("tax_class")
    return {row.tax_class: Rate(title=row.title, rate=Fraction(row.rate)) for row in rows}


def prices_include_tax(currency: str) -> bool:
    """Whether prices listed in that currency include tax."""
    return currency not in CURRENCIES_WITHOUT_TAX
