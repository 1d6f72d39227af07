"""Catalog's tables: one file per subject."""

from modules.catalog.models.attributes import Attribute
from modules.catalog.models.categories import Category, CategorySlug, CategoryTranslation
from modules.catalog.models.images import CategoryImage, DiscardedFile, ProductImage, SentImage, VariantImage
from modules.catalog.models.imports import ImportChunk, ImportJob
from modules.catalog.models.listings import Listing, ProductPrice
from modules.catalog.models.prices import Price, PriceChange
from modules.catalog.models.products import Product, ProductSlug, ProductTranslation, RelatedProduct, Variant
from modules.catalog.models.reviews import Review, Reviewer, ReviewPermit
from modules.catalog.models.search import SearchDocument, SearchWord, StaleShelf
from modules.catalog.models.stock import Location, SalesCount, StockHold, StockHoldLine, StockLevel, StockMovement

__all__ = [
    "Attribute",
    "Category",
    "CategoryImage",
    "CategorySlug",
    "CategoryTranslation",
    "DiscardedFile",
    "ImportChunk",
    "ImportJob",
    "Listing",
    "Location",
    "Price",
    "PriceChange",
    "Product",
    "ProductImage",
    "ProductPrice",
    "ProductSlug",
    "ProductTranslation",
    "RelatedProduct",
    "Review",
    "ReviewPermit",
    "Reviewer",
    "SalesCount",
    "SearchDocument",
    "SearchWord",
    "SentImage",
    "StaleShelf",
    "StockHold",
    "StockHoldLine",
    "StockLevel",
    "StockMovement",
    "Variant",
    "VariantImage",
]
