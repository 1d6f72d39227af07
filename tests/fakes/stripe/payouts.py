"""Money on its way to our bank. Stripe docs: "The Payout object"."""

from tests.fakes.stripe import balance, listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.routing import route


@route("GET", "/v1/payouts", takes=f"arrival_date status {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all payouts."""
    equal = {"status": params["status"]} if "status" in params else {}
    found = listing.within(account.all("payout", **equal), params, "arrival_date")
    return listing.page("/v1/payouts", found, params)


class Payouts:
    """What Stripe sends to the bank."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def pay(self, amount: int, currency: str, *, arrival_date: int | None = None, status: str = "paid") -> str:
        """A payout; below zero it takes money from the bank."""
        with self._account.lock:
            made = self._account.add(
                "payout",
                amount=amount,
                currency=currency.lower(),
                arrival_date=self._account.now() if arrival_date is None else arrival_date,
                automatic=True,
                status=status,
            )
            moved = balance.move(self._account, "payout", made, -amount, made["currency"])
            made["balance_transaction"] = moved["id"]
            self._account.emit("payout.created", made)
            if status == "paid":
                self._account.emit("payout.paid", made)
            return str(made["id"])
