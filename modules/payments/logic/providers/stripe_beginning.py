"""Beginning to collect, and calling it off, so that an answer that was lost can do no harm.

The idempotency key of both is the attempt's id. Stripe keeps the first answer under a key for at least a day, and
refuses the key with other parameters: that is what both of them lean on.

Calling off an attempt whose intent we cannot name (its `create` was sent, and nothing came back) asks for the same
intent under the same key, but never confirmed, so that no money can move by it:

- The first one never arrived: now there is an intent that is harmless, and it is cancelled. Should the first one still
  arrive, it finds the key taken: the same parameters get the cancelled intent, others (it was to be confirmed) are
  refused.
- The first one had arrived, and was not to be confirmed: the answer is its intent, which is cancelled.
- It had arrived, and was to be confirmed: the key is refused, which proves that the first one has taken it. Asking for
  exactly that one again only brings back its kept answer: an intent to cancel, or to report where it has the money, or
  a refusal.
- It is still under way: Stripe says so, we do not know, and ask again later.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from modules.payments.contracts import AmountNotChargeable, Failure
from modules.payments.logic.providers.base import Charge, Observed
from modules.payments.logic.providers.stripe_amounts import to_stripe
from modules.payments.logic.providers.stripe_client import (
    NAME,
    Answer,
    KeptFailure,
    after_asking,
    api,
    asking,
    is_replayed,
)
from modules.payments.logic.providers.stripe_records import EXPAND, began_at, complete, fetch, find
from modules.payments.models import AttemptStatus

log = structlog.get_logger(__name__)

# Keys live for a day at least; well before, they are not to be relied on any more.
KEYS_ARE_SURE_FOR = timedelta(hours=12)


def begin(charge: Charge) -> Observed:
    """Begin to collect; for a charge that was begun before, what became of it."""
    known = fetch(charge.reference, charge.return_url) if charge.reference else _long_known(charge)
    if known is not None:
        return known
    try:
        return _create(charge, _params(charge))
    except AmountNotChargeable as refusal:
        return _refused(charge, refusal.code, refusal.detail)


def call_off(charge: Charge) -> Observed:
    """Cancel it unless money has moved; one that never was, or was refused, cannot become anything any more."""
    if charge.reference:
        return _cancel(charge.reference, charge)
    known = _long_known(charge)
    reference = known.reference if known else _take_key(charge)
    if not reference:
        return Observed(reference="", status=AttemptStatus.CANCELLED, amount=charge.amount)
    with after_asking():
        return _cancel(reference, charge)


def return_url(charge: Charge) -> str:
    """Where the buyer comes back to; Stripe insists on an address where a method may send him away."""
    return charge.return_url or settings.PUBLIC_URL


def _long_known(charge: Charge) -> Observed | None:
    """What Stripe lists of an attempt whose key it may have forgotten."""
    return None if _key_is_sure(charge) else find(charge)


def _key_is_sure(charge: Charge) -> bool:
    return clock.now() - began_at(charge) < KEYS_ARE_SURE_FOR


def _params(charge: Charge) -> Answer:
    """What we ask for. The same charge gives the same parameters, else its key would be refused."""
    return _unconfirmed(charge) | (_confirmed(charge) if charge.method else {})


def _unconfirmed(charge: Charge) -> Answer:
    params: Answer = {
        "amount": to_stripe(charge.amount),
        "currency": charge.amount.currency.lower(),
        "automatic_payment_methods": {"enabled": True},
        # "automatic", as by default the balance transaction follows only later.
        "capture_method": "manual" if charge.captures_later else "automatic",
        "metadata": {
            "attempt_id": str(charge.attempt_id),
            "payment_id": str(charge.payment_id),
            "order_id": str(charge.order_id),
        },
        "expand": EXPAND,
    }
    return params | ({"customer": charge.customer} if charge.customer else {})


def _confirmed(charge: Charge) -> Answer:
    return {"payment_method": charge.method, "confirm": True, "return_url": return_url(charge)}


def _create(charge: Charge, params: Answer) -> Observed:
    from stripe import CardError, IdempotencyError, InvalidRequestError

    try:
        intent, is_old = _ask(charge, params)
    except CardError as error:
        # A decline is an answer, with the intent in it.
        return read_again(error, charge)
    except (IdempotencyError, KeptFailure):
        # The key was taken while this attempt was called off; or it was half done, perhaps, and whatever there is of it
        # is in Stripe's list.
        with after_asking():
            return _found(charge)
    except InvalidRequestError as error:
        log.warning("stripe_refuses_a_charge", code=error.code, param=error.param, request_id=error.request_id)
        return _refused(charge, error.code or "refused", error.user_message or "The payment was refused.")
    with after_asking():
        return _as_it_is(intent["id"], charge) if is_old else complete(intent, charge.return_url)


def _ask(charge: Charge, params: Any) -> tuple[Answer, bool]:
    """The intent, and whether it is shown as it once was."""
    with asking():
        intent = api().payment_intents.create(params, {"idempotency_key": str(charge.attempt_id)})
    return intent.to_dict(), is_replayed(intent.last_response.headers if intent.last_response else None)


def read_again(error: Any, charge: Charge) -> Observed:
    """How the intent stands now that a card error is about; the error may be an old one, kept by its key."""
    with after_asking():
        return _as_it_is(named_in(error) or charge.reference, charge)


def named_in(error: Any) -> str:
    """The intent that an error of Stripe's is about."""
    named: str = ((error.json_body or {}).get("error", {}).get("payment_intent") or {}).get("id", "")
    return named


