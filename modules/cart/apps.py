"""Cart as a Django app."""

from django.apps import AppConfig


class CartConfig(AppConfig):
    name = "modules.cart"
    label = "cart"

    def ready(self) -> None:
        # Importing the handlers registers their steps, which the relay looks up by name.
        from ecommerce.kernel import registry
        from ecommerce.kernel.events import subscribe
        from modules.cart.handlers import HANDLERS
        from modules.cart.logic.invariants import INVARIANTS

        subscribe("cart", HANDLERS)
        registry.invariants.extend(INVARIANTS)
