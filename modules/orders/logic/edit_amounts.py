"""How an edit's two sides are set off against each other: pure arithmetic, to the cent."""

from collections.abc import Sequence
from fractions import Fraction

from ecommerce.kernel.money import Money, round_half_up, share
from modules.orders.logic.refund_amounts import Back
from modules.orders.logic.refund_lines import Draft
from modules.orders.models import RefundItem
from modules.payments.contracts import Split


def divide(draft: Draft, set_off: Money) -> tuple[Draft, Draft]:
    """What is taken off, in the part that pays for what is added and the rest, which goes back in money.

    The first takes the units with it, the second is a part of their price: together they are the whole.
    """
    if set_off.minor == draft.amount:
        return draft, Draft()
    if not set_off:
        return Draft(), draft
    shares = share(set_off, [item.amount_minor for item in draft.items])
    parts = [_divide(item, one.minor) for item, one in zip(draft.items, shares, strict=True)]
    rests = [rest for _, rest in parts if rest.amount_minor]
    return Draft(items=[first for first, _ in parts]), Draft(items=rests)


def divide_split(whole: Split, part: Money) -> tuple[Split, Split]:
    """What was sold, in the part of it that comes to so much and the rest."""
    parts = [whole.sales, whole.tax, whole.shipping]
    first = share(part, [one.minor for one in parts])
    rest = [one - mine for one, mine in zip(parts, first, strict=True)]
    return _split(first), _split(rest)


def _divide(item: RefundItem, amount: int) -> tuple[RefundItem, RefundItem]:
    tax = round_half_up(Fraction(item.tax_minor * amount, item.amount_minor)) if item.amount_minor else 0
    first = _item(item, Back(amount=amount, tax=tax), quantity=item.quantity, cancelled=item.cancelled)
    return first, _item(item, Back(amount=item.amount_minor - amount, tax=item.tax_minor - tax))


def _item(item: RefundItem, back: Back, *, quantity: int = 0, cancelled: int = 0) -> RefundItem:
    return RefundItem(
        line=item.line, quantity=quantity, cancelled=cancelled, amount_minor=back.amount, tax_minor=back.tax
    )


def _split(parts: Sequence[Money]) -> Split:
    sales, tax, shipping = parts
    return Split(sales=sales, tax=tax, shipping=shipping)
