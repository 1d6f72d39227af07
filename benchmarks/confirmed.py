"""`python -m benchmarks.confirmed 10000`: announces so many orders as confirmed, as orders does when they are paid for.

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
    from ecommerce.kernel.db import atomic
    from ecommerce.kernel.events import publish
    from ecommerce.kernel.money import Money
    from modules.orders.events import OrderConfirmed
    from modules.orders.models import Order

    found = Order.objects.order_by("pk").values_list("pk", "number", "customer_id", "total_minor", "currency")
    orders = list(found[: int(sys.argv[1])])
    for first in range(0, len(orders), BATCH):
        with atomic(Order):
            for order_id, number, customer_id, total, currency in orders[first : first + BATCH]:
                money = Money(minor=total, currency=currency)
                publish(OrderConfirmed(order_id=order_id, number=str(number), customer_id=customer_id, total=money))
    return 0


if __name__ == "__main__":
    sys.exit(main())
