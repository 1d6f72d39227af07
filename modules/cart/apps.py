"""Cart as a Django app."""

from django.apps import AppConfig


class CartConfig(AppConfig):
    name = "modules.cart"
    label = "cart"
