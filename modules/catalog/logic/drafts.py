"""A product as somebody wants it to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ecommerce.kernel.ids import new_id
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.translations import Translations
from modules.catalog.models import Product


@dataclass(frozen=True, kw_only=True)
class VariantDraft:
    """A variant as it is to be; `prices` replaces those in its currencies and leaves the others.

    What is None stays as it is. `on_hand` is for a variant that is new: later on the stock has doors of its own.
    """

    id: UUID = field(default_factory=new_id)
    sku: str
    options: dict[str, str] = field(default_factory=dict)
    barcode: str | None = None
    weight_g: int = 0
    position: int = 0
    prices: list[NewPrice] = field(default_factory=list)
    on_hand: int = 0


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """A product as it is to be; variants that it does not name stay as they are, and so does what is None."""

    id: UUID = field(default_factory=new_id)
    slug: str
    title: str
    category_id: UUID
    external_key: str | None = None
    description: str = ""
    status: str = Product.Status.DRAFT
    publish_at: datetime | None = None
    tax_class: str = Product.TaxClass.STANDARD
    options: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    images: list[dict[str, Any]] | None = None
    seo: dict[str, str] = field(default_factory=dict)
    translations: Translations = field(default_factory=dict)
    related_ids: Sequence[UUID] = ()
    variants: list[VariantDraft] = field(default_factory=list)
