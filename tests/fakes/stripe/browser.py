"""What happens away from the shop: in the buyer's browser (Stripe.js), at the banks, and while time passes.

Stripe docs: "Accept a payment", "Stripe.js reference" (confirmPayment, handleNextAction), "SEPA Direct Debit payments".
"""

from tests.fakes.stripe import collecting, intents, setup_intents
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.refusals import Refusal


class Browser:
    """Stripe.js on the storefront's page, which knows a client_secret and the publishable key."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def confirm(self, client_secret: str, method: str, *, return_url: str | None = None) -> Object:
        """confirmPayment or confirmSetup; a decline is shown to the buyer, and is in the intent that returns."""
        params = {"payment_method": method, "use_stripe_sdk": "true"}
        params["return_url"] = return_url or "https://shop.example/back"
        with self._account.lock:
            intent = self._intent(client_secret)
            endpoint = intents.confirm if intent["object"] == "payment_intent" else setup_intents.confirm
            try:
                endpoint(self._account, params, intent["id"])
            except Refusal as refusal:
                if refusal.status != 402:
                    raise
            return dict(intent)

    def authenticate(self, client_secret: str, *, succeeds: bool = True) -> Object:
        """The buyer does, or does not do, what his bank asks of him."""
        with self._account.lock:
            intent = self._intent(client_secret)
            if intent["status"] != "requires_action":
                raise AssertionError(f"nobody asks for authentication: {intent['status']}")
            if intent["object"] == "payment_intent":
                collecting.authenticated(self._account, intent, succeeds=succeeds)
            else:
                setup_intents.authenticated(self._account, intent, succeeds=succeeds)
            return dict(intent)

    def _intent(self, client_secret: str) -> Object:
        reference = client_secret.split("_secret_")[0]
        kind = "setup_intent" if reference.startswith("seti_") else "payment_intent"
        intent = self._account.get(kind, reference)
        if intent["client_secret"] != client_secret:
            raise AssertionError("this is not its client_secret")
        return intent


class Bank:
    """The buyer's bank: it pays a debit, or does not, and it lets authorisations go."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def settle(self, intent: str) -> None:
        """It pays."""
        self._end(intent, succeeds=True)

    def refuse(self, intent: str) -> None:
        """It does not."""
        self._end(intent, succeeds=False)

    def let_go(self, intent: str) -> None:
        """An authorisation lapses, as it does when the clock is a week further."""
        with self._account.lock:
            found = self._account.get("payment_intent", intent)
            collecting.cancel(self._account, found, "automatic", event="charge.expired")

    def _end(self, intent: str, *, succeeds: bool) -> None:
        with self._account.lock:
            found = self._account.get("payment_intent", intent)
            if found["status"] != "processing":
                raise AssertionError(f"its bank is not at work: {found['status']}")
            collecting.settled(self._account, found, succeeds=succeeds)


class Clock:
    """Stripe's clock."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def advance(self, seconds: int) -> None:
        """Let time pass: authorisations lapse, idempotency keys are forgotten."""
        with self._account.lock:
            self._account.offset += seconds
            intents.lapse(self._account)
