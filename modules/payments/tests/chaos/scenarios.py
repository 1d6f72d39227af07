"""What may happen to a payment, each as a course of moves: ours, the buyer's, and those of the provider and its banks.

Between two moves (where a course yields) events may come, or not, and everybody may ask.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from modules.payments.tests.chaos.shop import Shop
from tests.fakes.stripe import Fault

Moves = Iterator[None]
STRIPE, PAYPAL, SANDBOX = ("provider:stripe:clearing", "provider:paypal:clearing", "provider:sandbox:clearing")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A course of moves and where it ends: told here by hand, so that not all runs can be wrong in the same way."""

    provider: str
    course: Callable[[Shop], Moves]
    # Status, and what was captured, refunded and is disputed.
    ends: tuple[str, int, int, int]
    books: dict[str, int]
    # Whether time has to pass by command: not beside threads.
    takes_time: bool = False
    # What else has to stand in the books, in another currency.
    books_elsewhere: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.provider}_{self.course.__name__}"

    def check(self, ended: dict[str, Any]) -> None:
        """Whether it ended where it should."""
        amounts = tuple(ended[name] for name in ("status", "captured_minor", "refunded_minor", "disputed_minor"))
        assert amounts == self.ends
        expected = {(account, "EUR"): minor for account, minor in self.books.items()} | self.books_elsewhere
        assert ended["books"] == expected
        assert ended["facts"]["told in order"]
        assert ended["unhandled"] == 0


def declined_then_paid(shop: Shop) -> Moves:
    """Declined, and paid by a second attempt."""
    shop.start()
    yield
    shop.stripe.browser.confirm(shop.secret(), "pm_card_visa_chargeDeclined")
    yield
    shop.retry()
    yield
    shop.stripe.browser.confirm(shop.secret(), "pm_card_visa")
    yield


def declined_then_another_card(shop: Shop) -> Moves:
    """Declined, and paid by another card on the same page of Stripe's."""
    shop.start()
    secret = shop.secret()
    yield
    shop.stripe.browser.confirm(secret, "pm_card_visa_chargeDeclinedInsufficientFunds")
    yield
    shop.stripe.browser.confirm(secret, "pm_card_visa")
    yield


def three_d_secure(shop: Shop) -> Moves:
    shop.start()
    secret = shop.secret()
    yield
    shop.stripe.browser.confirm(secret, "pm_card_threeDSecure2Required")
    yield
    shop.stripe.browser.authenticate(secret, succeeds=False)
    yield
    shop.stripe.browser.confirm(secret, "pm_card_threeDSecure2Required")
    yield
    shop.stripe.browser.authenticate(secret)
    yield


def captured_in_part(shop: Shop) -> Moves:
    shop.start(captures_later=True)
    yield
    shop.stripe.browser.confirm(shop.secret(), "pm_card_visa")
    yield
    shop.capture(1000)
    yield


def voided(shop: Shop) -> Moves:
    shop.start(captures_later=True)
    yield
    shop.stripe.browser.confirm(shop.secret(), "pm_card_visa")
    yield
    shop.void()
    yield


def lapsed(shop: Shop) -> Moves:
    """Authorised, and let go by Stripe itself."""
    shop.start(captures_later=True)
    yield
    shop.stripe.browser.confirm(shop.secret(), "pm_card_visa")
    yield
    shop.poll()
    shop.known_until = shop.world.count()
    yield
    shop.stripe.bank.let_go(shop.reference)
    yield


def refunded_twice(shop: Shop) -> Moves:
    shop.start(method="pm_card_visa")
    yield
    shop.refund(1000)
    yield
    shop.refund(500)
    yield


def refunded_at_stripe(shop: Shop) -> Moves:
    """One part by us, one in Stripe's dashboard."""
    shop.start(method="pm_card_visa")
    yield
    shop.refund(1000)
    yield
    shop.stripe.refunds.make(shop.reference, 700)
    yield


def refund_fails_late(shop: Shop) -> Moves:
    """Pending, succeeded, and sent back by the buyer's bank long after."""
    shop.start(method="pm_card_visa")
    yield
    shop.stripe.refunds.next_one_pends()
    shop.refund(1000)
    yield
    refund = shop.stripe.objects("refund", payment_intent=shop.reference)[0]["id"]
    shop.stripe.refunds.succeed(refund)
    yield
    shop.stripe.refunds.fail(refund)
    yield


def dispute_won(shop: Shop) -> Moves:
    yield from _disputed(shop, won=True)


def dispute_lost(shop: Shop) -> Moves:
    yield from _disputed(shop, won=False)


