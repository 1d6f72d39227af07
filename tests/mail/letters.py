"""Every letter in every language, on the example order, in the currency of a country that speaks so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from modules.notifications.logic import previews, wording
from modules.notifications.logic.layout import Letter
from modules.notifications.logic.letters import LINK
from modules.orders.contracts import Order

# In the United States tax comes on top; Kazakhstan's amounts are long.
CURRENCIES = {"en": "USD", "de": "EUR", "ru": "KZT"}
# As long as those that are sent.
URL = "https://shop.example/orders/1042?token=" + "Zx3kQ9" * 14
SHOP: dict[str, Any] = {
    "SHOP_NAME": "Lumen & Co",
    "SHOP_ADDRESS": ["Lumen & Co GmbH", "Unter den Linden 1", "10117 Berlin", "HRB 12345"],
    "STOREFRONT_URL": "https://shop.example",
}


@dataclass(frozen=True)
class Sample:
    """One letter as it would arrive; one that is a `trial` is looked at, and no picture is taken of it."""

    name: str
    language: str
    letter: Letter
    is_trial: bool = False


def samples() -> Iterator[Sample]:
    """All of them, and the confirmation of an order that is hard to fit on a phone."""
    for language in wording.TRANSLATED:
        order = previews.example_order(language, CURRENCIES[language])
        for topic in wording.GAPS:
            yield Sample(str(topic), language, _arrived(topic, language, order))
        letter = _arrived("order_confirmed", language, _unwieldy(order))
        yield Sample("order_confirmed, unwieldy", language, letter, is_trial=True)


def _arrived(topic: str, language: str, order: Order) -> Letter:
    letter = previews.preview(topic, language, wording.ours(topic, language), order)
    return replace(letter, text=letter.text.replace(LINK, URL), html=letter.html.replace(LINK, URL))


def _unwieldy(order: Order) -> Order:
    """Titles of one word, seven figures before the point and three behind it."""
    dear = previews.example_order(order.language, "KWD")
    lines = [
        replace(
            line,
            title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
            unit_price=replace(line.unit_price, minor=1_234_567_250),
            total=replace(line.total, minor=1_234_567_250),
        )
        for line in dear.lines
    ]
    return replace(dear, lines=lines, total=replace(dear.total, minor=9_876_543_125))
