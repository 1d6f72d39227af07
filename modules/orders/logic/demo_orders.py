"""Inventing past orders: who bought, when, what, and what became of it: the same numbers, the same orders."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from modules.orders.logic.demo_buyers import Buyer, Randomness, invent_buyer
from modules.orders.logic.demo_purchases import PRICES, Line, PastOrder, tax_in
from modules.orders.logic.demo_rows import Rows, add_rows
from modules.orders.logic.demo_stories import Story, choose_story

BEGAN_AT = datetime(2024, 1, 5, 8, tzinfo=UTC)
LASTED = timedelta(days=731)
CUSTOMERS_SHARE = 0.6
GOODS = 2000


class Ids:
    """An order's ids, in the order of their making: UUIDv7 of the moment it was begun."""

    def __init__(self, chance: Randomness, at: datetime) -> None:
        self._bits, self._time = chance.getrandbits, (int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62)

    def __iter__(self) -> "Ids":
        return self

    def __next__(self) -> str:
        return f"{self._time | (self._bits(12) << 64) | self._bits(62):032x}"


def add_order(rows: Rows, seed: int, number: int, of: int) -> None:
    """Add the rows of one of so many orders; the same each time."""
    chance = Randomness((seed << 64) | (of << 32) | number)
    age = number / of
    placed_at = BEGAN_AT + LASTED * age
    ids, story = Ids(chance, placed_at), choose_story(chance, age)
    order_id, (buyer, customer_id) = next(ids), _buyer(seed, chance, number, of)
    lines = _lines(chance, ids, buyer.currency, story)
    past = PastOrder(ids, order_id, number, customer_id, buyer, story, lines, placed_at)
    add_rows(rows, past)


def _buyer(seed: int, chance: Randomness, number: int, of: int) -> tuple[Buyer, UUID | None]:
    """A customer who comes again, or a guest."""
    if chance.random() > CUSTOMERS_SHARE:
        return invent_buyer(chance, number), None
    customer = int((of / 5) * chance.random() ** 2)
    own = Randomness((seed << 96) | customer)
    customer_id = UUID(int=own.getrandbits(128), version=4)
    return invent_buyer(own, of + customer), customer_id


def _lines(chance: Randomness, ids: Ids, currency: str, story: Story) -> list[Line]:
    # Few goods are in many orders, most in few; nothing is in an order twice.
    chosen = {int(GOODS * chance.random() ** 3): None for _ in range(chance.choices((1, 2, 3), (60, 28, 12))[0])}
    percent, off = PRICES[currency][4], 10 if chance.random() < 0.12 else 0
    lines: list[Line] = []
    for goods in chosen:
        price, quantity = _price(goods, currency), chance.choices((1, 2, 3), (80, 15, 5))[0]
        if story.sent == "one" and not lines:
            quantity = max(2, quantity)
        discount = quantity * price * off // 100
        total = quantity * price - discount
        lines.append(Line(next(ids), goods, quantity, price, discount, tax_in(total, percent), total))
    return lines


def _price(goods: int, currency: str) -> int:
    euros = 990 + 100 * (goods * 37 % 120)
    return euros * 2 if currency == "JPY" else euros
