"""No secret is ever written to the log, however much of it is on: not ours, not the buyer's."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.logic.providers.base import InvalidSignature
from modules.payments.tests.providers.subjects import Subject

pytestmark = pytest.mark.django_db


def ours() -> list[str]:
    """The secrets of the shop."""
    return [settings.STRIPE_SECRET_KEY, *settings.STRIPE_WEBHOOK_SECRETS, settings.PAYPAL_CLIENT_SECRET]


def test_a_payments_whole_life_leaves_no_secret_in_the_log(subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    provider, charge = subject.provider, subject.new_charge()
    with caplog.at_level(logging.DEBUG):
        begun = provider.create(charge)
        charge = replace(charge, reference=begun.reference)
        subject.pay(charge, begun)
        provider.confirm(charge, None)
        provider.refund(charge, new_id(), Money(minor=500, currency="EUR"))
        provider.refund(charge, new_id(), Money(minor=5000, currency="EUR"))
        provider.fetch(charge)
        provider.cancel(charge)
        subject.fail_after_effect("create")
        with pytest.raises(Unavailable) as lost:
            provider.create(subject.new_charge())
        with pytest.raises(InvalidSignature) as forged:
            provider.verify_webhook({"Stripe-Signature": "t=1,v1=2"}, b'{"id": "evt_1"}')

    said = f"{caplog.text} {lost.value!r} {lost.value.details} {lost.value.__cause__!r} {forged.value!r} {provider!r}"
    found: list[Any] = [secret for secret in [*ours(), begun.client_secret, "Bearer ", "Basic "] if secret in said]
    assert [secret for secret in found if secret] == []
