"""The far end of service.py."""

from datetime import datetime
from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.catalog.contracts import (
    Allocation,
    HoldClosed,
    HoldCommitted,
    OutOfStock,
    StockHold,
    StockLine,
    UnknownHold,
    UnknownVariant,
    Variant,
)

_catalog = RemoteService("catalog", raises=(OutOfStock, HoldClosed, HoldCommitted, UnknownHold, UnknownVariant))


def find_variants(*, currency: str, ids: list[UUID] = [], skus: list[str] = []) -> list[Variant]:  # noqa: B006  (never changed; a plain default crosses the wire)
    return _catalog.call(list[Variant], "find_variants", currency=currency, ids=ids, skus=skus)


def hold_stock(*, order_id: UUID, lines: list[StockLine], until: datetime) -> StockHold:
    return _catalog.call(StockHold, "hold_stock", order_id=order_id, lines=lines, until=until)


def commit_hold(*, order_id: UUID) -> StockHold:
    return _catalog.call(StockHold, "commit_hold", order_id=order_id)


def release_hold(*, order_id: UUID) -> None:
    _catalog.call(None, "release_hold", order_id=order_id)


def return_stock(*, reference: UUID, lines: list[StockLine]) -> None:
    _catalog.call(None, "return_stock", reference=reference, lines=lines)


def list_holds(*, after: UUID | None, limit: int) -> list[StockHold]:
    return _catalog.call(list[StockHold], "list_holds", after=after, limit=limit)


def find_allocations(*, order_ids: list[UUID]) -> list[Allocation]:
    return _catalog.call(list[Allocation], "find_allocations", order_ids=order_ids)


def allow_reviews(*, customer_id: UUID, variant_ids: list[UUID]) -> None:
    _catalog.call(None, "allow_reviews", customer_id=customer_id, variant_ids=variant_ids)
