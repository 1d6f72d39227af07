"""A cart with what was bought before in it."""

from collections.abc import Sequence
from uuid import UUID

from ecommerce.kernel.ids import new_capability_id
from modules.cart.contracts import FilledCart, LeftOut, OrderedLine
from modules.cart.logic import storage
from modules.cart.logic.baskets import MAX_QUANTITY, BasketLine, Seen
from modules.cart.logic.carts import ask_catalog
from modules.cart.logic.claims import claim_cart
from modules.cart.logic.pricing import Variants


def fill_cart(*, caller_id: UUID | None, currency: str, lines: list[OrderedLine]) -> FilledCart:
    """A new cart of a guest with these lines, as far as they are for sale and in stock; a user's own cart gets them
    added. Tells what was left out. Repeating it adds once more."""
    variants = ask_catalog(currency, ids=list(dict.fromkeys(line.variant_id for line in lines)))
    basket = storage.open_basket(new_id=new_capability_id(), currency=currency, owner_id=None)
    for line in _to_add(lines, variants):
        basket = storage.add_quantity(basket, line, available=line.quantity, versions=None)
    left_out = [one for line in lines if (one := _left_out(line, variants)).added < one.requested]
    cart_id = claim_cart(cart_id=basket.id, user_id=caller_id).basket.id if caller_id and basket.lines else basket.id
    return FilledCart(cart_id=cart_id, left_out=left_out)


def _to_add(lines: Sequence[OrderedLine], variants: Variants) -> list[BasketLine]:
    wanted = []
    for line in lines:
        variant, quantity = variants[line.variant_id], _left_out(line, variants).added
        if variant and variant.price and quantity:
            seen = Seen(price=variant.price, sku=variant.sku, title=variant.title)
            wanted.append(BasketLine(variant_id=variant.id, quantity=quantity, seen=seen))
    return wanted


def _left_out(line: OrderedLine, variants: Variants) -> LeftOut:
    variant = variants[line.variant_id]
    there = variant.available if variant and variant.price else 0
    return LeftOut(variant_id=line.variant_id, requested=line.quantity, added=min(line.quantity, there, MAX_QUANTITY))
