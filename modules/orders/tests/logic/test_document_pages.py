"""What an invoice shows: everything that the law asks for, read back from the PDF, in three languages.

§ 14 Abs. 4 UStG numbers what an invoice must show; Directive 2006/112/EC art. 226 does it in other words.
"""

from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings

from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.logic import documents
from modules.orders.logic.document_words import WORDS
from modules.orders.logic.exemptions import NOTES
from modules.orders.models import Document, Order
from modules.orders.tests.api.after_sale import paid_order, post, ship, staff
from modules.orders.tests.documents import SELLER, invoiced_order, promise_invoice, text_of
from modules.orders.tests.factories import OrderLineFactory
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

BILLING = {
    "company": "Lovelace Ltd",
    "full_name": "Ada Lovelace",
    "line1": "Rue de la Paix 2",
    "city": "Paris",
    "postal_code": "75002",
    "country": "FR",
}
EUR = {"currency": "EUR"}
TAXES = [
    {"title": "MwSt. 19 %", "rate": "0.19", "base": EUR | {"amount": "37.72"}, "amount": EUR | {"amount": "7.16"}},
]


@pytest.fixture(autouse=True)
def told_of_the_seller() -> Any:
    with override_settings(**SELLER), time_machine.travel("2026-11-28T11:00:00Z", tick=False):
        yield


def invoice(world: World, **fields: Any) -> Document:
    order = invoiced_order(world, **({"taxes": TAXES, "number": "1001"} | fields))
    return Document.objects.get(order=order, kind="invoice")


def has(text: str, *parts: str) -> None:
    assert [part for part in parts if part not in text] == [], text


# ── what the law asks for ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_invoice_names_all_that_german_law_asks_for(shop: World) -> None:
    text = text_of(invoice(shop, language="de", billing_address=BILLING, vat_id="FR40303265045"))

    # Nr. 1: the full name and address of seller and buyer.
    has(text, "Müller & Söhne GmbH Hauptstraße 1 10115 Berlin Deutschland")
    has(text, "Lovelace Ltd Ada Lovelace Rue de la Paix 2 75002 Paris Frankreich")
    # Nr. 2: the seller's tax number or VAT identification number; the buyer's where he gave one (art. 226(4)).
    has(text, "USt-IdNr.: DE136695976", "Steuernummer: 30/123/45678", "USt-IdNr. des Kunden FR40303265045")
    # Nr. 3 and 4: the day of issue and a number of its own.
    has(text, "Ausstellungsdatum 28. November 2026", "Nummer R-2026-000001", "Rechnung R-2026-000001")
    # Nr. 5: how much of what.
    has(text, "Shirt SHIRT-M · Size: M 2 19,99 €", "Versand: Standard 1 4,90 €")
    # Nr. 6: when it is supplied, or was paid for before.
    has(text, "Zahlung erhalten am 28. November 2026")
    # Nr. 7: what each rate is charged on; the unit price without tax (art. 226(8)).
    has(text, "Nettobetrag 37,72 €", "netto 16,80 €", "33,60 € 39,98 €")
    # Nr. 8: the rate, and what the tax comes to.
    has(text, "19 %", "MwSt. 19 % auf 37,72 € 7,16 €", "Gesamtbetrag 44,88 €")
    # Where it goes, if not to who pays.
    has(text, "Lieferanschrift: Ada Lovelace, Unter den Linden 1, 10117 Berlin, Deutschland")
    has(text, "Bestellung 1001", "Amtsgericht Berlin HRB 1", "Seite 1 von 1")


def test_discounts_that_were_agreed_are_named(shop: World) -> None:
    """Nr. 7, second half; art. 226(8)."""
    discount = {
        "promotion_id": "1",
        "code": "SUMMER",
        "title": "Summer",
        "amount": {"amount": "5.00", "currency": "EUR"},
    }
    order = paid_order(
        shop,
        discount_minor=500,
        total_minor=3988,
        captured_minor=3988,
        tax_minor=636,
        discounts=[discount],
        taxes=TAXES,
    )
    order.lines.update(discount_minor=500, total_minor=3498, tax_minor=558)
    promise_invoice(order)
    relay_until_quiet()

    has(
        text_of(Document.objects.get()),
        "Discount: -€5.00",
        "Discounts agreed, taken off above: Summer -€5.00",
        "€34.98",
    )


def test_what_makes_the_shipping_free_is_named_without_an_amount(shop: World) -> None:
    free = {
        "promotion_id": "1",
        "code": None,
        "title": "Free shipping",
        "amount": {"amount": "0.00", "currency": "EUR"},
    }
    order = paid_order(
        shop,
        shipping_minor=0,
        shipping_tax_minor=0,
        total_minor=3998,
        captured_minor=3998,
        tax_minor=638,
        discounts=[free],
        taxes=TAXES,
    )
    promise_invoice(order)
    relay_until_quiet()

    has(text_of(Document.objects.get()), "Discounts agreed, taken off above: Free shipping", "€39.98")


