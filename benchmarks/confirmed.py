"""`python -m benchmarks.confirmed 10000`: announces so many orders as confirmed, as orders does when they are paid for;
`python -m benchmarks.confirmed again`: the mails that were written are due again, and in the broker's hands.

Run where the shop's variables are set (BenchShop.run_module).
"""

import os
import sys

BATCH = 500


def main() -> int:
    """The events that mails are written for."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    if sys.argv[1] == "again":
        again()
    else:
        announce(int(sys.argv[1]))
    return 0


def announce(number: int) -> None:
    """Confirm so many orders."""
    from ecommerce.kernel.db import atomic
    from ecommerce.kernel.events import publish
    from ecommerce.kernel.money import Money
    from modules.orders.events import OrderConfirmed
    from modules.orders.models import Order

    found = Order.objects.order_by("pk").values_list("pk", "number", "customer_id", "total_minor", "currency")
    orders = list(found[:number])
    for first in range(0, len(orders), BATCH):
        with atomic(Order):
            for order_id, order_number, customer_id, total, currency in orders[first : first + BATCH]:
                money = Money(minor=total, currency=currency)
                publish(
                    OrderConfirmed(order_id=order_id, number=str(order_number), customer_id=customer_id, total=money)
                )


def again() -> None:
    """As if the mails had just been written."""
    from ecommerce.kernel import clock
    from modules.notifications.logic.handover import IN_BROKERS_HANDS, hand_over
    from modules.notifications.models import Delivery, Message

    Delivery.objects.all().delete()
    now = clock.now()
    Message.objects.update(
        status="ready", sent_at=None, attempts=0, next_attempt_at=now, handed_until=now + 10 * IN_BROKERS_HANDS
    )
    hand_over(list(Message.objects.values_list("pk", flat=True)))


if __name__ == "__main__":
    sys.exit(main())
