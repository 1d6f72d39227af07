"""A real worker that is killed while it sends, tasks that come more than once, and a provider that is down."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.sendgrid import HANG, HANG_AFTER, SendGridServer
from tests.journeys.buyer import Buyer
from tests.shop import RunningShop

pytestmark = [
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(300),
]

MESSAGES = 20
# As many confirmations as are wanted, like the one that the shop has written, and due.
COPY = """
    INSERT INTO notifications_message (
        id, topic, reference_id, recipient, channel, language, address, subject, text, html,
        status, attempts, next_attempt_at, created_at)
    SELECT gen_random_uuid(), topic, gen_random_uuid(), recipient, channel, language, address, subject, text, html,
        'ready', 0, now(), now()
    FROM notifications_message, generate_series(1, %s) WHERE id = %s
    RETURNING id::text
"""
TWO_MINUTES_PASS = """
    UPDATE notifications_message SET claimed_until = claimed_until - interval '2 minutes',
        handed_until = handed_until - interval '2 minutes'
    WHERE status = 'ready' RETURNING id::text
"""
HAND_OVER_FIVE_TIMES = """
from modules.notifications.logic.handover import hand_over
from modules.notifications.models import Message
for _ in range(5):
    hand_over(list(Message.objects.filter(status="ready").values_list("pk", flat=True)))
"""


@pytest.fixture
def sendgrid(killable_shop: RunningShop) -> Iterator[SendGridServer]:
    """The shop's worker sends by it."""
    with SendGridServer() as server:
        before = killable_shop.environment
        variables = {"SENDGRID_API_KEY": server.key, "SENDGRID_API_BASE": server.base_url}
        killable_shop.environment = before | variables
        restart_worker(killable_shop)
        yield server
        killable_shop.environment = before
        restart_worker(killable_shop)


@pytest.fixture
def confirmation(killable_shop: RunningShop, sendgrid: SendGridServer) -> str:
    """The id of one that the shop has written and sent."""
    with Buyer(killable_shop.url) as buyer:
        placed = buyer.check_out(buyer.new_cart())
        assert placed.status_code == 201, placed.text
        order = buyer.wait_for(placed.json(), status="confirmed")
    wait_until(lambda: bool(sendgrid.mails))
    wait_until(lambda: left(killable_shop) == 0)
    sendgrid.mails.clear()
    sql = "SELECT id::text FROM notifications_message WHERE order_id = %s AND topic = 'order_confirmed'"
    ((message_id,),) = killable_shop.rows(sql, order["id"])
    return str(message_id)


def restart_worker(shop: RunningShop) -> None:
    shop.kill("worker")
    shop.start("worker")


def write(shop: RunningShop, like: str, number: int = MESSAGES) -> set[str]:
    return {row[0] for row in shop.rows(COPY, number, like)}


def left(shop: RunningShop) -> int:
    ((count,),) = shop.rows("SELECT count(*) FROM notifications_message WHERE status NOT IN ('sent', 'skipped')")
    return int(count)


def connections(shop: RunningShop) -> int:
    """How many were ever made to the shop's database."""
    sql = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    ((count,),) = shop.rows(sql)
    return int(count)


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "not within its time"
        time.sleep(0.1)


def taken(sendgrid: SendGridServer) -> Counter[str]:
    """How often each message arrived."""
    return Counter(mail.custom_args["message_id"] for mail in list(sendgrid.mails))


def kill_at_the_seventh_call(shop: RunningShop, sendgrid: SendGridServer, confirmation: str, how: str) -> set[str]:
    """Twenty messages, and a worker that is killed while it waits for an answer; then another, two minutes later."""
    before = sendgrid.calls
    sendgrid.fail_next(*6 * [202], how)
    written = write(shop, confirmation)
    wait_until(lambda: sendgrid.calls == before + 7)
    time.sleep(0.2)
    restart_worker(shop)
    shop.rows(TWO_MINUTES_PASS)
    wait_until(lambda: left(shop) == 0)
    shop.manage("check_invariants")
    return written


def lost(shop: RunningShop) -> list[str]:
    sql = "SELECT message_id::text FROM notifications_delivery WHERE status = 'lost'"
    return [row[0] for row in shop.rows(sql)]


def test_a_worker_killed_before_the_provider_took_the_mail_sends_each_once(
    killable_shop: RunningShop, sendgrid: SendGridServer, confirmation: str
) -> None:
    before = lost(killable_shop)
    written = kill_at_the_seventh_call(killable_shop, sendgrid, confirmation, HANG)
    assert taken(sendgrid) == Counter(written)
    assert len(lost(killable_shop)) == len(before) + 1


def test_a_worker_killed_after_the_provider_took_the_mail_sends_that_one_again_as_the_same(
    killable_shop: RunningShop, sendgrid: SendGridServer, confirmation: str
) -> None:
    """SendGrid knows no idempotency keys; docs/notifications.md names the risk."""
    before = set(lost(killable_shop))
    written = kill_at_the_seventh_call(killable_shop, sendgrid, confirmation, HANG_AFTER)
    (twice,) = set(lost(killable_shop)) - before
    assert taken(sendgrid) == Counter(written) + Counter([twice])
    same = [mail.headers["Message-ID"] for mail in sendgrid.mails if mail.custom_args["message_id"] == twice]
    assert len(same) == 2
    assert len(set(same)) == 1


def test_tasks_that_come_five_times_to_two_workers_send_each_once(
    killable_shop: RunningShop, sendgrid: SendGridServer, confirmation: str
) -> None:
    killable_shop.stop("worker")
    killable_shop.stop("beat")
    written = write(killable_shop, confirmation, 5 * MESSAGES)
    killable_shop.manage("shell", "-c", HAND_OVER_FIVE_TIMES)
    connected = connections(killable_shop)
    killable_shop.start("worker")
    killable_shop.start("worker", called="second worker")
    killable_shop.start("beat")
    wait_until(lambda: len(sendgrid.mails) >= len(written))
    # Five hundred tasks do not connect anew each.
    assert connections(killable_shop) - connected < len(written)
    wait_until(lambda: left(killable_shop) == 0)
    killable_shop.stop("second worker")
    assert taken(sendgrid) == Counter(written)
    killable_shop.manage("check_invariants")


def test_after_an_outage_the_backlog_drains_without_loss_or_double(
    killable_shop: RunningShop, sendgrid: SendGridServer, confirmation: str
) -> None:
    before = sendgrid.calls
    sendgrid.is_down = True
    written = write(killable_shop, confirmation, 10 * MESSAGES)
    wait_until(lambda: sendgrid.calls > before)
    time.sleep(15)
    asked = sendgrid.calls - before
    sendgrid.is_down = False
    wait_until(lambda: left(killable_shop) == 0, 120)
    assert taken(sendgrid) == Counter(written)
    # The breaker: two hundred wait, and few of them ask.
    assert asked <= 10
    killable_shop.manage("check_invariants")
