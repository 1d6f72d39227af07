import pytest

from ecommerce.kernel.amounts import in_words_of
from ecommerce.kernel.money import Money
from modules.notifications.logic.letters import order_confirmed
from modules.notifications.tests.factories import an_order, eur


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
