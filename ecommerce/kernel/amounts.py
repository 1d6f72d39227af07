"""Amounts as people of a language write them: in letters and on invoices."""

import re
from copy import copy
from decimal import Decimal

from babel import Locale

from ecommerce.kernel.money import EXPONENTS, Money


def in_words_of(language: str, money: Money) -> str:
    """ "1.234,50 €" in German, "€1,234.50" in English: exactly the decimals that ISO 4217 gives the currency."""
    locale = Locale.parse(language)
    pattern = copy(locale.currency_formats["standard"])
    # Babel's own precision is CLDR's, which leaves out decimals that some currencies have (MGA).
    pattern.frac_prec = (EXPONENTS[money.currency],) * 2
    text: str = pattern.apply(Decimal(money.amount), locale, currency=money.currency, currency_digits=False)
    return _BETWEEN_CODE_AND_DIGIT.sub("\N{NO-BREAK SPACE}", text)


# As CLDR asks and Babel does not: "KWD 1.250", but "€1.25".
_BETWEEN_CODE_AND_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
