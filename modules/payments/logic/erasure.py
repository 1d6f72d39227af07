"""What becomes of the payments of somebody who has erased his account.

The books stay, as the law asks, and so do amounts, states and what providers said of them in our own words
(observations hold nothing personal). What providers told in theirs is emptied, and no order's token opens the payment
any more; the id of the account names nobody. Orders tells of a guest's payment that became a user's.
"""

from uuid import UUID

from django.db.models import F, Q, QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.payments.models import Attempt, Payment, ProviderEvent, Refund


def forget_user(user_id: UUID) -> None:
    """In the open transaction, empty what is personal of this user's payments; repeating is safe."""
    _forget(Payment.objects.filter(payer_id=user_id))


def forget_payer(*, order_id: UUID) -> None:
    """Empty what is personal of an order's payments, whoever paid; refuses nothing, repeating is safe."""
    with atomic(Payment):
        _forget(Payment.objects.filter(order_id=order_id))


def _forget(payments: QuerySet[Payment]) -> None:
    ids = list(payments.values_list("pk", flat=True))
    unmarked = Payment.objects.filter(pk__in=ids, payer_erased_at=None)
    unmarked.update(payer_erased_at=clock.now(), token_hash="", version=F("version") + 1)
    Refund.objects.filter(payment__in=ids).exclude(reason="").update(reason="")
    for attempt in Attempt.objects.filter(payment__in=ids):
        ProviderEvent.objects.filter(_about(attempt)).exclude(body=b"").update(body=b"")


def _about(attempt: Attempt) -> Q:
    about = Q(attempt_id=attempt.pk)
    if attempt.provider_reference:
        about |= Q(provider=attempt.provider, provider_reference=attempt.provider_reference)
    return about
