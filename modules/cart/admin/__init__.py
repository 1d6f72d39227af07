"""Staff's pages of cart: promotions, how their codes are used, and a look into a cart. Writing is logic's."""

from modules.cart.admin import promotions, uses

__all__ = ["promotions", "uses"]
