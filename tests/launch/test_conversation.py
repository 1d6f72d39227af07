"""How the demo shows JSON: shortened, and still JSON-like."""

from ecommerce.launch.conversation import pretty


def test_what_fits_stays_on_one_line():
    assert pretty({"currency": "EUR", "quantity": 1}) == '{"currency": "EUR", "quantity": 1}'


def test_long_lists_show_their_beginning():
    assert pretty({"results": [1, 2, 3, 4, 5]}) == '{"results": [1, 2, "… 3 more"]}'


def test_long_texts_are_cut():
    assert pretty("x" * 100) == '"' + "x" * 80 + '…"'


def test_what_does_not_fit_takes_lines():
    cart = {"id": "0" * 36, "items": [{"sku": "A" * 30, "title": "B" * 30}]}
    assert pretty(cart).splitlines() == [
        "{",
        f'  "id": "{"0" * 36}",',
        f'  "items": [{{"sku": "{"A" * 30}", "title": "{"B" * 30}"}}]',
        "}",
    ]
