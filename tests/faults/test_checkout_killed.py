"""The process that drives a checkout is killed at each of its points: one order, one hold, one payment all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.models import IdempotencyKey, Saga
from ecommerce.kernel.testing import relay_until_quiet
from tests.faults.dying_checkout import POINTS, check_out
from tests.journeys.buyer import DEMO_PRODUCT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

KEY = "the-key"
COUNTS = """
    SELECT (SELECT count(*) FROM orders_order),
           (SELECT count(*) FROM orders_timelineentry WHERE event = 'placed'),
           (SELECT count(*) FROM kernel_outboxevent WHERE name = 'orders.OrderPlaced'),
           (SELECT count(*) FROM catalog_stockhold),
           (SELECT sum(held) FROM catalog_stocklevel),
           (SELECT count(*) FROM payments_payment),
           (SELECT count(*) FROM payments_attempt),
           (SELECT count(*) FROM payments_sandboxpayment)
"""


@pytest.fixture
def cart_id(transactional_db: None) -> Iterator[str]:
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    buyer = APIClient()
    variant_id = buyer.get(f"/api/v1/catalog/products/{DEMO_PRODUCT}/").json()["variants"][0]["id"]
    cart_id: str = buyer.post("/api/v1/carts/", {}).json()["id"]
    buyer.post(f"/api/v1/carts/{cart_id}/items/", {"variant_id": variant_id, "quantity": 1})
    yield cart_id
    call_command("check_invariants", verbosity=0)


@pytest.mark.parametrize("point", POINTS)
def test_a_checkout_killed_when(point: str, cart_id: str) -> None:
    killed = check_out_in_a_process_that_dies(point, cart_id)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    # Its claim and its lease are still held: nobody else may act yet.
    early = check_out(cart_id, KEY)
    assert (early.status_code, early.json()["code"]) == (409, "idempotency_in_progress")
    relay_until_quiet()

    let_leases_run_out()
    relay_until_quiet()
    answers = [check_out(cart_id, KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    order, payment = answers[0].json()["order"], answers[0].json()["payment"]
    assert (order["status"], payment["status"], payment["amount"]) == ("pending", "pending", order["total"])
    assert counts() == (1, 1, 1, 1, 1, 1, 1, 1)

    deliver_webhooks()
    relay_until_quiet()
    url = f"/api/v1/orders/{order['id']}/?token={order['access_token']}"
    confirmed = APIClient().get(url).json()
    assert (confirmed["status"], confirmed["payment_status"]) == ("confirmed", "paid")
    assert counts() == (1, 1, 1, 1, 0, 1, 1, 1)


def check_out_in_a_process_that_dies(point: str, cart_id: str) -> subprocess.CompletedProcess[bytes]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    here = {"DATABASE_URL": database, "REDIS_URL": str(settings.CACHES["default"]["LOCATION"]), "DEBUG": "on"}
    command = [sys.executable, "-m", "tests.faults.dying_checkout", point, cart_id, KEY]
    environment = os.environ | here | {"DJANGO_SETTINGS_MODULE": "ecommerce.settings"}
    return subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True, check=False)


def let_leases_run_out() -> None:
    before = clock.now() - timedelta(seconds=1)
    Saga.objects.using("default").exclude(leased_until=None).update(leased_until=before)
    IdempotencyKey.objects.using("default").exclude(claimed_until=None).update(claimed_until=before)


def counts() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def deliver_webhooks() -> None:
    from modules.payments.logic.providers import sandbox_webhooks  # only where payments is installed

    assert sandbox_webhooks.deliver_due(httpx2.WSGITransport(app=get_wsgi_application())) == 1
