"""Orders that staff place for a buyer who rings up: no cart of his, and a link by which he pays.

What is drafted is placed at once, by the same steps as a checkout: its stock is held until it is paid or runs out of
time. Nothing is taken off but what its prices say; promotions are for carts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ecommerce.kernel.ids import new_capability_id
from modules.catalog.contracts import StockLine
from modules.orders.contracts import CustomerNotFound
from modules.orders.logic.goods import cart_of
from modules.orders.logic.opening import Buyer, open_order
from modules.orders.logic.placing import PlacedOrder, drive_to_the_end, order_of_claim, wait_for, write
from modules.orders.logic.quotes import Quote, quote_cart, require_total
from modules.orders.logic.wishes import CheckoutWish
from modules.orders.models import Order
from modules.users import service as users_service


@dataclass(frozen=True, kw_only=True)
class DraftWish:
    """What staff write down: the goods, and as for a checkout where they go and how they are paid for."""

    lines: Sequence[StockLine]
    currency: str
    customer_id: UUID | None
    language: str
    payable_for: timedelta
    checkout: CheckoutWish


def quote_draft(wish: DraftWish) -> Quote:
    """What a draft would cost; changes nothing. Refuses what is not for sale (UnknownVariant), has no price in that
    currency (CurrencyNotAvailable) or is short (OutOfStock), and a place that the shop does not ship to that way."""
    cart = cart_of(wish.checkout.cart_id, wish.lines, wish.currency)
    asked = wish.checkout
    return quote_cart(cart, address=asked.shipping_address, shipping_method=asked.shipping_method, vat_id=asked.vat_id)


def place_draft(wish: DraftWish, *, claim_id: UUID, is_new: bool) -> PlacedOrder:
    """Place it: stock held, order numbered, payment begun, or none of it. Repeating a claim finds its order again.

    Refuses what `quote_draft` does, another total than is expected (TotalChanged), and a customer whom nobody knows
    (CustomerNotFound).
    """
    if not is_new and (begun := order_of_claim(claim_id)):
        return wait_for(begun.pk)
    _require_customer(wish.customer_id)
    buyer = Buyer(customer_id=wish.customer_id, claim_id=claim_id, language=wish.language, payable_for=wish.payable_for)
    quoted = quote_draft(wish)
    require_total(quoted, wish.checkout.expected_total)
    opening = open_order(quoted, wish.checkout, buyer)
    if (driven := write(opening)) is None:
        # The claim was taken over from a driver that was only slow, and that has written its order after all.
        return wait_for(Order.objects.get(idempotency_id=claim_id).pk)
    return drive_to_the_end(opening, *driven)


def new_cart_id() -> UUID:
    """A draft has a cart of its own, which nobody fills and nobody else orders."""
    return new_capability_id()


def _require_customer(customer_id: UUID | None) -> None:
    if customer_id and not users_service.get_contacts(ids=[customer_id]):
        raise CustomerNotFound
