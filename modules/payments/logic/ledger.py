"""The books: double entry, append-only. Everything here is written in the transaction of what it is about."""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.payments.contracts import PaymentNotFound, Split
from modules.payments.logic.amounts import check_split
from modules.payments.logic.providers.base import ObservedMove, Payout
from modules.payments.logic.records import get_row
from modules.payments.models import Attempt, Dispute, DisputeStatus, Entry, Payment, Posting, Refund, RefundStatus

CUSTOMER_DEPOSITS = "customer_deposits"
SALES = "sales"
TAX_PAYABLE = "tax_payable"
SHIPPING_INCOME = "shipping_income"
REFUNDS = "refunds"
REFUNDS_UNALLOCATED = "refunds_unallocated"
DISPUTES = "disputes"
DISPUTE_LOSSES = "dispute_losses"
FEES = "fees"
FX = "fx"
BANK = "bank"

# Account, minor units, currency.
Line = tuple[str, int, str]

# What was sold for what was given back.
SET_OFF = "set_off"


def recognise_revenue(*, order_id: UUID, purpose: str, split: Split) -> None:
    """Turn a payment's deposit into sales, tax and shipping, once per purpose. Repeating changes nothing.

    Raises PaymentNotFound, and SplitMismatch for parts that do not add up to the payment.
    """
    payment = get_row(order_id=order_id, purpose=purpose)
    check_split(split, payment.amount_minor, payment.currency)
    earned = {SALES: -split.sales.minor, TAX_PAYABLE: -split.tax.minor, SHIPPING_INCOME: -split.shipping.minor}
    unrecognised = Payment.objects.filter(pk=payment.pk, recognised_at=None)
    with atomic(Payment):
        if unrecognised.update(recognised_at=clock.now(), version=F("version") + 1):
            lines = Counter({CUSTOMER_DEPOSITS: payment.amount_minor} | earned)
            # What has gone back already was taken from the deposit: it lowers the revenue, as it would from now on.
            for refund in Refund.objects.filter(payment=payment, status=RefundStatus.SUCCEEDED):
                lines.update(_unearned(refund))
                lines[CUSTOMER_DEPOSITS] -= refund.amount_minor
            _post(payment, "recognise", str(payment.id), lines)


def set_off_revenue(*, order_id: UUID, reference: UUID, sold: Split, given_back: Split) -> None:
    """Book what was sold for what was given back, without any money moving: once per reference, repeating changes
    nothing.

    Raises PaymentNotFound for an order that was never paid for, and SplitMismatch where the two are not the same.
    """
    payment = Payment.objects.filter(order_id=order_id, is_tombstone=False).order_by("created_at", "id").first()
    if payment is None:
        raise PaymentNotFound
    check_split(sold, sum(part.minor for part in _parts(given_back)), payment.currency)
    accounts = (SALES, TAX_PAYABLE, SHIPPING_INCOME)
    lines = Counter({account: -part.minor for account, part in zip(accounts, _parts(sold), strict=True)})
    back = (REFUNDS, TAX_PAYABLE, SHIPPING_INCOME)
    lines.update({account: part.minor for account, part in zip(back, _parts(given_back), strict=True)})
    with atomic(Payment):
        Payment.objects.select_for_update().get(pk=payment.pk)
        if not Posting.objects.filter(kind=SET_OFF, reference=str(reference)).exists():
            _post(payment, SET_OFF, str(reference), lines)


def post_capture(payment: Payment, attempt: Attempt, minor: int) -> None:
    """So much more was taken; what the payment has in all tells this posting from the others of the attempt."""
    lines = {clearing(attempt.provider): minor, CUSTOMER_DEPOSITS: -minor}
    _post(payment, "capture", f"{attempt.id}:{payment.captured_minor}", lines)


def post_refund(payment: Payment, refund: Refund, provider: str) -> None:
    """A refund has gone out: from the deposit before revenue is recognised, afterwards from what it was split over."""
    lines = {clearing(provider): -refund.amount_minor}
    _post(payment, "refund", str(refund.id), _given_back(payment, refund) | lines)


