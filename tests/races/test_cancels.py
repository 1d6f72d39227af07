"""One order is called off and paid for by fifty at once: it ends called off, and nobody keeps money for it."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from ecommerce.kernel import clock
from ecommerce.kernel.models import InboxEvent, Step
from tests.races.test_endings import DB, ENDS, application, cancel, come_to_rest, deliver_webhooks, query, relay
from tests.races.test_purchases import at_once, check_out, new_cart, stock_up, variant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

ON_HAND = 10
# However many wish it: an order that is not shipped can be cancelled, paid or not, so it always is.
ENDINGS = {
    # No money was taken, ...
    ("cancelled", "cancelled", True, True, "released"),
    # ... or it went back in full: before the stock was sold, or after, and then it was returned.
    ("cancelled", "refunded", True, True, "released"),
    ("cancelled", "refunded", True, True, "committed"),
}
ONCE = """
    SELECT (SELECT count(*) FROM orders_timelineentry WHERE event = 'cancelled'),
           (SELECT count(*) FROM kernel_outboxevent WHERE name = 'orders.OrderCancelled'),
           (SELECT count(*) FROM payments_sandboxpayment),
           (SELECT count(*) FROM payments_refund) = (SELECT count(*) FROM orders_order WHERE captured_minor > 0),
           (SELECT coalesce(sum(refunded_minor), 0) FROM payments_sandboxpayment)
               = (SELECT coalesce(sum(amount_minor), 0) FROM payments_sandboxpayment WHERE status = 'captured')
"""
STOCK = "SELECT sum(on_hand), sum(held) FROM catalog_stocklevel WHERE variant_id = '{}'"
# What is owed to the buyer, or lies with the provider.
KEPT = """
    SELECT account, sum(amount_minor) FROM payments_entry
    WHERE account IN ('customer_deposits', 'provider:sandbox:clearing') GROUP BY 1 HAVING sum(amount_minor) <> 0
"""


@pytest.fixture(autouse=True)
def shop(transactional_db: None) -> Iterator[None]:
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    application()
    yield
    call_command("check_invariants", verbosity=0)


def nothing_yet() -> None:
    """The provider has not told yet that it has the money."""


@pytest.mark.parametrize("before", [nothing_yet, deliver_webhooks, come_to_rest])
def test_50_cancels_and_captures_of_one_order_at_once_end_one_way(before: Callable[[], None]) -> None:
    bought = variant()["id"]
    stock_up(bought, ON_HAND)
    order = check_out(new_cart(bought, 2), key="the-key").json()["order"]
    before()
    tell_again_and_again()

    answers = at_once([partial(cancel, order), deliver_webhooks, partial(cancel, order), deliver_webhooks, relay] * 10)
    come_to_rest()

    # Whoever comes second finds it cancelled.
    assert [answer for answer in answers if answer is not None] == [200] * 20
    assert list(Step.objects.using(DB).filter(status__in=["pending", "parked"]).values_list("name", "last_error")) == []
    assert list(InboxEvent.objects.using(DB).filter(handled_at=None).values_list("name", "last_error")) == []
    [(*ending, count)] = query(ENDS)
    assert count == 1
    assert tuple(ending) in ENDINGS
    assert query(ONCE) == [(1, 1, 1, True, True)]
    assert query(STOCK.format(bought)) == [(ON_HAND, 0)]
    assert query(KEPT) == []


def tell_again_and_again() -> None:
    """The provider tells of the capture twenty times, as they do."""
    from modules.payments.models import SandboxPayment, SandboxWebhook  # only where payments is installed

    charge, now = SandboxPayment.objects.get(), clock.now()
    SandboxWebhook.objects.bulk_create(
        SandboxWebhook(payment_id=charge.pk, type="payment.captured", next_attempt_at=now, created_at=now)
        for _ in range(20)
    )
