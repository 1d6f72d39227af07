"""What a refund is made of: which part of each line and of the shipping goes back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ecommerce.kernel.money import Money
from modules.orders.logic.portions import Portion, left_to_refund
from modules.orders.logic.refund_amounts import NOTHING, Back, Left, of_amount, of_units
from modules.orders.models import Order, OrderLine, Refund, RefundItem
from modules.payments.contracts import RefundExceedsCaptured


@dataclass(frozen=True, kw_only=True)
class NotGivenBack:
    """What has not been given back yet, by line, and of the shipping."""

    lines: Mapping[UUID, Left]
    shipping: Left


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A refund's parts, not written yet."""

    items: list[RefundItem] = field(default_factory=list)
    shipping: Back = NOTHING

    @property
    def amount(self) -> int:
        return self.shipping.amount + sum(item.amount_minor for item in self.items)

    @property
    def tax(self) -> int:
        return self.shipping.tax + sum(item.tax_minor for item in self.items)


def not_given_back(order: Order, lines: Sequence[OrderLine]) -> NotGivenBack:
    """What of each part no refund has taken yet, those included that are being paid; two statements."""
    refunds = Refund.objects.filter(order=order).exclude(status=Refund.Status.FAILED)
    amounts: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for line_id, amount, tax in RefundItem.objects.filter(refund__in=refunds).values_list(
        "line_id", "amount_minor", "tax_minor"
    ):
        amounts[line_id][0] += amount
        amounts[line_id][1] += tax
    return NotGivenBack(
        lines={line.pk: _left_of_line(line, *amounts[line.pk]) for line in lines},
        shipping=_left_of_shipping(order, list(refunds.values_list("shipping_minor", "shipping_tax_minor"))),
    )


def by_portions(
    portions: Sequence[Portion], left: NotGivenBack, *, shipping: bool, cancelled: Mapping[UUID, int]
) -> Draft:
    """Units of lines, and with `shipping` what is left of it; `cancelled` tells how many of a line were not shipped."""
    items = []
    for portion in portions:
        back = of_units(left.lines[portion.line.pk], portion.quantity)
        items.append(_item(portion.line, back, quantity=portion.quantity, cancelled=cancelled.get(portion.line.pk, 0)))
    rest = Back(amount=left.shipping.amount, tax=left.shipping.tax) if shipping else NOTHING
    return Draft(items=items, shipping=rest)


def by_amount(lines: Sequence[OrderLine], amount: Money, left: NotGivenBack) -> Draft:
    """An amount that lowers the price of every line and of the shipping in proportion; no units come back by it.
    Refuses more than is left of them all (RefundExceedsCaptured)."""
    parts = [*(left.lines[line.pk] for line in lines), left.shipping]
    if amount.minor > (available := sum(part.amount for part in parts)):
        raise RefundExceedsCaptured(requested=amount.minor, available=available)
    backs = of_amount(parts, amount)
    items = [_item(line, back) for line, back in zip(lines, backs[:-1], strict=True) if back.amount]
    return Draft(items=items, shipping=backs[-1])


def _left_of_line(line: OrderLine, amount: int, tax: int) -> Left:
    return Left(units=left_to_refund(line), amount=line.total_minor - amount, tax=line.tax_minor - tax)


def _left_of_shipping(order: Order, before: Sequence[tuple[int, int]]) -> Left:
    paid = order.shipping_minor if order.prices_include_tax else order.shipping_minor + order.shipping_tax_minor
    amount, tax = sum(amount for amount, _ in before), sum(tax for _, tax in before)
    return Left(units=1, amount=paid - amount, tax=order.shipping_tax_minor - tax)


def _item(line: OrderLine, back: Back, *, quantity: int = 0, cancelled: int = 0) -> RefundItem:
    return RefundItem(line=line, quantity=quantity, cancelled=cancelled, amount_minor=back.amount, tax_minor=back.tax)
