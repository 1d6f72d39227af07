"""What became of the demonstration shop's past orders: how many of each kind, and what that leaves in their rows."""

from typing import NamedTuple

from modules.orders.logic.demo_buyers import Randomness
from modules.orders.models import Order

Status, Payment, Fulfilment = Order.Status, Order.PaymentStatus, Order.FulfilmentStatus


class Story(NamedTuple):
    """An order's end, or where it stands: how much of it is paid, sent and given back."""

    status: str
    payment_status: str
    fulfilment_status: str = Fulfilment.UNFULFILLED
    # Of the total, in percent.
    captured: int = 0
    # Nothing, one unit, or everything.
    sent: str = ""
    # Nothing, the first line, the goods that came back, or everything.
    refunded: str = ""


_DONE = (Status.DELIVERED, Payment.PAID, Fulfilment.FULFILLED, 100, "all")
# How many of a hundred; among the newest, many are still on their way.
OLD = {
    Story(*_DONE): 87.0,
    Story(*_DONE, "line"): 3.0,
    Story(Status.DELIVERED, Payment.PAID, Fulfilment.RETURNED, 100, "all", "goods"): 2.0,
    Story(Status.CANCELLED, Payment.UNPAID): 2.0,
    Story(Status.CANCELLED, Payment.PAID, captured=100, refunded="all"): 2.0,
    Story(Status.EXPIRED, Payment.UNPAID): 2.5,
    Story(Status.EXPIRED, Payment.FAILED): 1.5,
}
NEW = {
    Story(*_DONE): 30.0,
    Story(Status.SHIPPED, Payment.PAID, Fulfilment.FULFILLED, 100, "all"): 25.0,
    Story(Status.PROCESSING, Payment.PAID, Fulfilment.PARTIAL, 100, "one"): 5.0,
    Story(Status.CONFIRMED, Payment.PAID, captured=100): 28.0,
    Story(Status.CONFIRMED, Payment.AUTHORIZED): 2.0,
    Story(Status.PENDING, Payment.UNPAID): 5.0,
    Story(Status.PENDING, Payment.FAILED): 2.0,
    Story(Status.PENDING, Payment.PARTIALLY_PAID, captured=50): 1.0,
    Story(Status.CANCELLED, Payment.UNPAID): 2.0,
}
SHARE_OF_NEW = 0.03


def choose_story(chance: Randomness, age: float) -> Story:
    """What became of an order; the first is of age 0, the last of age 1."""
    stories = NEW if age > 1 - SHARE_OF_NEW else OLD
    return chance.choices(list(stories), list(stories.values()))[0]