def _as_it_is(reference: str, charge: Charge) -> Observed:
    observed = fetch(reference, charge.return_url) if reference else None
    return observed or _found(charge)


def _found(charge: Charge) -> Observed:
    observed = find(charge)
    if observed is None:
        raise Unavailable("Stripe has begun this payment, and does not show it yet.", dependency=NAME)
    return observed


def _refused(charge: Charge, code: str, message: str) -> Observed:
    failure = Failure(code=code, message=message)
    return Observed(reference="", status=AttemptStatus.FAILED, amount=charge.amount, failure=failure)


def _take_key(charge: Charge) -> str:
    """The intent to cancel in the place of one whose name we do not know; empty where there can be none. See above."""
    from stripe import IdempotencyError

    try:
        return _reference(charge, lambda: _unconfirmed(charge))
    except IdempotencyError:
        with after_asking():
            return _taken_by(charge)


def _taken_by(charge: Charge) -> str:
    """What the key was taken for, which was not what it was now asked for."""
    from stripe import IdempotencyError

    if not _key_is_sure(charge):
        # Were the key forgotten just now, asking for the first thing again would charge the buyer.
        return _found(charge).reference
    try:
        return _reference(charge, lambda: _params(charge))
    except IdempotencyError:
        return _found(charge).reference


def _reference(charge: Charge, params: Callable[[], Answer]) -> str:
    from stripe import CardError, IdempotencyError, InvalidRequestError

    try:
        intent, _ = _ask(charge, params())
    except CardError as error:
        return named_in(error)
    except IdempotencyError:
        raise
    except (InvalidRequestError, AmountNotChargeable):
        return ""
    except KeptFailure:
        # Stripe failed at it and is done with it; what it may have made all the same is in its list.
        with after_asking():
            observed = find(charge)
        return observed.reference if observed else ""
    return str(intent["id"])


def _cancel(reference: str, charge: Charge) -> Observed:
    from stripe import InvalidRequestError

    try:
        with asking():
            # No key of ours: a kept refusal ("it is being processed") would outlive its reason, and an intent can be
            # cancelled only once anyway.
            intent = api().payment_intents.cancel(reference, {"expand": EXPAND})
    except InvalidRequestError:
        with after_asking():
            return _as_it_is(reference, charge)
    with after_asking():
        return complete(intent.to_dict(), charge.return_url)
