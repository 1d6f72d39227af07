import re
from html import unescape

import pytest

from ecommerce.kernel.amounts import in_words_of
from ecommerce.kernel.money import Money
from modules.notifications.logic import letters
from modules.notifications.logic.letters import Letter
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_parcel, an_order, eur
from modules.orders.contracts import Order, PaymentState

pytestmark = pytest.mark.django_db


def order_confirmed(order: Order) -> Letter:
    return letters.about_order(Message.Topic.ORDER_CONFIRMED, order, order.id)


@pytest.mark.parametrize(
    ("language", "money", "text"),
    [
        ("en", Money(minor=123450, currency="EUR"), "€1,234.50"),
        ("de", Money(minor=123450, currency="EUR"), "1.234,50\xa0€"),
        ("ru", Money(minor=123450, currency="EUR"), "1\xa0234,50\xa0€"),
        ("en", Money(minor=1990, currency="JPY"), "¥1,990"),
        ("en", Money(minor=1250, currency="KWD"), "KWD\xa01.250"),
        ("en", Money(minor=1990, currency="MGA"), "MGA\xa019.90"),
        ("en", Money(minor=-500, currency="USD"), "-$5.00"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency_and_the_signs_of_the_language(language, money, text):
    assert in_words_of(language, money) == text


def test_the_text_holds_the_number_the_lines_the_totals_the_address_and_the_link():
    assert order_confirmed(an_order()).text == (
        "Thank you for your order.\n"
        "\n"
        "Your order 1001 is confirmed.\n"
        "\n"
        "2 x Lamp <small> (Green, M)\n"
        "    LAMP-1, €610.00: €1,220.00\n"
        "1 x Poster\n"
        "    POSTER, €20.00: €20.00\n"
        "\n"
        "Subtotal: €1,240.00\n"
        "Discount: -€5.00\n"
        "Shipping: €4.90\n"
        "Total: €1,239.90 (includes tax: €197.96)\n"
        "\n"
        "We ship to:\n"
        "    Ada Lovelace\n"
        "    Unter den Linden 1\n"
        "    10117 Berlin\n"
        "    Germany\n"
        "\n"
        "See your order: https://shop.example/orders/1001?token=secret-token\n"
    )


def test_tax_that_comes_on_top_is_a_line_of_its_own():
    order = an_order(discount_total=eur(0), tax_total=eur(10000), total=eur(134490))
    text = order_confirmed(order).text
    assert "Shipping: €4.90\nTax: €100.00\nTotal: €1,344.90\n" in text
    assert "Discount" not in text


def test_the_html_escapes_what_people_typed():
    html = order_confirmed(an_order(link="https://shop.example/?a=1&b=2")).html
    assert "Lamp &lt;small&gt;" in html
    assert "Lamp <small>" not in html
    assert 'href="https://shop.example/?a=1&amp;b=2"' in html


@pytest.mark.parametrize(
    ("wanted", "written", "subject"),
    [
        ("de", "de", "Ihre Bestellung 1001 ist bestätigt"),
        ("de-AT", "de", "Ihre Bestellung 1001 ist bestätigt"),
        ("ru", "ru", "Ваш заказ 1001 подтверждён"),
        ("fr", "en", "Your order 1001 is confirmed"),
        ("", "en", "Your order 1001 is confirmed"),
    ],
)
def test_the_letter_is_in_the_buyers_language_where_there_is_one(wanted, written, subject):
    letter = order_confirmed(an_order(language=wanted))
    assert (letter.language, letter.subject) == (written, subject)


def test_typed_line_breaks_make_no_lines_in_the_letter():
    order = an_order(number="1001\r\nBcc: eve@example.com", shipping_address={"full_name": "Ada\n\nBuy here"})
    letter = order_confirmed(order)
    assert letter.subject == "Your order 1001 Bcc: eve@example.com is confirmed"
    assert "    Ada Buy here\n" in letter.text


ABOUT_ORDERS = [
    "order_confirmed",
    "order_shipped",
    "order_delivered",
    "order_cancelled",
    "order_edit_offered",
    "payment_failed",
    "payment_refunded",
    "return_received",
    "return_rejected",
]


@pytest.mark.parametrize("language", letters.TRANSLATED)
@pytest.mark.parametrize("topic", ABOUT_ORDERS)
def test_every_letter_about_an_order_has_its_number_its_link_and_no_gap_in_each_language(topic, language):
    parcel = a_parcel()
    letter = letters.about_order(topic, an_order(language=language, shipments=[parcel]), parcel.id, eur(1234))
    assert letter.language == language
    assert "1001" in letter.subject
    html = unescape(letter.html)
    for body in (letter.text, html):
        assert "https://shop.example/orders/1001?token=secret-token" in body
        assert not re.search(r"\{[{%]|None", body)
    assert "\n\n\n" not in letter.text
    money = {"en": "€12.34", "de": "12,34\xa0€", "ru": "12,34\xa0€"}[language]
    assert (money in letter.text) == (money in html) == (topic in ("order_edit_offered", "payment_refunded"))


def test_no_language_says_the_same_as_another():
    parcel = a_parcel()
    for topic in ABOUT_ORDERS:
        said = [
            letters.about_order(topic, an_order(language=language, shipments=[parcel]), parcel.id, eur(1))
            for language in letters.TRANSLATED
        ]
        assert len({letter.subject for letter in said}) == len({letter.text for letter in said}) == len(said)


def test_a_parcels_letter_tells_what_is_in_it_and_where_it_is_followed():
    parcel = a_parcel()
    letter = letters.about_order("order_shipped", an_order(shipments=[a_parcel(), parcel]), parcel.id)
    assert letter.text == (
        "Your parcel is on its way.\n"
        "\n"
        "These goods of your order 1001 have left our house:\n"
        "\n"
        "1 x Lamp <small> (Green, M)\n"
        "\n"
        "DHL 00340434\n"
        "Follow your parcel: https://carrier.example/?n=00340434\n"
        "\n"
        "See your order: https://shop.example/orders/1001?token=secret-token\n"
    )
    assert 'href="https://carrier.example/?n=00340434"' in letter.html


def test_a_parcel_without_a_number_is_followed_nowhere():
    parcel = a_parcel(carrier="", tracking_number="", tracking_url=None)
    letter = letters.about_order("order_shipped", an_order(shipments=[parcel]), parcel.id)
    assert "1 x Lamp <small> (Green, M)\n\nSee your order" in letter.text


@pytest.mark.parametrize(
    ("state", "told"), [("paid", True), ("authorized", True), ("unpaid", False), ("failed", False)]
)
def test_money_comes_back_for_a_cancelled_order_that_was_paid(state, told):
    order = an_order(payment_status=PaymentState(state))
    letter = letters.about_order("order_cancelled", order, order.id)
    assert ("comes back to you" in letter.text, "comes back to you" in letter.html) == (told, told)


def test_the_shop_and_its_address_stand_in_every_mail(settings):
    settings.SHOP_NAME, settings.SHOP_ADDRESS = "Lamps & Co", ["Main Street 1", "10117 Berlin"]
    html = order_confirmed(an_order()).html
    assert "Lamps &amp; Co" in html
    assert "Main Street 1 · 10117 Berlin" in html
