"""What crosses catalog's border."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ecommerce.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from ecommerce.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A published, buyable variant as it is now; `price` is None where it has none in the asked currency."""

    id: UUID
    product_id: UUID
    sku: str
    title: str
    options: dict[str, str] = field(default_factory=dict)
    image: str | None = None
    price: Money | None
    category_ids: list[UUID] = field(default_factory=list)
    tax_class: str
    weight_g: int
    available: int


@dataclass(frozen=True, kw_only=True)
class StockLine:
    """So many units of one variant."""

    variant_id: UUID
    quantity: int


class HoldStatus(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"


@dataclass(frozen=True, kw_only=True)
class StockHold:
    """Stock put aside for one order; `until` is advice for people, catalog lets nothing go by its own clock."""

    order_id: UUID
    status: HoldStatus
    lines: list[StockLine]
    until: datetime | None
    # Since when; told where holds are listed.
    held_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """So many units of a variant that were taken for one order from one location; `location` is its name now."""

    order_id: UUID
    variant_id: UUID
    location_id: UUID
    location: str
    quantity: int


class OutOfStock(Conflict):
    """Some lines ask for more than is left."""

    # details: `lines`, each with variant_id, sku, requested, available
    code = "out_of_stock"


class HoldClosed(Conflict):
    """This order's stock was let go; it cannot be held or sold under the same id again."""

    code = "hold_closed"


class HoldCommitted(Conflict):
    """This order's stock is sold already; it can only be returned."""

    code = "hold_committed"


class UnknownHold(NotFound):
    """No stock was ever held for this order."""

    code = "unknown_hold"


class UnknownVariant(NotFound):
    """There is no such variant."""

    # details: `variant_ids`, where several were asked for
    code = "unknown_variant"


class UnknownLocation(Invalid):
    """There is no such location."""

    code = "unknown_location"


class LocationTaken(Conflict):
    """Another location has this name, or is the default one just now."""

    code = "location_taken"


class StockHeld(Conflict):
    """So much of this is put aside for orders that fewer cannot be on hand."""

    # details: `held`, and `references`: the orders' ids
    code = "stock_held"


class NotEnoughStock(Conflict):
    """Fewer are on hand than would be taken away."""

    # details: `on_hand`
    code = "not_enough_stock"


class SlugTaken(Conflict):
    """Another one has this slug."""

    code = "slug_taken"


class SkuTaken(Conflict):
    """Another variant has this SKU."""

    code = "sku_taken"


class SameOptions(Conflict):
    """Another variant of this product has the same options."""

    code = "same_options"


class ExternalKeyTaken(Conflict):
    """Another product has this external key."""

    code = "external_key_taken"


class LastVariant(Conflict):
    """A product that is published, or will be at its time, keeps at least one variant."""

    code = "last_variant"


class NotABuyer(Forbidden):
    """Only who bought this product reviews it."""

    code = "not_a_buyer"


class AlreadyReviewed(Conflict):
    """You have reviewed this product; change that review."""

    code = "already_reviewed"


class UnknownReview(NotFound):
    """There is no such review."""

    code = "unknown_review"
