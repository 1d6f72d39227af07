"""Cart as a Django app."""

from django.apps import AppConfig


class CartConfig(AppConfig):
    name = "modules.cart"
    label = "cart"

    def ready(self) -> None:
        from ecommerce.kernel.events import subscribe
        from modules.cart.handlers import HANDLERS

        subscribe("cart", HANDLERS)
