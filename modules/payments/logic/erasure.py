"""What becomes of the payments of somebody who has erased his account.

The books stay, as the law asks, and so do amounts, states and what providers said of them in our own words
(observations hold nothing personal). What providers told in theirs is emptied, and no order's token opens the payment
any more; the id of the account names nobody.
"""

from uuid import UUID

from django.db.models import F, Q

from ecommerce.kernel import clock
from modules.payments.models import Attempt, Payment, ProviderEvent, Refund


def forget_payer(user_id: UUID) -> None:
    """In the open transaction, empty what is personal of this user's payments; repeating is safe."""
    payments = Payment.objects.filter(payer_id=user_id)
    payments.filter(payer_erased_at=None).update(payer_erased_at=clock.now(), token_hash="", version=F("version") + 1)
    Refund.objects.filter(payment__payer_id=user_id).exclude(reason="").update(reason="")
    for attempt in Attempt.objects.filter(payment__payer_id=user_id):
        ProviderEvent.objects.filter(_about(attempt)).exclude(body=b"").update(body=b"")


def _about(attempt: Attempt) -> Q:
    about = Q(attempt_id=attempt.pk)
    if attempt.provider_reference:
        about |= Q(provider=attempt.provider, provider_reference=attempt.provider_reference)
    return about
