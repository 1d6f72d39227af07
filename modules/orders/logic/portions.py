"""Parts of an order: so many units of some of its lines."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.orders.contracts import InvalidQuantity, UnknownLine
from modules.orders.models import Order, OrderLine


@dataclass(frozen=True, kw_only=True)
class Asked:
    """So many units of a line, as somebody asks for them."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Portion:
    """So many units of a line that is there."""

    line: OrderLine
    quantity: int


def lines_of(order: Order) -> list[OrderLine]:
    """An order's lines as they stand on it."""
    return list(order.lines.order_by("position"))


def lines_of_all(orders: Sequence[Order]) -> dict[UUID, list[OrderLine]]:
    """The same of several orders, in one statement."""
    lines: dict[UUID, list[OrderLine]] = {order.pk: [] for order in orders}
    for line in OrderLine.objects.filter(order__in=orders).order_by("order_id", "position"):
        lines[line.order_id].append(line)
    return lines


def left_to_ship(line: OrderLine) -> int:
    """How many units have neither been shipped nor cancelled."""
    return line.quantity - line.fulfilled - line.cancelled


def left_to_refund(line: OrderLine) -> int:
    """How many units have not been given back."""
    return line.quantity - line.refunded


def left_to_cancel(line: OrderLine) -> int:
    """How many units can be called off: neither shipped nor given back, be it without calling them off."""
    return min(left_to_ship(line), left_to_refund(line))


def pick(lines: Sequence[OrderLine], asked: Sequence[Asked] | None, left: Callable[[OrderLine], int]) -> list[Portion]:
    """What is asked for of these lines, or all that is left. Refuses lines of other orders (UnknownLine), more than is
    left, and nothing at all (InvalidQuantity); a line that is asked for twice is asked for in sum."""
    wanted = _wanted(lines, asked, left)
    portions = [Portion(line=line, quantity=wanted[line.pk]) for line in lines if wanted[line.pk]]
    short = [portion for portion in portions if portion.quantity > left(portion.line)]
    if short or not portions:
        raise InvalidQuantity(lines=[_short(portion, left) for portion in short])
    return portions


def _wanted(
    lines: Sequence[OrderLine], asked: Sequence[Asked] | None, left: Callable[[OrderLine], int]
) -> Counter[UUID]:
    if asked is None:
        return Counter({line.pk: left(line) for line in lines})
    wanted: Counter[UUID] = Counter()
    for one in asked:
        wanted[one.line_id] += one.quantity
    if unknown := wanted.keys() - {line.pk for line in lines}:
        raise UnknownLine(line_ids=sorted(str(line_id) for line_id in unknown))
    return wanted


def _short(portion: Portion, left: Callable[[OrderLine], int]) -> dict[str, object]:
    return {
        "line_id": str(portion.line.pk),
        "sku": portion.line.sku,
        "requested": portion.quantity,
        "available": left(portion.line),
    }
