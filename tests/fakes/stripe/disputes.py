"""Disputes. Stripe docs: "How disputes work", "The Dispute object", "Dispute withdrawals"."""

from tests.fakes.stripe import balance, listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.routing import route

TIME_FOR_EVIDENCE = 9 * 24 * 3600


def open_dispute(
    account: Account, charge: Object, *, reason: str = "fraudulent", amount: int = 0, inquiry: bool = False
) -> Object:
    """The buyer disputes a charge with his bank; an inquiry has taken no money yet."""
    dispute = account.add(
        "dispute",
        amount=amount or charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        currency=charge["currency"],
        evidence_details={"due_by": account.now() + TIME_FOR_EVIDENCE, "has_evidence": False, "submission_count": 0},
        is_charge_refundable=inquiry,
        metadata={},
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge["disputed"] = True
    account.emit("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(account, dispute)
    return dispute


def _withdraw(account: Account, dispute: Object) -> None:
    _move(account, dispute, -dispute["amount"], balance.DISPUTE_FEE)
    account.emit("charge.dispute.funds_withdrawn", dispute)


def _move(account: Account, dispute: Object, amount: int, fee: int) -> None:
    moved = balance.move(account, "adjustment", dispute, amount, dispute["currency"], fee=fee)
    # Stripe docs: "The Dispute object": whole objects, not ids, without being asked for.
    dispute["balance_transactions"] = [*dispute["balance_transactions"], moved]


@route("GET", "/v1/disputes/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a dispute."""
    return account.get("dispute", reference)


@route("GET", "/v1/disputes", takes=f"payment_intent charge {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all disputes."""
    equal = {name: params[name] for name in ("payment_intent", "charge") if name in params}
    return listing.page("/v1/disputes", account.all("dispute", **equal), params)


class Disputes:
    """What buyers and their banks do."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def open(self, intent: str, *, reason: str = "fraudulent", amount: int = 0, inquiry: bool = False) -> str:
        """Dispute what was paid by an intent; returns the dispute's name."""
        with self._account.lock:
            charge = self._account.get("charge", self._account.get("payment_intent", intent)["latest_charge"])
            dispute = open_dispute(self._account, charge, reason=reason, amount=amount, inquiry=inquiry)
            return str(dispute["id"])

    def escalate(self, reference: str) -> None:
        """An inquiry becomes a chargeback: now the money is taken."""
        with self._account.lock:
            dispute = self._account.get("dispute", reference)
            dispute |= {"status": "needs_response", "is_charge_refundable": False}
            self._account.emit("charge.dispute.updated", dispute)
            _withdraw(self._account, dispute)

    def answer(self, reference: str) -> None:
        """Evidence is handed in."""
        with self._account.lock:
            dispute = self._account.get("dispute", reference)
            is_inquiry = dispute["status"].startswith("warning")
            dispute["status"] = "warning_under_review" if is_inquiry else "under_review"
            dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
            self._account.emit("charge.dispute.updated", dispute)

    def close(self, reference: str, *, won: bool, fee_returned: bool = False) -> None:
        """The bank has decided; won, the money comes back. An inquiry is closed without either."""
        with self._account.lock:
            dispute = self._account.get("dispute", reference)
            is_inquiry = dispute["status"].startswith("warning")
            dispute["status"] = "warning_closed" if is_inquiry else "won" if won else "lost"
            self._account.emit("charge.dispute.closed", dispute)
            if won and not is_inquiry:
                fee = -balance.DISPUTE_FEE if fee_returned else 0
                _move(self._account, dispute, dispute["amount"], fee)
                self._account.emit("charge.dispute.funds_reinstated", dispute)
