"""A shop whose PayPal is the fake, and how its tests speak of charges."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from django.test import override_settings

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.logic.providers import breakers, paypal_certificates, paypal_client
from modules.payments.logic.providers.base import Charge, Observed
from modules.payments.logic.providers.paypal import PayPal
from tests.fakes.paypal import PayPalServer

RETURN_URL = "https://shop.example.com/paid"
PAYPAL = PayPal()


@contextmanager
def paypal_shop() -> Iterator[PayPalServer]:
    """The fake, with the shop configured for it, and nothing remembered from before."""
    with PayPalServer() as paypal, TemporaryDirectory() as directory:
        authority = Path(directory) / "authority.pem"
        authority.write_bytes(paypal.webhooks.authority.pem)
        account = paypal.books.account
        configured = override_settings(
            PAYPAL_CLIENT_ID=account.client_id,
            PAYPAL_CLIENT_SECRET=account.client_secret,
            PAYPAL_WEBHOOK_ID=account.webhook_id,
            PAYPAL_API_BASE=paypal.base_url,
        )
        _forget()
        with configured, mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(authority)}):
            yield paypal
        _forget()


def new_charge(amount: str = "19.90", currency: str = "EUR", **how: Any) -> Charge:
    values: dict[str, Any] = {
        "attempt_id": new_id(),
        "payment_id": new_id(),
        "order_id": new_id(),
        "amount": Money.parse(amount, currency),
        "method": "paypal",
        "return_url": RETURN_URL,
    }
    return Charge(**(values | how))


def begun(**how: Any) -> Charge:
    """A charge that PayPal has an order for."""
    charge = new_charge(**how)
    return known(charge, PAYPAL.create(charge))


def paid(paypal: PayPalServer, **how: Any) -> Charge:
    """A charge that was approved and confirmed."""
    charge = begun(**how)
    paypal.buyer.approve(charge.reference)
    PAYPAL.confirm(charge, None)
    return charge


def known(charge: Charge, observed: Observed) -> Charge:
    """The charge with the provider's name for it, as the shop asks for it from then on."""
    return replace(charge, reference=observed.reference)


def euros(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def _forget() -> None:
    paypal_client.reset()
    paypal_certificates.forget()
    breakers.reset()
