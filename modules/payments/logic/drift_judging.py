"""What a provider says of an attempt against what we know of it: pure functions."""

from dataclasses import dataclass

from ecommerce.kernel.money import Money
from modules.payments.contracts import DriftKind
from modules.payments.logic.folding import held_by
from modules.payments.logic.providers.base import Observed
from modules.payments.models import RefundStatus

# What is mended by taking over what the provider says.
SAFE = frozenset((DriftKind.STATUS, DriftKind.CAPTURED, DriftKind.REFUNDED, DriftKind.DISPUTED, DriftKind.FEES))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """In what the two differ."""

    kind: DriftKind
    here: str
    there: str


def moved(observed: Observed) -> bool:
    """Whether any money moved, or is held."""
    return bool(observed.captured_minor or observed.authorized_minor)


def judge(here: Observed, there: Observed, asked: Money) -> Verdict | None:
    """The gravest difference between what we know and what the provider says; None where they agree."""
    if there.amount is not None and there.amount.currency != asked.currency:
        return Verdict(kind=DriftKind.CURRENCY, here=asked.currency, there=there.amount.currency)
    if there.amount is not None and there.amount != asked:
        return Verdict(kind=DriftKind.AMOUNT, here=asked.amount, there=there.amount.amount)
    pairs = (
        (DriftKind.CAPTURED, here.captured_minor, there.captured_minor),
        (DriftKind.REFUNDED, _refunded(here), _refunded(there)),
        (DriftKind.DISPUTED, _disputed(here), _disputed(there)),
    )
    for kind, ours, theirs in pairs:
        if ours != theirs:
            return Verdict(kind=kind, here=_amount(ours, asked), there=_amount(theirs, asked))
    if verdict := _unheard(here, there):
        return verdict
    if here.status != there.status:
        return Verdict(kind=DriftKind.STATUS, here=here.status, there=there.status)
    missing = {move.reference for move in there.moves} - {move.reference for move in here.moves}
    if missing:
        return Verdict(kind=DriftKind.FEES, here="nothing", there=" ".join(sorted(missing)))
    return None


def _unheard(here: Observed, there: Observed) -> Verdict | None:
    """A refund or a dispute that stands differently although the sums are the same: one pending, one that failed."""
    pairs = (
        (DriftKind.REFUNDED, here.refunds, there.refunds),
        (DriftKind.DISPUTED, here.disputes, there.disputes),
    )
    for kind, ours, theirs in pairs:
        known = {one.reference: one.status.value for one in ours}
        for one in theirs:
            if known.get(one.reference) != one.status:
                named = known.get(one.reference, "nothing")
                return Verdict(kind=kind, here=f"{one.reference} {named}", there=f"{one.reference} {one.status.value}")
    return None


def _refunded(observed: Observed) -> int:
    return sum(refund.amount_minor for refund in observed.refunds if refund.status == RefundStatus.SUCCEEDED)


def _disputed(observed: Observed) -> int:
    return sum(held_by(dispute) for dispute in observed.disputes)


def _amount(minor: int, asked: Money) -> str:
    return Money(minor=minor, currency=asked.currency).amount