def test_an_exempt_supply_says_why_it_is(shop: World) -> None:
    """Nr. 8, last half; art. 226(11)."""
    exempt = {"title": "Intra-Community supply", "rate": "0"}
    told = [exempt | {"base": EUR | {"amount": "44.88"}, "amount": EUR | {"amount": "0.00"}}]
    order = paid_order(
        shop,
        language="de",
        prices_include_tax=False,
        tax_minor=0,
        shipping_tax_minor=0,
        taxes=told,
        tax_exemption="intra_community_supply",
        vat_id="FR40303265045",
    )
    order.lines.update(tax_minor=0, tax_rate=0)
    promise_invoice(order)
    relay_until_quiet()

    text = text_of(Document.objects.get())
    has(text, "Steuerfreie innergemeinschaftliche Lieferung: Art. 138 Abs. 1 der Richtlinie 2006/112/EG.")
    has(text, "FR40303265045", "DE136695976", "0 %", "Intra-Community supply (0 %) auf 44,88 € 0,00 €")


def test_a_supply_that_came_before_the_invoice_is_dated(shop: World) -> None:
    order = paid_order(shop)
    ship(order)
    promise_invoice(order)
    relay_until_quiet()

    has(text_of(Document.objects.get()), "Date of supply November 28, 2026")


def test_each_rate_is_told_apart(shop: World) -> None:
    order = paid_order(shop, subtotal_minor=5068, tax_minor=786, total_minor=5558, captured_minor=5558)
    OrderLineFactory.create(
        order=order, position=1, title="Buch", sku="BOOK", quantity=1, unit_price_minor=1070, tax_minor=70,
        total_minor=1070, tax_rate="0.0700", tax_class="reduced",
    )  # fmt: skip
    promise_invoice(order)
    relay_until_quiet()

    document = Document.objects.get()
    assert document.snapshot["taxes"] == [
        {"rate": "0.19", "title": "", "net": "37.72", "tax": "7.16"},
        {"rate": "0.07", "title": "", "net": "10.00", "tax": "0.70"},
    ]
    has(text_of(document), "Tax (19%) on €37.72 €7.16", "Tax (7%) on €10.00 €0.70", "Total €55.58")


def test_a_credit_note_names_its_invoice(shop: World) -> None:
    """Art. 219: it refers to it specifically and unambiguously. It is no "Gutschrift", which the buyer would write."""
    invoice(shop, language="de")
    body = {"amount": {"amount": "4.49", "currency": "EUR"}, "reason": "Scratched"}
    post(staff(), Order.objects.get(), "refunds/", body, key="key")

    text = text_of(Document.objects.get(kind="credit_note"))
    has(text, "Rechnungskorrektur G-2026-000001", "Korrigiert Rechnung R-2026-000001 vom 28. November 2026")
    has(text, "Minderung des Preises", "MwSt. 19 % auf 3,77 € 0,72 €", "Gutgeschriebener Betrag 4,49 €")
    assert "Scratched" not in text
    assert "Gutschrift" not in text


# ── languages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_language_has_every_word() -> None:
    assert {language: set(words) for language, words in WORDS.items()} == {key: set(WORDS["en"]) for key in WORDS}
    assert {exemption: set(notes) for exemption, notes in NOTES.items()} == {key: set(WORDS) for key in NOTES}


@pytest.mark.parametrize(
    ("language", "title", "total", "day"),
    [
        ("en", "Invoice R-2026-000001", "Total €44.88", "November 28, 2026"),
        ("de-AT", "Rechnung R-2026-000001", "Gesamtbetrag 44,88 €", "28. November 2026"),
        ("ru", "Счёт R-2026-000001", "Итого 44,88 €", "28 ноября 2026 г."),
        ("ja", "Invoice R-2026-000001", "Total €44.88", "November 28, 2026"),
    ],
)
def test_an_invoice_speaks_the_orders_language(shop: World, language: str, title: str, total: str, day: str) -> None:
    document = invoice(shop, language=language)

    has(text_of(document), title, total, day)
    pdf = pypdfium2.PdfDocument(documents.pages_of(document))
    assert pdf.get_metadata_dict()["Title"] == title
    pdf.close()


