"""Orders that staff place for a buyer who rings up: no cart of his, and a link by which he pays.

What is drafted is placed at once, by the same steps as a checkout: its stock is held until it is paid or runs out of
time. Nothing is taken off but what its prices say; promotions are for carts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ecommerce.kernel.ids import new_capability_id
from ecommerce.kernel.money import Money, total
from modules.cart.contracts import CartLine, CartSnapshot, CurrencyNotAvailable, UnknownVariant
from modules.catalog import service as catalog_service
from modules.catalog.contracts import OutOfStock, StockLine, Variant
from modules.orders.contracts import CustomerNotFound
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
    cart = _cart(wish.checkout.cart_id, wish.lines, wish.currency)
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


def _cart(cart_id: UUID, wanted: Sequence[StockLine], currency: str) -> CartSnapshot:
    ids = list(dict.fromkeys(line.variant_id for line in wanted))
    found = {variant.id: variant for variant in catalog_service.find_variants(currency=currency, ids=ids)}
    quantities = {one: sum(line.quantity for line in wanted if line.variant_id == one) for one in ids}
    lines = [_line(found.get(one), quantity, currency) for one, quantity in quantities.items()]
    subtotal = total((line.line_total for line in lines), currency)
    return CartSnapshot(
        cart_id=cart_id,
        version=1,
        currency=currency,
        owner_id=None,
        lines=lines,
        discounts=[],
        codes=[],
        free_shipping=False,
        subtotal=subtotal,
        discount_total=Money.zero(currency),
        total=subtotal,
        requirements=[],
    )


def _line(variant: Variant | None, quantity: int, currency: str) -> CartLine:
    if variant is None:
        raise UnknownVariant
    if variant.price is None:
        raise CurrencyNotAvailable(currency=currency, variant_id=str(variant.id))
    if quantity > variant.available:
        raise OutOfStock(lines=[_short(variant, quantity)])
    return CartLine(
        variant_id=variant.id,
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        image=variant.image,
        quantity=quantity,
        unit_price=variant.price,
        line_total=variant.price * quantity,
        discount=Money.zero(currency),
        tax_class=variant.tax_class,
        weight_g=variant.weight_g,
        available=variant.available,
    )


def _short(variant: Variant, quantity: int) -> dict[str, object]:
    return {
        "variant_id": str(variant.id),
        "sku": variant.sku,
        "requested": quantity,
        "available": variant.available,
    }
