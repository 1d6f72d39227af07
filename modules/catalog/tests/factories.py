"""Things to sell in tests, made the way staff make them."""

from typing import Any
from uuid import UUID

from factory.base import Factory
from factory.declarations import LazyAttribute, LazyFunction, Sequence
from factory.django import DjangoModelFactory

from ecommerce.kernel.money import Money
from modules.catalog.logic import locations, stock
from modules.catalog.logic.drawings import picture
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.products import ProductDraft, VariantDraft, save_product
from modules.catalog.models import Category, Location, Product, StockLevel, StockMovement, Variant


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    slug = Sequence(lambda n: f"shelf-{n}")
    name = LazyAttribute(lambda category: category.slug.replace("-", " ").capitalize())


class VariantDraftFactory(Factory[VariantDraft]):
    class Meta:
        model = VariantDraft

    sku = Sequence(lambda n: f"SKU-{n}")
    options = LazyAttribute(lambda variant: {"Size": variant.sku})
    weight_g = 200
    prices = LazyFunction(lambda: [price("19.90", "EUR"), price("2500", "JPY")])


class ProductDraftFactory(Factory[ProductDraft]):
    class Meta:
        model = ProductDraft

    slug = Sequence(lambda n: f"shirt-{n}")
    title = LazyAttribute(lambda product: product.slug.replace("-", " ").capitalize())
    category_id = LazyFunction(lambda: CategoryFactory.create().id)
    status = "published"
    options = LazyFunction(lambda: ["Size"])
    images = LazyFunction(lambda: [picture("t-shirt", "teal", "A teal shirt")])
    variants = LazyFunction(lambda: [VariantDraftFactory.build()])


def price(amount: str, currency: str, before: str | None = None) -> NewPrice:
    """A regular price; with `before`, a sale without end and the regular price it was lowered from."""
    money = Money.parse(amount, currency)
    return NewPrice(regular=Money.parse(before, currency), sale=money) if before else NewPrice(regular=money)


def make_product(*, on_hand: int = 10, **draft: Any) -> Product:
    """A published product with so many of each variant."""
    product_id = save_product(draft=ProductDraftFactory.build(**draft))
    for variant_id in Variant.objects.filter(product_id=product_id).values_list("id", flat=True):
        if on_hand:
            stock.adjust_stock(variant_id=variant_id, delta=on_hand, reason="received", actor_id=None)
    return Product.objects.get(id=product_id)


def make_variant(*, on_hand: int = 10, **draft: Any) -> Variant:
    """The only variant of a published product."""
    return make_product(on_hand=on_hand, **draft).variants.get()


def figures(variant_id: UUID) -> tuple[int, int]:
    """What is on hand, and what is held."""
    level = StockLevel.objects.get(variant_id=variant_id, location__is_default=True)
    return level.on_hand, level.held


def put(variant_id: UUID, location: str, on_hand: int) -> None:
    """So many at a location, which is opened where there is none of that name."""
    if not Location.objects.filter(name=location).exists():
        locations.open_location(name=location)
    stock.count_stock(variant_id=variant_id, on_hand=on_hand, reason="count", actor_id=None, location=location)


def shelves(variant_id: UUID) -> dict[str, tuple[int, int]]:
    """What is on hand and held at each location."""
    levels = StockLevel.objects.filter(variant_id=variant_id)
    return {name: (on_hand, held) for name, on_hand, held in levels.values_list("location__name", "on_hand", "held")}


def journal(variant_id: UUID) -> list[tuple[str, int]]:
    """What was moved, in the order it was."""
    moved = StockMovement.objects.filter(level__variant_id=variant_id).order_by("created_at", "id")
    return list(moved.values_list("kind", "delta"))
