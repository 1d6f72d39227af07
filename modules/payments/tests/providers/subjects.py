"""The providers that the contract is tested with, each with what its test needs from outside: a buyer, a bad line.

To add one, write a context manager that yields its Subject, and name it in SUBJECTS.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.logic.providers.base import Charge, Observed, Provider
from modules.payments.logic.providers.stripe import Stripe
from modules.payments.tests.providers.paypal_world import PAYPAL, paypal_shop
from tests.fakes.stripe import Fault, StripeServer

IS_LIVE = os.environ.get("STRIPE_CONTRACT") == "live"
FAKE_KEY, FAKE_SECRET = "sk_test_fake", "whsec_fake"
CALLS = {
    "create": "/v1/payment_intents",
    "confirm": "/v1/payment_intents/*/confirm",
    "capture": "/v1/payment_intents/*/capture",
    "cancel": "/v1/payment_intents/*/cancel",
    "refund": "/v1/refunds",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A provider under test."""

    provider: Provider
    # A charge that the provider has not seen; `captures_later` for one that is only authorised.
    new_charge: Callable[..., Charge]
    # What the buyer does away from the shop, so that `confirm` afterwards finds it paid or authorised.
    pay: Callable[[Charge, Observed], None]
    # The next call of this name has its effect, and its answer is lost: Unavailable.
    fail_after_effect: Callable[[str], None]
    # Whether it has on record what nobody has paid yet, and finds it by our own id.
    knows_unpaid: bool = True


def new_charge(**different: Any) -> Charge:
    """A charge of 20 EUR."""
    standard: dict[str, Any] = {
        "attempt_id": new_id(),
        "payment_id": new_id(),
        "order_id": new_id(),
        "amount": Money(minor=2000, currency="EUR"),
        "method": "",
        "return_url": "https://shop.example/back",
    }
    return Charge(**standard | different)


@contextmanager
def configured_stripe(settings: Any) -> Iterator[StripeServer]:
    """The fake, and our settings pointing at it."""
    with StripeServer(key=FAKE_KEY, webhook_secrets=[FAKE_SECRET]) as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = FAKE_KEY, [FAKE_SECRET]
        settings.STRIPE_PUBLISHABLE_KEY, settings.STRIPE_API_BASE = "pk_test_fake", server.base_url
        yield server


@contextmanager
def _stripe(settings: Any) -> Iterator[Subject]:
    with configured_stripe(settings) as server:
        yield Subject(
            provider=Stripe(),
            new_charge=new_charge,
            pay=lambda _, observed: _ignore(server.browser.confirm(observed.client_secret, "pm_card_visa")),
            fail_after_effect=lambda call: server.fail_next("POST", CALLS[call], Fault.DROPPED_AFTER),
        )


@contextmanager
def _stripe_itself(settings: Any) -> Iterator[Subject]:
    """Stripe's test mode, by the STRIPE_SECRET_KEY of the environment. See docs/payments-stripe.md."""
    if not settings.STRIPE_SECRET_KEY.startswith("sk_test_"):
        pytest.fail("STRIPE_CONTRACT=live needs STRIPE_SECRET_KEY=sk_test_…")
    yield Subject(
        provider=Stripe(),
        new_charge=new_charge,
        pay=lambda charge, observed: _ignore(Stripe().confirm(_named(charge, observed), "pm_card_visa")),
        fail_after_effect=lambda _: pytest.skip("Stripe itself does not lose answers by command"),
    )


def _named(charge: Charge, observed: Observed) -> Charge:
    return Charge(**{**vars(charge), "reference": observed.reference})


def _ignore(_: object) -> None:
    return


@contextmanager
def _paypal(settings: Any) -> Iterator[Subject]:
    with paypal_shop() as paypal:
        yield Subject(
            provider=PAYPAL,
            new_charge=lambda **different: new_charge(**{"method": "paypal", **different}),
            pay=lambda charge, _: _ignore(paypal.buyer.approve(charge.reference)),
            fail_after_effect=lambda call: paypal.failures.add("drop_after", PAYPAL_CALLS[call]),
            # PayPal searches transactions, not orders; and an order by its own id only.
            knows_unpaid=False,
        )


PAYPAL_CALLS = {
    "create": "/v2/checkout/orders",
    "capture": "/capture",
    "cancel": "/v2/checkout/orders/",
    "refund": "/refund",
}

SUBJECTS: dict[str, Callable[[Any], AbstractContextManager[Subject]]] = {
    "paypal": _paypal,
    "stripe": _stripe_itself if IS_LIVE else _stripe,
}
