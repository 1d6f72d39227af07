"""Taxes of published rules and examples, to the minor unit. Each case says where it is from.

HMRC: "Calculating VAT for VAT-inclusive and VAT-exclusive prices" (its examples: 100 pounds at 20 % and at 5 %; from
a price with VAT its VAT is rate / (100 + rate), the VAT fraction, for 20 % one sixth: VAT Notice 700, section 7).
VAT Notice 700, section 17.5: retailers and invoices round each line, or the whole invoice, to the nearer penny.
UStDV § 35 (1) and UStG § 12: from a German price with VAT the VAT is price x 19 / 119, or x 7 / 107.
Shopify's documentation as told by Sufio, "Include or exclude tax from product prices": 20 euros with 20 % French VAT.
SSUTA: Streamlined Sales and Use Tax Agreement, section 324 (so Revised Code of Washington 82.08.054): tax is carried to
the third decimal place and rounded up to the next cent where that is greater than four, by item or by invoice.
CDTFA: the statewide rate of California, 7.25 %; Regulation 1628 (a) and Publication 100: transportation by a common
carrier that is stated separately is not taxed.
Japan: Consumption Tax Act, art. 29 (10 %, 8 % reduced, local tax included); Order for its Enforcement, art. 70-10: on a
qualified invoice the tax is rounded once for each rate, not for each article.
Directive 2006/112/EC art. 1 (2): tax in exact proportion to the price; art. 78: it is levied on delivery costs, too.
"""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from ecommerce.kernel.money import Money
from modules.orders.logic.pricing import Rate, Rounding, price_order
from modules.orders.tests.carts import cart


@dataclass(frozen=True, kw_only=True)
class Case:
    """Lines of (price, quantity, tax class) in minor units; percents by tax class; what it must come to."""

    source: str
    currency: str
    included: bool
    rates: dict[str, str]
    lines: list[tuple[int, int, str]]
    tax: int
    total: int
    shipping: int = 0
    shipping_taxed: bool = True
    rounding: Rounding = Rounding.LINE


UK, DE, JP = {"standard": "20", "reduced": "5"}, {"standard": "19", "reduced": "7"}, {"standard": "10", "reduced": "8"}
TOTAL = Rounding.TOTAL
CASES = [
    Case(source="HMRC: 100 pounds and 20 % are 120", currency="GBP", included=False, rates=UK,
         lines=[(10000, 1, "standard")], tax=2000, total=12000),
    Case(source="HMRC: 100 pounds and 5 % are 105", currency="GBP", included=False, rates=UK,
         lines=[(10000, 1, "reduced")], tax=500, total=10500),
    Case(source="HMRC: of 120 pounds with VAT a sixth is VAT", currency="GBP", included=True, rates=UK,
         lines=[(12000, 1, "standard")], tax=2000, total=12000),
    Case(source="HMRC: the VAT fraction of 5 % is 1/21", currency="GBP", included=True, rates=UK,
         lines=[(10500, 1, "reduced")], tax=500, total=10500),
    Case(source="Notice 700, 17.5: by line, 3 x 0.5 p are 3 p", currency="GBP", included=False, rates={"standard": "5"},
         lines=[(10, 1, "standard")] * 3, tax=3, total=33),
    Case(source="Notice 700, 17.5: by invoice, 1.5 p are 2 p", currency="GBP", included=False, rates={"standard": "5"},
         lines=[(10, 1, "standard")] * 3, tax=2, total=32, rounding=TOTAL),
    Case(source="UStDV § 35: 149.95 x 19 / 119", currency="EUR", included=True, rates=DE,
         lines=[(14995, 1, "standard")], tax=2394, total=14995),
    Case(source="UStDV § 35 with two rates: each sum by its own", currency="EUR", included=True, rates=DE,
         lines=[(11900, 1, "standard"), (10700, 1, "reduced")], tax=2600, total=22600),
    Case(source="Shopify: 20 euros hold 3.33 of 20 % VAT", currency="EUR", included=True, rates={"standard": "20"},
         lines=[(2000, 1, "standard")], tax=333, total=2000),
    Case(source="Shopify: 20 euros and 20 % VAT are 24", currency="EUR", included=False, rates={"standard": "20"},
         lines=[(2000, 1, "standard")], tax=400, total=2400),
    Case(source="Shopify: 20 euros for the United States bear no tax", currency="EUR", included=True, rates={},
         lines=[(2000, 1, "standard")], tax=0, total=2000),
    Case(source="Art. 78: delivery costs are taxed with the goods", currency="EUR", included=False, rates=DE,
         lines=[(10000, 1, "standard")], shipping=490, tax=1900 + 93, total=12483),
    Case(source="SSUTA 324 by item: 0.0245 and 0.0245 are 2 and 2", currency="USD", included=False,
         rates={"standard": "7"}, lines=[(35, 1, "standard")] * 2, tax=4, total=74),
    Case(source="SSUTA 324 by invoice: 0.049 is 5", currency="USD", included=False, rates={"standard": "7"},
         lines=[(35, 1, "standard")] * 2, tax=5, total=75, rounding=TOTAL),
    Case(source="SSUTA 324: a third decimal of 5 rounds up", currency="USD", included=False, rates={"standard": "5"},
         lines=[(2510, 1, "standard")], tax=126, total=2636),
    Case(source="SSUTA 324: a third decimal of 4 does not", currency="USD", included=False, rates={"standard": "6"},
         lines=[(1740, 1, "standard")], tax=104, total=1844),
    Case(source="CDTFA: 7.25 % of 100.00, postage untaxed", currency="USD", included=False, rates={"standard": "7.25"},
         lines=[(10000, 1, "standard")], shipping=590, shipping_taxed=False, tax=725, total=11315),
    Case(source="CDTFA: 7.25 % of 19.99 is 1.449", currency="USD", included=False, rates={"standard": "7.25"},
         lines=[(1999, 1, "standard")], tax=145, total=2144),
    Case(source="Japan: once per rate, 8 % of 3 x 98 is 23.52", currency="JPY", included=False, rates=JP,
         lines=[(98, 1, "reduced")] * 3, tax=24, total=318, rounding=TOTAL),
    Case(source="Japan: not for each article, where 3 x 7.44 would be 21", currency="JPY", included=False, rates=JP,
         lines=[(93, 1, "reduced")] * 3, tax=22, total=301, rounding=TOTAL),
    Case(source="Japan: both rates on one invoice", currency="JPY", included=True, rates=JP,
         lines=[(1100, 1, "standard"), (1080, 2, "reduced")], tax=100 + 160, total=3260, rounding=TOTAL),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.source for case in CASES])
def test_a_published_example_comes_to_what_its_source_says(case: Case) -> None:
    rates = {tax_class: Rate(title=tax_class, rate=Fraction(of) / 100) for tax_class, of in case.rates.items()}
    priced = price_order(
        cart(*((price, quantity, 0, tax_class) for price, quantity, tax_class in case.lines), currency=case.currency),
        shipping_price=Money(minor=case.shipping, currency=case.currency),
        rates=rates,
        prices_include_tax=case.included,
        rounding=case.rounding,
        shipping_taxed=case.shipping_taxed,
    )

    assert (priced.tax_total.minor, priced.total.minor) == (case.tax, case.total)