def _disputed(shop: Shop, *, won: bool) -> Moves:
    shop.start()
    secret = shop.secret()
    yield
    shop.stripe.browser.confirm(secret, "pm_card_visa")
    yield
    dispute = shop.stripe.disputes.open(shop.reference)
    yield
    shop.stripe.disputes.close(dispute, won=won)
    yield


def inquiry_escalates(shop: Shop) -> Moves:
    shop.start(method="pm_card_visa")
    yield
    dispute = shop.stripe.disputes.open(shop.reference, inquiry=True)
    yield
    shop.stripe.disputes.escalate(dispute)
    yield
    shop.stripe.disputes.answer(dispute)
    yield
    shop.stripe.disputes.close(dispute, won=False)
    yield


def inquiry_closes(shop: Shop) -> Moves:
    shop.start(method="pm_card_visa")
    yield
    dispute = shop.stripe.disputes.open(shop.reference, inquiry=True)
    yield
    shop.stripe.disputes.close(dispute, won=True)
    yield


def delayed_debit(shop: Shop) -> Moves:
    """The bank pays days later."""
    shop.start()
    secret = shop.secret()
    yield
    shop.stripe.browser.confirm(secret, "pm_sepaDebit")
    yield
    shop.stripe.bank.settle(shop.reference)
    yield


def exchanged(shop: Shop) -> Moves:
    """Settled in another currency, with a fee there; some of it goes back."""
    shop.stripe.balance.settle_in("USD", "1.25")
    shop.start()
    secret = shop.secret()
    yield
    shop.stripe.browser.confirm(secret, "pm_card_visa")
    yield
    shop.refund(1000)
    yield


def first_answer_lost(shop: Shop) -> Moves:
    """Stripe takes the money, and its answer never comes; the checkout is sent again only later."""
    shop.stripe.fail_next("POST", "/v1/payment_intents", Fault.DROPPED_AFTER)
    shop.start_and_hear_nothing(method="pm_card_visa")
    yield
    shop.repeat(0)
    yield


def approved_and_captured(shop: Shop) -> Moves:
    shop.start()
    yield
    shop.paypal.buyer.approve(shop.reference)
    yield
    shop.poll()
    shop.known_until = shop.world.count()
    yield


def captured_in_part_of_authorized(shop: Shop) -> Moves:
    shop.start(captures_later=True)
    yield
    shop.paypal.buyer.approve(shop.reference)
    yield
    shop.capture(1000)
    yield


def capture_pends(shop: Shop) -> Moves:
    shop.paypal.bank.holds_captures = True
    yield from approved_and_captured(shop)
    shop.paypal.complete_capture(shop.paypal.capture_ids(shop.reference)[0])
    yield


def refunded(shop: Shop) -> Moves:
    yield from approved_and_captured(shop)
    shop.refund(1000)
    yield
    shop.refund()
    yield


def refunded_at_paypal(shop: Shop) -> Moves:
    yield from approved_and_captured(shop)
    shop.refund(1000)
    yield
    shop.paypal.refund_by_hand(shop.paypal.capture_ids(shop.reference)[0], "7.00")
    yield


def refund_pends_and_fails(shop: Shop) -> Moves:
    yield from approved_and_captured(shop)
    shop.paypal.bank.holds_refunds = True
    shop.refund(1000)
    yield
    shop.paypal.fail_refund(next(iter(shop.paypal.books.refunds)))
    yield


def refund_pends_and_completes(shop: Shop) -> Moves:
    yield from approved_and_captured(shop)
    shop.paypal.bank.holds_refunds = True
    shop.refund(1000)
    yield
    shop.paypal.complete_refund(next(iter(shop.paypal.books.refunds)))
    yield


def paypal_dispute_won(shop: Shop) -> Moves:
    yield from _disputed_at_paypal(shop, "RESOLVED_SELLER_FAVOUR")


def paypal_dispute_lost(shop: Shop) -> Moves:
    yield from _disputed_at_paypal(shop, "RESOLVED_BUYER_FAVOUR")


def _disputed_at_paypal(shop: Shop, outcome: str) -> Moves:
    yield from approved_and_captured(shop)
    shop.minutes_pass(2)
    dispute = shop.paypal.open_dispute(shop.paypal.capture_ids(shop.reference)[0])
    yield
    shop.paypal.review_dispute(dispute)
    yield
    shop.paypal.resolve_dispute(dispute, outcome)
    yield


def captured_and_refunded(shop: Shop) -> Moves:
    shop.start(method="sandbox_ok")
    yield
    shop.sandbox.go_on()
    yield
    shop.refund(1000)
    yield
    shop.refund()
    shop.sandbox.go_on()
    yield


DEPOSITS = "customer_deposits"
PAID = {STRIPE: 2930, "fees": 70, DEPOSITS: -3000}

