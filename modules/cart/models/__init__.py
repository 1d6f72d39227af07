"""Cart's tables. Carts themselves lie in Redis: what is here must outlive it."""

from modules.cart.models.carts import SavedCart
from modules.cart.models.promotions import Coupon, Promotion
from modules.cart.models.redemptions import CustomerUse, Redemption

__all__ = ["Coupon", "CustomerUse", "Promotion", "Redemption", "SavedCart"]
