"""Carts as their buyers hold them: open one, look into it, let it go."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_capability_id
from modules.cart.contracts import CartNotFound
from modules.cart.logic import safekeeping, storage
from modules.cart.logic.baskets import Basket
from modules.cart.logic.offers import Offer, find_offers
from modules.cart.logic.pricing import PricedCart, Variants, price_cart
from modules.cart.logic.storage import Versions
from modules.catalog import service as catalog_service
from modules.catalog.contracts import Variant


def open_cart(*, caller_id: UUID | None, currency: str | None = None) -> PricedCart:
    """A new cart for a guest; for a user his one cart, made or returned as it is, so repeating is safe for him."""
    currency = currency or settings.DEFAULT_CURRENCY
    if caller_id and (own := safekeeping.find_own_basket(caller_id)):
        return show(own)
    return show(storage.open_basket(new_id=new_capability_id(), currency=currency, owner_id=caller_id))


def get_cart(*, cart_id: UUID, caller_id: UUID | None) -> PricedCart:
    """The cart at the catalog's prices of now; CartNotFound also for somebody else's."""
    return show(get_basket(cart_id=cart_id, caller_id=caller_id))


def get_own_cart(*, user_id: UUID) -> PricedCart:
    """The user's one cart; CartNotFound when he has none."""
    if (basket := safekeeping.find_own_basket(user_id)) is None:
        raise CartNotFound
    return show(basket)


def discard_cart(*, basket: Basket, versions: Versions = None) -> None:
    """Let the cart go; its id is gone for good, so a second time it is CartNotFound."""
    with safekeeping.rewriting(basket.owner_id):
        storage.discard_basket(basket, versions=versions)


def get_basket(*, cart_id: UUID, caller_id: UUID | None) -> Basket:
    """What a cart holds: a guest's for whoever knows its id, a user's for him alone; else CartNotFound."""
    basket = safekeeping.find_basket(cart_id, user_id=caller_id)
    if basket.owner_id not in (None, caller_id):
        raise CartNotFound
    return basket


def show(basket: Basket, known: Variants | None = None, offers: Sequence[Offer] | None = None) -> PricedCart:
    """The basket priced; the catalog is asked once, and only for what is not `known` yet."""
    variants = dict(known or {})
    unknown = [line.variant_id for line in basket.lines if line.variant_id not in variants]
    variants |= ask_catalog(basket.currency, ids=unknown)
    if offers is None:
        offers = offers_for(basket)
    return price_cart(basket, variants, offers, at=clock.now())


def offers_for(basket: Basket) -> list[Offer]:
    """What may be taken off it, by one statement; off an empty cart nothing, but of its codes something may be said."""
    return find_offers(codes=basket.codes, customer_id=basket.owner_id) if basket.lines or basket.codes else []


def ask_catalog(currency: str, *, ids: Sequence[UUID], skus: Sequence[str] = ()) -> dict[UUID, Variant | None]:
    """One question for all of them (none when there is nothing to ask); None stands for an id that is not for sale."""
    if not ids and not skus:
        return {}
    found = catalog_service.find_variants(currency=currency, ids=list(ids), skus=list(skus))
    return dict.fromkeys(ids) | {variant.id: variant for variant in found}
