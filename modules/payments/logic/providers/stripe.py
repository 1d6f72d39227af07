"""Stripe, by PaymentIntents: the card stays between the buyer's browser and Stripe, we only ever see names of things.

An attempt is one intent, and an intent collects once at most, whatever it is asked for how often.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from modules.payments.contracts import MethodNotAvailable
from modules.payments.logic.providers import stripe_beginning, stripe_records, stripe_webhooks
from modules.payments.logic.providers.base import Charge, ListedPage, Notice, Observed, ObservedRefund, Payout
from modules.payments.logic.providers.stripe_amounts import to_stripe
from modules.payments.logic.providers.stripe_client import NAME, Answer, KeptFailure, after_asking, api, asking
from modules.payments.logic.providers.stripe_records import EXPAND
from modules.payments.logic.providers.stripe_saving import StripeSaving
from modules.payments.models import AttemptStatus, RefundStatus

log = structlog.get_logger(__name__)

# Stripe's name of a method that the buyer's browser, or an earlier purchase, has left with it.
METHOD = re.compile(r"pm_\w{1,57}", re.ASCII)


class Stripe(StripeSaving):
    """Fulfils Provider and SavesMethods."""

    name = NAME
    methods: tuple[str, ...] = ()

    @property
    def public_key(self) -> str | None:
        return settings.STRIPE_PUBLISHABLE_KEY or None

    @property
    def dashboard(self) -> str:
        is_live = "_live_" in settings.STRIPE_SECRET_KEY[:8]
        return f"https://dashboard.stripe.com/{'' if is_live else 'test/'}payments/{{reference}}"

    def method_for(self, asked: str | None) -> str:
        if asked and not METHOD.fullmatch(asked):
            raise MethodNotAvailable(method=asked)
        # Without one the buyer's browser asks him, by the client_secret.
        return asked or ""

    def check_amount(self, amount: Money) -> None:
        to_stripe(amount)

    def create(self, charge: Charge) -> Observed:
        return stripe_beginning.begin(charge)

    def confirm(self, charge: Charge, method: str | None) -> Observed:
        observed = _existing(charge)
        if not self.method_for(method) or not _waits_for_method(observed):
            return observed
        return _confirm(replace(charge, reference=observed.reference), method or "")

    def fetch(self, charge: Charge) -> Observed | None:
        if charge.reference:
            return stripe_records.fetch(charge.reference, charge.return_url)
        return stripe_records.find(charge)

    def capture(self, charge: Charge, capture_id: UUID, amount: Money) -> Observed:
        reference = charge.reference or _existing(charge).reference
        known = replace(charge, reference=reference)
        try:
            return _capture(known, amount, str(capture_id))
        except KeptFailure:
            with after_asking():
                observed = _existing(known)
                if observed.status != AttemptStatus.AUTHORIZED:
                    return observed
                # The key has only a failure to tell. An intent is captured once at most, with a key or without.
                return _capture(known, amount, None)

    def cancel(self, charge: Charge) -> Observed:
        return stripe_beginning.call_off(charge)

    def refund(self, charge: Charge, refund_id: UUID, amount: Money) -> Observed:
        observed = _existing(charge)
        # Looked up first: keys are forgotten after a day, and money may not go back twice.
        if any(refund.refund_id == refund_id for refund in observed.refunds):
            return observed
        return _refund(replace(charge, reference=observed.reference), refund_id, amount)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return stripe_webhooks.verify(headers, body)

    def list_attempts(self, since: datetime, until: datetime, cursor: str | None) -> ListedPage:
        return stripe_records.list_attempts(since, until, cursor)

    def list_payouts(self, since: datetime, until: datetime) -> Iterator[Payout]:
        return stripe_records.list_payouts(since, until)


def _existing(charge: Charge) -> Observed:
    """How it stands; Unavailable where Stripe shows nothing of what it must have begun."""
    if charge.reference:
        observed = stripe_records.fetch(charge.reference, charge.return_url)
    else:
        observed = stripe_records.find(charge)
    if observed is None:
        raise Unavailable("Stripe does not show this payment.", dependency=NAME)
    return observed


def _waits_for_method(observed: Observed) -> bool:
    """Before the first method, and after one was declined; not while his bank asks the buyer something."""
    is_first = observed.status == AttemptStatus.REQUIRES_ACTION and observed.next_action is None
    return is_first or observed.status == AttemptStatus.FAILED


def _confirm(charge: Charge, method: str) -> Observed:
    """Without a key of ours: a kept decline would be the answer for a day, also after the buyer has mended his card.
    Repeating cannot collect twice, since only an intent that waits for a method takes one."""
    from stripe import CardError, InvalidRequestError

    params: Any = {
        "payment_method": method,
        "return_url": stripe_beginning.return_url(charge),
        "expand": EXPAND,
    }
    try:
        with asking():
            intent = api().payment_intents.confirm(charge.reference, params)
    except CardError as error:
        return stripe_beginning.read_again(error, charge)
    except InvalidRequestError as error:
        if error.param == "payment_method":
            raise MethodNotAvailable(method=method) from None
        with after_asking():
            return _existing(charge)
    with after_asking():
        return stripe_records.complete(intent.to_dict(), charge.return_url)


def _capture(charge: Charge, amount: Money, key: str | None) -> Observed:
    from stripe import CardError, IdempotencyError, InvalidRequestError

    params: Any = {"amount_to_capture": to_stripe(amount), "expand": EXPAND}
    try:
        with asking():
            api().payment_intents.capture(charge.reference, params, {"idempotency_key": key} if key else None)
    except (CardError, InvalidRequestError, IdempotencyError) as error:
        log.warning("stripe_refuses_a_capture", code=error.code, request_id=error.request_id)
    # Not the answer to the capture: a key gives back what was so when it was used first.
    with after_asking():
        return _existing(charge)


def _refund(charge: Charge, refund_id: UUID, amount: Money) -> Observed:
    from stripe import CardError, IdempotencyError, InvalidRequestError

    labels = {"refund_id": str(refund_id), "attempt_id": str(charge.attempt_id), "payment_id": str(charge.payment_id)}
    params: Answer = {"payment_intent": charge.reference, "amount": to_stripe(amount), "metadata": labels}
    try:
        with asking():
            api().refunds.create(params, {"idempotency_key": str(refund_id)})  # type: ignore[arg-type]  # plain
    except (CardError, InvalidRequestError, IdempotencyError) as error:
        log.warning("stripe_refuses_a_refund", code=error.code, request_id=error.request_id)
        with after_asking():
            return _with_refusal(_existing(charge), refund_id, amount)
    with after_asking():
        return _existing(charge)


def _with_refusal(observed: Observed, refund_id: UUID, amount: Money) -> Observed:
    refused = ObservedRefund(
        reference=f"refused_{refund_id}",
        refund_id=refund_id,
        status=RefundStatus.FAILED,
        amount_minor=amount.minor,
    )
    return replace(observed, refunds=(*observed.refunds, refused))