SCENARIOS = [
    Scenario(provider="stripe", course=declined_then_paid, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(provider="stripe", course=declined_then_another_card, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(provider="stripe", course=three_d_secure, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(
        provider="stripe",
        course=captured_in_part,
        ends=("captured", 1000, 0, 0),
        books={STRIPE: 960, "fees": 40, DEPOSITS: -1000},
    ),
    Scenario(provider="stripe", course=voided, ends=("cancelled", 0, 0, 0), books={}),
    Scenario(provider="stripe", course=lapsed, ends=("failed", 0, 0, 0), books={}),
    Scenario(
        provider="stripe",
        course=refunded_twice,
        ends=("partially_refunded", 3000, 1500, 0),
        books={STRIPE: 1430, "fees": 70, DEPOSITS: -1500},
    ),
    Scenario(
        provider="stripe",
        course=refunded_at_stripe,
        ends=("partially_refunded", 3000, 1700, 0),
        books={STRIPE: 1230, "fees": 70, DEPOSITS: -1300},
    ),
    Scenario(provider="stripe", course=refund_fails_late, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(
        provider="stripe",
        course=dispute_won,
        ends=("captured", 3000, 0, 0),
        books={STRIPE: 930, "fees": 2070, DEPOSITS: -3000},
    ),
    Scenario(
        provider="stripe",
        course=dispute_lost,
        ends=("captured", 3000, 0, 3000),
        books={STRIPE: -2070, "fees": 2070, "dispute_losses": 3000, DEPOSITS: -3000},
    ),
    Scenario(
        provider="stripe",
        course=inquiry_escalates,
        ends=("captured", 3000, 0, 3000),
        books={STRIPE: -2070, "fees": 2070, "dispute_losses": 3000, DEPOSITS: -3000},
    ),
    Scenario(
        provider="stripe",
        course=inquiry_closes,
        ends=("captured", 3000, 0, 0),
        books=PAID,
    ),
    Scenario(provider="stripe", course=delayed_debit, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(
        provider="stripe",
        course=exchanged,
        ends=("partially_refunded", 3000, 1000, 0),
        books={"fx": 2000, DEPOSITS: -2000},
        # 37.50 less 12.50 less the fee of 0.56 and 0.25.
        books_elsewhere={(STRIPE, "USD"): 2419, ("fees", "USD"): 81, ("fx", "USD"): -2500},
    ),
    Scenario(provider="stripe", course=first_answer_lost, ends=("captured", 3000, 0, 0), books=PAID),
    Scenario(
        provider="paypal",
        course=approved_and_captured,
        ends=("captured", 3000, 0, 0),
        books={PAYPAL: 2875, "fees": 125, DEPOSITS: -3000},
    ),
    Scenario(
        provider="paypal",
        course=captured_in_part_of_authorized,
        ends=("captured", 1000, 0, 0),
        books={PAYPAL: 935, "fees": 65, DEPOSITS: -1000},
    ),
    Scenario(
        provider="paypal",
        course=capture_pends,
        ends=("captured", 3000, 0, 0),
        books={PAYPAL: 2875, "fees": 125, DEPOSITS: -3000},
    ),
    Scenario(
        provider="paypal",
        course=refunded,
        ends=("refunded", 3000, 3000, 0),
        books={PAYPAL: -125, "fees": 125},
    ),
    Scenario(
        provider="paypal",
        course=refunded_at_paypal,
        ends=("partially_refunded", 3000, 1700, 0),
        books={PAYPAL: 1175, "fees": 125, DEPOSITS: -1300},
    ),
    Scenario(
        provider="paypal",
        course=refund_pends_and_fails,
        ends=("captured", 3000, 0, 0),
        books={PAYPAL: 2875, "fees": 125, DEPOSITS: -3000},
    ),
    Scenario(
        provider="paypal",
        course=refund_pends_and_completes,
        ends=("partially_refunded", 3000, 1000, 0),
        books={PAYPAL: 1875, "fees": 125, DEPOSITS: -2000},
    ),
    Scenario(
        provider="paypal",
        course=paypal_dispute_won,
        ends=("captured", 3000, 0, 0),
        books={PAYPAL: 2875, "fees": 125, DEPOSITS: -3000},
        takes_time=True,
    ),
    Scenario(
        provider="paypal",
        course=paypal_dispute_lost,
        ends=("captured", 3000, 0, 3000),
        books={PAYPAL: -125, "fees": 125, "dispute_losses": 3000, DEPOSITS: -3000},
        takes_time=True,
    ),
    Scenario(
        provider="sandbox",
        course=captured_and_refunded,
        ends=("refunded", 3000, 3000, 0),
        books={},
    ),
]
