"""What other modules may ask of cart."""

from ecommerce.kernel.remote import guard, is_remote

if is_remote("cart"):
    from modules.cart.remote import close_cart, fill_cart, get_snapshot, redeem, release_redemption
else:
    from modules.cart.logic.closing import close_cart
    from modules.cart.logic.redemptions import redeem, release_redemption
    from modules.cart.logic.refilling import fill_cart
    from modules.cart.logic.snapshots import get_snapshot

__all__ = ["close_cart", "fill_cart", "get_snapshot", "redeem", "release_redemption"]
guard(globals())
