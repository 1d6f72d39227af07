"""Orders as a Django app."""

from django.apps import AppConfig
from django.core import checks

from ecommerce.kernel import registry
from ecommerce.kernel.events import subscribe


class OrdersConfig(AppConfig):
    name = "modules.orders"
    label = "orders"

    def ready(self) -> None:
        # Importing the logic registers its steps, which the relay looks up by name.
        from modules.orders.handlers import HANDLERS
        from modules.orders.logic import (  # noqa: F401  (as said)
            cancellation,
            checkout_steps,
            expiry,
            invariants,
            past_orders,
            seeding,
            sellers,
        )

        subscribe("orders", HANDLERS)
        registry.invariants.extend(invariants.INVARIANTS)
        registry.seeders.append(seeding.SEEDER)
        registry.extras.append(past_orders.EXTRA)
        checks.register(sellers.invoices_are_complete, deploy=True)
