"""A past order before it is rows: its lines, its amounts, and when what happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from modules.orders.logic.demo_buyers import Buyer
from modules.orders.logic.demo_stories import Payment, Status, Story

# What is still to be paid waits for a transfer, which has no last day.
SOME_DAY = datetime(2100, 1, 1, tzinfo=UTC)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
SOLD = (Status.CONFIRMED, Status.PROCESSING, Status.SHIPPED, Status.DELIVERED)
# How long after it was placed.
ENDS: dict[str, timedelta] = {
    Status.DELIVERED: A_DAY * 3, Status.CANCELLED: AN_HOUR * 6, Status.EXPIRED: AN_HOUR / 2,
}  # fmt: skip
# Currency: shipping's code and title, its price, free from, and what of a price is tax.
PRICES = {
    "EUR": ("standard", "Standard", 490, 5000, 19, "MwSt. 19 %"),
    "USD": ("international", "International", 1690, 16000, 0, ""),
    "JPY": ("international", "International", 2400, 24000, 10, "消費税 10 %"),
}


class Line(NamedTuple):
    """One line of what was bought, in minor units, its tax included."""

    id: str
    goods: int
    quantity: int
    price: int
    discount: int
    tax: int
    total: int


class Back(NamedTuple):
    """What of a line was given back, and how much of that had never been sent."""

    line: Line
    cancelled: int


@dataclass
class PastOrder:
    """What was bought and what became of it; `ids` makes the ids of its rows."""

    ids: Iterator[str]
    order_id: str
    number: int
    customer_id: UUID | None
    buyer: Buyer
    story: Story
    lines: list[Line]
    placed_at: datetime

    def __post_init__(self) -> None:
        self.code, self.title, price, free_from, self.percent, self.tax_title = PRICES[self.buyer.currency]
        self.subtotal = sum(line.quantity * line.price for line in self.lines)
        self.discount = sum(line.discount for line in self.lines)
        self.shipping = 0 if self.subtotal - self.discount >= free_from else price
        self.shipping_tax = tax_in(self.shipping, self.percent)
        self.tax = sum(line.tax for line in self.lines) + self.shipping_tax
        self.total = self.subtotal - self.discount + self.shipping
        self.captured = self.total * self.story.captured // 100
        self.back = self._back()
        self.shipping_back = self.shipping if self.story.refunded == "all" else 0
        self.refunded = sum(back.line.total for back in self.back) + self.shipping_back
        self.decided_at = self.placed_at + (A_DAY * 12 if self.story.sent else ENDS[Status.CANCELLED])

    def _back(self) -> list[Back]:
        some = {"": [], "line": self.lines[:1], "goods": self.lines, "all": self.lines}[self.story.refunded]
        return [Back(line, 0 if self.story.sent else line.quantity) for line in some]

    @property
    def payment_status(self) -> str:
        """As the captures and refunds left it."""
        if not self.refunded:
            return self.story.payment_status
        return Payment.REFUNDED if self.refunded == self.captured else Payment.PARTIALLY_REFUNDED

    def sent(self, line: Line) -> int:
        """How many of a line went out."""
        if self.story.sent == "one":
            return int(line is self.lines[0])
        return line.quantity if self.story.sent else 0

    def ended_as(self, status: str) -> datetime | None:
        """When it came to this end, if it did."""
        return self.placed_at + ENDS[status] if self.story.status == status else None


def tax_in(gross: int, percent: int) -> int:
    """What of a price is tax, rounded half up."""
    return (2 * gross * percent + 100 + percent) // (2 * (100 + percent))
