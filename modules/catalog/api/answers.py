"""Catalog's answers as structs, quick to make and to write; serializers.py is their schema."""

from typing import Any
from uuid import UUID

import msgspec

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest.serializers import MoneyStruct
from modules.catalog.logic.categories import CategoryLink, CategoryNode, CategoryPage
from modules.catalog.logic.details import Option, ProductDetail, VariantDetail
from modules.catalog.logic.images import Image
from modules.catalog.logic.listing import Card
from modules.catalog.logic.stock import Stock as StockFigures


class CategoryTree(msgspec.Struct):
    results: list[CategoryNode]


class Category(CategoryNode):
    ancestors: list[CategoryLink] = []


class Rating(msgspec.Struct):
    average: float
    count: int


class ProductCard(msgspec.Struct):
    id: UUID
    slug: str
    title: str
    category: CategoryLink
    image: Image | None
    price_from: MoneyStruct
    compare_at: MoneyStruct | None
    in_stock: bool
    rating: Rating | None


class ProductPage(msgspec.Struct):
    results: list[ProductCard]
    next: str | None
    previous: str | None


class Variant(msgspec.Struct):
    id: UUID
    sku: str
    options: dict[str, str]
    price: MoneyStruct | None
    compare_at: MoneyStruct | None
    in_stock: bool
    low_stock: bool
    images: list[Image]


class Seo(msgspec.Struct):
    title: str
    description: str


class Product(msgspec.Struct):
    id: UUID
    slug: str
    title: str
    description: str
    category: CategoryLink
    breadcrumb: list[CategoryLink]
    options: list[Option]
    variants: list[Variant]
    attributes: dict[str, Any]
    images: list[Image]
    price_from: MoneyStruct | None
    compare_at: MoneyStruct | None
    in_stock: bool
    seo: Seo
    rating: Rating | None


class Shelf(msgspec.Struct):
    id: UUID
    name: str
    on_hand: int
    held: int


class Stock(msgspec.Struct):
    variant_id: UUID
    on_hand: int
    held: int
    available: int
    locations: list[Shelf]


def category_answer(page: CategoryPage) -> Category:
    """A category with its breadcrumb."""
    return Category(**msgspec.structs.asdict(page.node), ancestors=page.ancestors)


def card_answer(card: Card) -> ProductCard:
    """A product in a list. Nobody rates yet."""
    return ProductCard(
        id=card.id,
        slug=card.slug,
        title=card.title,
        category=card.category,
        image=card.image,
        price_from=_price(card.price_from),
        compare_at=_maybe(card.compare_at),
        in_stock=card.in_stock,
        rating=None,
    )


def product_answer(product: ProductDetail) -> Product:
    """A product's page."""
    return Product(
        id=product.id,
        slug=product.slug,
        title=product.title,
        description=product.description,
        category=product.breadcrumb[-1],
        breadcrumb=product.breadcrumb,
        options=product.options,
        variants=[_variant(variant) for variant in product.variants],
        attributes=product.attributes,
        images=product.images,
        price_from=_maybe(product.price_from),
        compare_at=_maybe(product.compare_at),
        in_stock=any(variant.in_stock for variant in product.variants),
        seo=Seo(product.seo.get("title") or product.title, product.seo.get("description", "")),
        rating=None,
    )


def stock_answer(stock: StockFigures) -> Stock:
    """A variant's stock, for staff."""
    shelves = [Shelf(shelf.id, shelf.name, shelf.on_hand, shelf.held) for shelf in stock.locations]
    return Stock(stock.variant_id, stock.on_hand, stock.held, stock.available, shelves)


def _variant(variant: VariantDetail) -> Variant:
    return Variant(
        id=variant.id,
        sku=variant.sku,
        options=variant.options,
        price=_maybe(variant.price),
        compare_at=_maybe(variant.compare_at),
        in_stock=variant.in_stock,
        low_stock=variant.low_stock,
        images=variant.images,
    )


def _price(money: Money) -> MoneyStruct:
    return MoneyStruct(money.amount, money.currency)


def _maybe(money: Money | None) -> MoneyStruct | None:
    return None if money is None else _price(money)
