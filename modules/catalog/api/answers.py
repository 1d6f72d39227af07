"""Catalog's answers as structs, quick to make and to write; serializers.py is their schema."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest.serializers import MoneyStruct
from modules.catalog.logic.categories import CategoryLink, CategoryNode, CategoryPage
from modules.catalog.logic.details import Option, ProductDetail, VariantDetail
from modules.catalog.logic.images import Image
from modules.catalog.logic.listing import Card
from modules.catalog.logic.ratings import Rating
from modules.catalog.logic.stock import Stock as StockFigures


class CategoryTree(msgspec.Struct):
    results: list[CategoryNode]


class Category(CategoryNode):
    ancestors: list[CategoryLink] = []


class ProductCard(msgspec.Struct):
    id: UUID
    slug: str
    title: str
    category: CategoryLink
    image: Image | None
    price_from: MoneyStruct
    compare_at: MoneyStruct | None
    lowest_price_30_days: MoneyStruct | None
    in_stock: bool
    rating: Rating | None


class StaffSale(msgspec.Struct):
    amount: str
    starts_at: datetime | None
    ends_at: datetime | None


class StaffPrice(msgspec.Struct):
    amount: str
    currency: str
    sale: StaffSale | None


class Variant(msgspec.Struct):
    id: UUID
    sku: str
    options: dict[str, str]
    price: MoneyStruct | None
    compare_at: MoneyStruct | None
    lowest_price_30_days: MoneyStruct | None
    in_stock: bool
    low_stock: bool
    images: list[Image]
    # For staff.
    barcode: str | UnsetType = UNSET
    weight_g: int | UnsetType = UNSET
    on_hand: int | UnsetType = UNSET
    held: int | UnsetType = UNSET
    available: int | UnsetType = UNSET
    prices: list[StaffPrice] | UnsetType = UNSET


class Seo(msgspec.Struct):
    title: str
    description: str


class Words(msgspec.Struct):
    title: str
    description: str
    seo: Seo


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
    lowest_price_30_days: MoneyStruct | None
    in_stock: bool
    seo: Seo
    rating: Rating | None
    related: list[ProductCard]
    # For staff.
    status: str | UnsetType = UNSET
    publish_at: datetime | UnsetType | None = UNSET
    published_at: datetime | UnsetType | None = UNSET
    tax_class: str | UnsetType = UNSET
    external_key: str | UnsetType | None = UNSET
    version: int | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
    translations: dict[str, Words] | UnsetType = UNSET
    related_ids: list[UUID] | UnsetType = UNSET


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
    """A product in a list."""
    return ProductCard(
        id=card.id,
        slug=card.slug,
        title=card.title,
        category=card.category,
        image=card.image,
        price_from=_price(card.price_from),
        compare_at=_maybe(card.compare_at),
        lowest_price_30_days=_maybe(card.lowest_price_30_days),
        in_stock=card.in_stock,
        rating=card.rating,
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
        lowest_price_30_days=_maybe(product.lowest_price_30_days),
        in_stock=any(variant.in_stock for variant in product.variants),
        seo=Seo(product.seo.get("title") or product.title, product.seo.get("description", "")),
        rating=product.rating,
        related=[card_answer(card) for card in product.related],
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
        lowest_price_30_days=_maybe(variant.lowest_price_30_days),
        in_stock=variant.in_stock,
        low_stock=variant.low_stock,
        images=variant.images,
    )


def _price(money: Money) -> MoneyStruct:
    return MoneyStruct(money.amount, money.currency)


def _maybe(money: Money | None) -> MoneyStruct | None:
    return None if money is None else _price(money)
