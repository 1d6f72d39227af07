"""A guest signs in: his cart becomes part of the user's."""

from dataclasses import replace
from uuid import UUID

from django.conf import settings

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_capability_id
from modules.cart.contracts import CartNotFound, Requirement
from modules.cart.logic import safekeeping, storage
from modules.cart.logic.baskets import Basket, BasketLine, Merged, Seen
from modules.cart.logic.carts import ask_catalog, open_cart, show
from modules.cart.logic.pricing import PricedCart, Variants
from modules.cart.logic.storage import Versions
from modules.catalog.contracts import Variant

# Each time round, the guest has added something that was not there before, or the user's own cart was replaced.
ATTEMPTS = 20


def claim_cart(*, cart_id: UUID, user_id: UUID, versions: Versions = None) -> PricedCart:
    """Merge a guest's cart into the user's by settings.CART_CLAIM; notices tell what was left out or capped.

    "sum" adds quantities as far as stock goes; "keep_mine" and "keep_guest" keep the lines of one of them, if it has
    any. The guest's id is gone afterwards: CartNotFound for everybody but this user, who gets his own cart, unchanged.
    What has no price in the user's currency stays behind; an empty cart of his gives way to one in the guest's.
    """
    for _ in range(ATTEMPTS):
        try:
            guest = _find_claimable(cart_id, user_id)
            if guest is None:
                return open_cart(caller_id=user_id)
            return _merge(guest, user_id, versions)
        except storage.LookAgain:
            continue
    raise Unavailable("These carts are changing too fast.", retry_after=1)


def _find_claimable(cart_id: UUID, user_id: UUID) -> Basket | None:
    """The guest's basket; None where the user has it already, or it is his own."""
    try:
        basket = safekeeping.find_basket(cart_id, user_id=user_id)
    except CartNotFound:
        if storage.find_claimant(cart_id) == user_id:
            return None
        raise
    if basket.owner_id not in (None, user_id):
        raise CartNotFound
    return None if basket.owner_id else basket


def _merge(guest: Basket, user_id: UUID, versions: Versions) -> PricedCart:
    own = safekeeping.find_own_basket(user_id)
    kept = own if own and _stays(own, guest) else None
    currency = kept.currency if kept else guest.currency
    lines = [*(kept.lines if kept else []), *guest.lines]
    variants = ask_catalog(currency, ids=list(dict.fromkeys(line.variant_id for line in lines)))
    merged = storage.merge_baskets(
        guest,
        own=own,
        target_id=kept.id if kept else new_capability_id(),
        user_id=user_id,
        currency=currency,
        rule=settings.CART_CLAIM,
        lines=[_offer(line, variants[line.variant_id], currency) for line in guest.lines],
        versions=versions,
    )
    cart = show(merged.basket, variants)
    return replace(cart, notices=[*cart.notices, *_notices(merged, guest, variants)])


def _stays(own: Basket, guest: Basket) -> bool:
    """Whether the user's cart takes the guest's lines in; a cart never changes its currency, since what is added to it
    meanwhile was priced in that."""
    if own.currency == guest.currency:
        return True
    return not guest.lines if settings.CART_CLAIM == "keep_guest" else bool(own.lines)


def _offer(line: BasketLine, variant: Variant | None, currency: str) -> tuple[int, BasketLine]:
    """How many of it there are for the user, and the line with a price that was seen in his currency."""
    if variant is None or variant.price is None:
        return 0, line
    if line.seen.price.currency == currency:
        return variant.available, line
    seen = Seen(price=variant.price, sku=variant.sku, title=variant.title)
    return variant.available, BasketLine(variant_id=line.variant_id, quantity=line.quantity, seen=seen)


def _notices(merged: Merged, guest: Basket, variants: Variants) -> list[Requirement]:
    """What did not come into the cart as it was, and why."""
    short = [_short(variant_id, guest, variants.get(variant_id)) for variant_id in merged.short]
    return [
        *short,
        *(_gave_way(line) for line in merged.gave_way),
        *(Requirement(code="coupon_not_kept", detail=f"{code} did not fit in.", coupon=code) for code in merged.codes),
    ]


def _short(variant_id: UUID, guest: Basket, variant: Variant | None) -> Requirement:
    line = guest.find_line(variant_id)
    title = line.seen.title if line else ""
    if variant is None:
        return _said("not_available", f"{title} is no longer for sale.", variant_id)
    if variant.price is None:
        return _said("currency_not_available", f"{title} has no price in this cart's currency.", variant_id)
    return _said("quantity_reduced", f"There is not enough of {title}, or no room for all of it.", variant_id)


def _gave_way(line: BasketLine) -> Requirement:
    return _said(
        "not_kept", f"{line.seen.title}: {line.quantity} of another cart of yours were left out.", line.variant_id
    )


def _said(code: str, detail: str, variant_id: UUID) -> Requirement:
    return Requirement(code=code, detail=detail, variant_id=variant_id)
