"""What a cart holds, before prices: which variants, how many, and what the buyer saw when he added them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ecommerce.kernel import wire
from ecommerce.kernel.money import Money

LIFETIME = timedelta(days=30)
MAX_QUANTITY = 999
MAX_LINES = 100
MAX_CODES = 10


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A variant as it was when it was added: tells a changed price, and names what is no longer for sale."""

    price: Money
    sku: str
    title: str


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """So many of one variant."""

    variant_id: UUID
    quantity: int
    seen: Seen


@dataclass(frozen=True, kw_only=True)
class Basket:
    """A cart as it is stored, at one version."""

    id: UUID
    version: int
    currency: str
    owner_id: UUID | None
    changed_at: datetime
    lines: list[BasketLine]
    # Coupon codes in capitals, in the order they were entered.
    codes: list[str] = field(default_factory=list)

    @property
    def expires_at(self) -> datetime:
        return self.changed_at + LIFETIME

    def find_line(self, variant_id: UUID) -> BasketLine | None:
        """The line of that variant, if there is one."""
        return next((line for line in self.lines if line.variant_id == variant_id), None)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A user's basket after a guest's has become part of it. `short`: variants of which there was not enough, or that
    did not fit in; `gave_way`: lines that were left out because the other basket's were kept; `codes`: those that did
    not fit in."""

    basket: Basket
    short: list[UUID]
    gave_way: list[BasketLine]
    codes: list[str]


def with_code(basket: Basket, code: str) -> Basket:
    """The basket as it would be with that coupon code."""
    return basket if code in basket.codes else replace(basket, codes=[*basket.codes, code])


def read_basket(fields: dict[str, str]) -> Basket:
    """A basket from the fields of its Redis hash, lines in the order in which they were first added."""
    return Basket(
        id=UUID(fields["id"]),
        version=int(fields["version"]),
        currency=fields["currency"],
        owner_id=UUID(fields["owner"]) if "owner" in fields else None,
        changed_at=datetime.fromtimestamp(int(fields["changed_at"]) / 1000, UTC),
        lines=[_read_line(fields, variant) for variant in _in_order(fields, "place:")],
        codes=list(_in_order(fields, "code:")),
    )


def write_seen(seen: Seen) -> bytes:
    """`seen` as it is stored; Redis only keeps it."""
    return wire.encode(seen)


def read_seen(stored: bytes) -> Seen:
    """What `write_seen` wrote."""
    return wire.decode(stored, Seen)


def _in_order(fields: dict[str, str], prefix: str) -> Iterable[str]:
    places = {name.removeprefix(prefix): int(value) for name, value in fields.items() if name.startswith(prefix)}
    return sorted(places, key=lambda name: places[name])


def _read_line(fields: dict[str, str], variant: str) -> BasketLine:
    return BasketLine(
        variant_id=UUID(variant),
        quantity=int(fields[f"quantity:{variant}"]),
        seen=read_seen(fields[f"seen:{variant}"].encode()),
    )
