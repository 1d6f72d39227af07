"""The standing words of invoices and credit notes, and how each language writes days, rates and amounts.

Whoever adds a language adds its words here; the font must have its letters (docs/invoices.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_percent

from ecommerce.kernel.amounts import in_words_of
from ecommerce.kernel.money import Money
from modules.orders.logic.languages import spoken

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "invoice": "Invoice",
        # Who sells writes it: § 14 Abs. 2 UStG keeps the German "Gutschrift" for what the buyer writes.
        "credit_note": "Credit note",
        "number": "Number",
        "issued_on": "Date of issue",
        "order": "Order",
        "ordered_on": "Ordered on",
        "paid_on": "Payment received on",
        "supplied_on": "Date of supply",
        "corrects": "Corrects invoice",
        "of": "of",
        "buyer_vat_id": "Customer's VAT ID",
        "ship_to": "Delivery address",
        "item": "Item",
        "quantity": "Quantity",
        "unit_price": "Unit price",
        "rate": "Tax rate",
        "net": "Net",
        "gross": "Total",
        "unit_net": "net",
        "discount": "Discount",
        "discounts": "Discounts agreed, taken off above",
        "shipping": "Shipping",
        "price_reduction": "Reduction of the price",
        "tax": "Tax",
        "tax_on": "on",
        "net_total": "Net total",
        "total": "Total",
        "credited": "Amount credited",
        "vat_id": "VAT ID",
        "tax_number": "Tax number",
        "page": "Page {page} of {pages}",
    },
    "de": {
        "invoice": "Rechnung",
        "credit_note": "Rechnungskorrektur",
        "number": "Nummer",
        "issued_on": "Ausstellungsdatum",
        "order": "Bestellung",
        "ordered_on": "Bestellt am",
        "paid_on": "Zahlung erhalten am",
        "supplied_on": "Lieferdatum",
        "corrects": "Korrigiert Rechnung",
        "of": "vom",
        "buyer_vat_id": "USt-IdNr. des Kunden",
        "ship_to": "Lieferanschrift",
        "item": "Artikel",
        "quantity": "Menge",
        "unit_price": "Einzelpreis",
        "rate": "Steuersatz",
        "net": "Netto",
        "gross": "Gesamt",
        "unit_net": "netto",
        "discount": "Rabatt",
        "discounts": "Vereinbarte Rabatte, oben abgezogen",
        "shipping": "Versand",
        "price_reduction": "Minderung des Preises",
        "tax": "Steuer",
        "tax_on": "auf",
        "net_total": "Nettobetrag",
        "total": "Gesamtbetrag",
        "credited": "Gutgeschriebener Betrag",
        "vat_id": "USt-IdNr.",
        "tax_number": "Steuernummer",
        "page": "Seite {page} von {pages}",
    },
    "ru": {
        "invoice": "Счёт",
        "credit_note": "Кредит-нота",
        "number": "Номер",
        "issued_on": "Дата выставления",
        "order": "Заказ",
        "ordered_on": "Дата заказа",
        "paid_on": "Оплата получена",
        "supplied_on": "Дата поставки",
        "corrects": "Корректирует счёт",
        "of": "от",
        "buyer_vat_id": "Номер НДС покупателя",
        "ship_to": "Адрес доставки",
        "item": "Товар",
        "quantity": "Кол-во",
        "unit_price": "Цена",
        "rate": "Ставка",
        "net": "Без налога",
        "gross": "Сумма",
        "unit_net": "без налога",
        "discount": "Скидка",
        "discounts": "Согласованные скидки, вычтены выше",
        "shipping": "Доставка",
        "price_reduction": "Уменьшение цены",
        "tax": "Налог",
        "tax_on": "с",
        "net_total": "Итого без налога",
        "total": "Итого",
        "credited": "Сумма возврата",
        "vat_id": "Номер НДС",
        "tax_number": "Налоговый номер",
        "page": "Страница {page} из {pages}",
    },
}


@dataclass(frozen=True, kw_only=True)
class Speech:
    """One language's words, and its way to write figures."""

    language: str
    currency: str

    def __getitem__(self, word: str) -> str:
        return WORDS[self.language][word]

    def amount(self, amount: str) -> str:
        """A frozen amount: 1.234,50 €."""
        return in_words_of(self.language, Money.parse(amount, self.currency))

    def day(self, iso: str) -> str:
        """A frozen day: 28. November 2026."""
        text: str = format_date(date.fromisoformat(iso), "long", locale=self.language)
        return text

    def percent(self, rate: str) -> str:
        """A frozen rate: 8,875 %."""
        text: str = format_percent(Decimal(rate), locale=self.language, decimal_quantization=False)
        return text

    def country(self, code: str) -> str:
        """A country's name."""
        name: str = Locale.parse(self.language).territories.get(code, code)
        return name


def speech(language: str, currency: str) -> Speech:
    """How a document in this language speaks."""
    return Speech(language=spoken(language, WORDS), currency=currency)