def post_refund_returned(payment: Payment, refund: Refund, provider: str) -> None:
    """A refund that had gone out has come back: to where it would be taken from now."""
    lines = {account: -minor for account, minor in _given_back(payment, refund).items()}
    _post(payment, "refund_returned", str(refund.id), lines | {clearing(provider): refund.amount_minor})


def post_dispute(payment: Payment, before: Dispute | None, after: Dispute) -> None:
    """What a dispute has taken, returned or lost since it was last seen; nothing where that is nothing."""
    standing, stood = _standing(after), _standing(before) if before else Counter[str]()
    lines = {account: standing[account] - stood[account] for account in {*standing, *stood}}
    if any(lines.values()):
        reference = f"{after.id}:{after.status}:{after.withdrawn_minor}:{after.reinstated_minor}"
        _post(payment, "dispute", reference, lines)


def post_move(payment: Payment, provider: str, move: ObservedMove) -> None:
    """What the provider kept of a movement, and what it exchanged to settle it in its own currency."""
    account, reference = clearing(provider), f"{provider}:{move.reference}"
    if move.currency != payment.currency:
        lines = [
            (FX, move.moved_minor, payment.currency),
            (account, -move.moved_minor, payment.currency),
            (account, move.settled_minor, move.currency),
            (FX, -move.settled_minor, move.currency),
        ]
        _post_lines(payment, "exchange", reference, lines)
    if move.fee_minor:
        lines = [(FEES, move.fee_minor, move.currency), (account, -move.fee_minor, move.currency)]
        _post_lines(payment, "fee", reference, lines)


def post_payout(provider: str, payout: Payout) -> bool:
    """Money has arrived at our bank; False where it is in the books already."""
    reference = f"{provider}:{payout.reference}"
    amount, currency = payout.amount.minor, payout.amount.currency
    with atomic(Posting):
        if not amount or Posting.objects.filter(kind="payout", reference=reference).exists():
            return False
        _post_lines(None, "payout", reference, [(BANK, amount, currency), (clearing(provider), -amount, currency)])
    return True


def clearing(provider: str) -> str:
    """The account of money that a provider holds for us."""
    return f"provider:{provider}:clearing"


def _standing(dispute: Dispute) -> Counter[str]:
    """What a dispute makes stand in each account."""
    taken = dispute.withdrawn_minor - dispute.reinstated_minor
    account = DISPUTE_LOSSES if dispute.status == DisputeStatus.LOST else DISPUTES
    return Counter({account: taken, clearing(dispute.provider): -taken})


def _parts(split: Split) -> tuple[Money, Money, Money]:
    return split.sales, split.tax, split.shipping


def _given_back(payment: Payment, refund: Refund) -> dict[str, int]:
    if payment.recognised_at is None:
        return {CUSTOMER_DEPOSITS: refund.amount_minor}
    return _unearned(refund)


def _unearned(refund: Refund) -> dict[str, int]:
    if refund.sales_minor is None or refund.tax_minor is None or refund.shipping_minor is None:
        return {REFUNDS_UNALLOCATED: refund.amount_minor}
    return {REFUNDS: refund.sales_minor, TAX_PAYABLE: refund.tax_minor, SHIPPING_INCOME: refund.shipping_minor}


def _post(payment: Payment, kind: str, reference: str, lines: Mapping[str, int]) -> None:
    _post_lines(payment, kind, reference, [(account, minor, payment.currency) for account, minor in lines.items()])


def _post_lines(payment: Payment | None, kind: str, reference: str, lines: Iterable[Line]) -> None:
    """Debits are positive, credits negative; the database refuses a posting that does not add up, or a second one."""
    posting = Posting.objects.create(
        kind=kind,
        reference=reference,
        payment=payment,
        order_id=payment.order_id if payment else None,
        posted_at=clock.now(),
    )
    Entry.objects.bulk_create(
        Entry(posting=posting, account=account, amount_minor=minor, currency=currency)
        for account, minor, currency in lines
        if minor
    )
