"""A catalog that stands in for the real one, and what is on its shelves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import factory
from factory.django import DjangoModelFactory

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import stand_in
from modules.cart.logic import carts, coupons, items
from modules.cart.logic.pricing import PricedCart
from modules.cart.models import Promotion
from modules.catalog.contracts import Variant

UNSEEN = UUID("01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10")


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


class VariantFactory(factory.Factory):
    """A shirt at 19.90 EUR, ten in stock."""

    class Meta:
        model = Variant

    id = factory.LazyFunction(new_id)
    product_id = factory.LazyFunction(new_id)
    sku = factory.Sequence(lambda n: f"SHIRT-{n}")
    title = "Shirt"
    options = factory.LazyFunction(lambda: {"Size": "M"})
    image = "/media/shirt.webp"
    price = factory.LazyFunction(lambda: eur(1990))
    category_ids = factory.LazyFunction(list)
    tax_class = "standard"
    weight_g = 200
    available = 10


class PromotionFactory(DjangoModelFactory[Promotion]):
    """A tenth off everything, by itself."""

    class Meta:
        model = Promotion

    title = "A tenth off"
    kind = "percentage"
    percent = Decimal(10)
    created_at = factory.LazyFunction(clock.now)


def coupon(code: str, *, code_limit: int | None = None, **promotion: Any) -> Promotion:
    """A promotion for which that code asks."""
    made: Promotion = PromotionFactory.create(needs_code=True, **promotion)
    made.coupons.create(code=code, usage_limit=code_limit, created_at=clock.now())
    return made


class Shelf:
    """What the catalog sells. `asked` are the questions it was asked, in order."""

    def __init__(self) -> None:
        self.variants: dict[tuple[UUID, str], Variant] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def put(self, **fields: Any) -> Variant:
        """A variant for sale; the same id with a price in another currency is that variant's other price."""
        variant: Variant = VariantFactory.build(**fields)
        return self.replace(variant)

    def replace(self, variant: Variant) -> Variant:
        """It is this way now."""
        self.variants[variant.id, variant.price.currency if variant.price else ""] = variant
        return variant

    def take_away(self, variant: Variant) -> None:
        """It is no longer for sale."""
        self.variants = {key: value for key, value in self.variants.items() if key[0] != variant.id}

    def find_variants(self, currency: str, ids: list[str], skus: list[str]) -> list[Variant]:
        known = {id_ for id_, _ in self.variants}
        wanted = [id_ for id_ in known if str(id_) in ids or self._any_price(id_).sku in skus]
        return [self._in(currency, id_) for id_ in sorted(wanted)]

    def _in(self, currency: str, id_: UUID) -> Variant:
        if (id_, currency) in self.variants:
            return self.variants[id_, currency]
        return replace(self._any_price(id_), price=None)

    def _any_price(self, id_: UUID) -> Variant:
        return next(variant for key, variant in self.variants.items() if key[0] == id_)


def put_in(cart_id: UUID, caller_id: UUID | None, variant: Variant, quantity: int = 1) -> PricedCart:
    """Add to a cart, as its holder does."""
    basket = carts.get_basket(cart_id=cart_id, caller_id=caller_id)
    return items.add_item(basket=basket, variant_id=variant.id, quantity=quantity)


def put_code(cart_id: UUID, caller_id: UUID | None, code: str) -> PricedCart:
    """Enter a coupon code, as the cart's holder does."""
    return coupons.apply_coupon(basket=carts.get_basket(cart_id=cart_id, caller_id=caller_id), code=code)


def fill_cart(owner_id: UUID | None, *lines: tuple[Variant, int], currency: str = "EUR") -> UUID:
    """The id of a cart that holds these."""
    cart_id = carts.open_cart(caller_id=owner_id, currency=currency).basket.id
    for variant, quantity in lines:
        put_in(cart_id, owner_id, variant, quantity)
    return cart_id


def quantities(cart: PricedCart) -> dict[UUID, int]:
    """What a cart holds, in order."""
    return {priced.line.variant_id: priced.line.quantity for priced in cart.lines}


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    """Answer for catalog with a shelf."""
    shelf = Shelf()
    with stand_in("catalog", find_variants=shelf.find_variants) as asked:
        shelf.asked = asked
        yield shelf
