"""A guest signs in: his cart becomes part of the user's."""

from uuid import UUID

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_capability_id
from modules.cart.contracts import CartNotFound
from modules.cart.logic import storage
from modules.cart.logic.baskets import Basket, BasketLine, Seen
from modules.cart.logic.carts import ask_catalog, open_cart, show
from modules.cart.logic.pricing import PricedCart
from modules.cart.logic.storage import Versions
from modules.catalog.contracts import Variant

# Each time round, the guest has added something that was not there before, or the user's own cart was replaced.
ATTEMPTS = 20


def claim_cart(*, cart_id: UUID, user_id: UUID, versions: Versions = None) -> tuple[PricedCart, list[UUID]]:
    """Merge a guest's cart into the user's, quantities added as far as stock goes; also tells which lines came short.

    The guest's id is gone afterwards: CartNotFound for everybody but this user, who gets his own cart, unchanged.
    What has no price in the user's currency stays behind; an empty cart of his gives way to one in the guest's.
    """
    for _ in range(ATTEMPTS):
        try:
            guest = _find_claimable(cart_id, user_id)
            if guest is None:
                return open_cart(caller_id=user_id), []
            return _merge(guest, user_id, versions)
        except storage.LookAgain:
            continue
    raise Unavailable("These carts are changing too fast.", retry_after=1)


def _find_claimable(cart_id: UUID, user_id: UUID) -> Basket | None:
    """The guest's basket; None where the user has it already, or it is his own."""
    try:
        basket = storage.find_basket(cart_id)
    except CartNotFound:
        if storage.find_claimant(cart_id) == user_id:
            return None
        raise
    if basket.owner_id not in (None, user_id):
        raise CartNotFound
    return None if basket.owner_id else basket


def _merge(guest: Basket, user_id: UUID, versions: Versions) -> tuple[PricedCart, list[UUID]]:
    own = storage.find_basket_of(user_id)
    # A cart never changes its currency: what is added to it meanwhile was priced in that.
    kept = own if own and (own.lines or own.currency == guest.currency) else None
    currency = kept.currency if kept else guest.currency
    lines = [*(kept.lines if kept else []), *guest.lines]
    variants = ask_catalog(currency, ids=list(dict.fromkeys(line.variant_id for line in lines)))
    merged, short = storage.merge_baskets(
        guest,
        own=own,
        target_id=kept.id if kept else new_capability_id(),
        user_id=user_id,
        currency=currency,
        lines=[_offer(line, variants[line.variant_id], currency) for line in guest.lines],
        versions=versions,
    )
    return show(merged, variants), short


def _offer(line: BasketLine, variant: Variant | None, currency: str) -> tuple[int, BasketLine]:
    """How many of it there are for the user, and the line with a price that was seen in his currency."""
    if variant is None or variant.price is None:
        return 0, line
    if line.seen.price.currency == currency:
        return variant.available, line
    seen = Seen(price=variant.price, sku=variant.sku, title=variant.title)
    return variant.available, BasketLine(variant_id=line.variant_id, quantity=line.quantity, seen=seen)