@pytest.mark.parametrize("language", ["fr", "de-at"])
def test_words_and_note_are_of_one_language_and_stay_in_it(shop: World, language: str) -> None:
    with override_settings(LANGUAGE_CODE="de-at"):
        document = invoice(shop, language=language, tax_exemption="intra_community_supply")
        before = documents.pages_of(document)

    # The shop speaks English again.
    assert (document.language, documents.pages_of(document)) == ("de", before)
    has(
        text_of(document),
        "Rechnung R-2026-000001",
        "Gesamtbetrag 44,88 €",
        "Steuerfreie innergemeinschaftliche Lieferung",
    )


def test_amounts_have_the_decimals_of_their_currency(shop: World) -> None:
    document = invoice(shop, currency="JPY", taxes=[])

    has(text_of(document), "Total ¥4,488", "¥1,999")


# ── paper ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_document_is_the_same_bytes(shop: World) -> None:
    document = invoice(shop)

    assert documents.pages_of(document) == documents.pages_of(Document.objects.get())


def test_an_invoice_stays_as_it_was_when_its_order_forgets_or_the_shop_moves(shop: World) -> None:
    document = invoice(shop)
    before = documents.pages_of(document)
    Order.objects.update(billing_address={"country": "DE"}, email="", vat_id="")

    with override_settings(SHOP_NAME="Another", SHOP_ADDRESS=[]):
        assert documents.pages_of(Document.objects.get()) == before


def test_a_hundred_lines_go_over_pages_under_one_heading(shop: World) -> None:
    order = paid_order(shop)
    for place in range(1, 100):
        OrderLineFactory.create(
            order=order, position=place, title=f"Thing {place}", unit_price_minor=0, tax_minor=0, total_minor=0
        )
    promise_invoice(order)
    relay_until_quiet()

    text = text_of(Document.objects.get())
    assert [place for place in range(1, 100) if f"Thing {place} " not in text] == []
    assert (text.count("Unit price"), text.count("Page 1 of 5"), text.count("Page 5 of 5")) == (5, 1, 1)


@pytest.mark.parametrize(
    "title",
    [
        "W" * 200,
        "日本語のとても長い商品名" * 16,
        "<b>bold</b> & <unclosed",
        "a\x01b\nc\t\ud83d",
        "😀" * 50,
        "مرحبا",
        " ",
    ],
)
def test_whatever_is_typed_is_printed_within_its_column(shop: World, title: str) -> None:
    document = invoice(shop)
    document.snapshot["rows"][0]["title"] = title
    document.snapshot["buyer"]["address"]["full_name"] = title

    pdf = pypdfium2.PdfDocument(documents.pages_of(document))
    page = pdf[0].get_textpage()
    boxes = [page.get_rect(index) for index in range(page.count_rects())]
    assert all(left > 50 and right < 545 for left, _, right, _ in boxes)
    pdf.close()


def test_what_looks_like_markup_is_text(shop: World) -> None:
    order = paid_order(shop)
    order.lines.update(title="<b>bold</b> & <img src='x'/>")
    promise_invoice(order)
    relay_until_quiet()

    has(text_of(Document.objects.get()), "<b>bold</b> & <img src='x'/>")


# ── against the checkout ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_figures_are_those_that_the_checkout_told(shop: World, check_out: Any) -> None:
    from modules.orders.tests.documents import capture

    told = check_out(shop.add_cart(quantity=3, minor=3333)).json()["order"]
    order = Order.objects.get()
    capture(order)
    relay_until_quiet()

    snapshot = Document.objects.get().snapshot
    assert (snapshot["total"], snapshot["tax"]) == (told["total"]["amount"], told["tax_total"]["amount"])
    assert [(one["title"], one["rate"], one["net"], one["tax"]) for one in snapshot["taxes"]] == [
        (one["title"], one["rate"], one["base"]["amount"], one["amount"]["amount"]) for one in told["taxes"]
    ]
    assert sum(Decimal(row["total"]) for row in snapshot["rows"]) == Decimal(snapshot["total"])


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def warnings(capsys: Any, **changed: Any) -> list[str]:
    with override_settings(**changed):
        call_command("check", deploy=True, fail_level="CRITICAL")
    told: str = capsys.readouterr().err
    return sorted(line.split("shop.W002) ")[1] for line in told.splitlines() if "shop.W002" in line)


def test_deploying_a_shop_whose_invoices_name_no_seller_is_warned_of(capsys: Any) -> None:
    nobody = {"SHOP_NAME": "", "SHOP_ADDRESS": [], "SHOP_VAT_ID": "", "SHOP_TAX_NUMBER": ""}

    assert warnings(capsys, **nobody) == [
        "Invoices lack the number that the tax office knows the shop by: set SHOP_VAT_ID or SHOP_TAX_NUMBER.",
        "Invoices lack the shop's full address: set SHOP_ADDRESS.",
        "Invoices lack the shop's full name: set SHOP_NAME.",
    ]
    assert warnings(capsys) == warnings(capsys, SHOP_VAT_ID="") == []
