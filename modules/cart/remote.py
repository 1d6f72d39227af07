"""The far end of service.py."""

from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.cart.contracts import (
    CartNotFound,
    CartSnapshot,
    CouponExhausted,
    CouponInvalid,
    FilledCart,
    OrderedLine,
    RedemptionClosed,
)

_cart = RemoteService("cart", raises=(CartNotFound, CouponExhausted, CouponInvalid, RedemptionClosed))


def get_snapshot(*, cart_id: UUID, caller_id: UUID | None, explain: bool = False) -> CartSnapshot:
    return _cart.call(CartSnapshot, "get_snapshot", cart_id=cart_id, caller_id=caller_id, explain=explain)


def redeem(*, order_id: UUID, promotion_ids: list[UUID], codes: list[str], customer_key: str) -> None:
    _cart.call(None, "redeem", order_id=order_id, promotion_ids=promotion_ids, codes=codes, customer_key=customer_key)


def release_redemption(*, order_id: UUID) -> None:
    _cart.call(None, "release_redemption", order_id=order_id)


def close_cart(*, cart_id: UUID, order_id: UUID, lines: list[OrderedLine]) -> None:
    _cart.call(None, "close_cart", cart_id=cart_id, order_id=order_id, lines=lines)


def fill_cart(*, caller_id: UUID | None, currency: str, lines: list[OrderedLine]) -> FilledCart:
    return _cart.call(FilledCart, "fill_cart", caller_id=caller_id, currency=currency, lines=lines)
