"""The page of one payment: everything that is known of it, by as many statements however much that is."""

from datetime import timedelta

import pytest
from django.test import Client

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local, statements
from modules.payments import models
from modules.payments.contracts import Payment
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.providers.stripe import Stripe
from modules.payments.logic.refunds import refund_order
from modules.payments.tests.admin import desk
from modules.payments.tests.admin.desk import HANDLES, READS, disputed, page_of, signed_in, text_of
from modules.payments.tests.factories import captured, eur, split_of, started

pytestmark = desk.pytestmark

# The session, who is signed in and what he may.
BESIDE = 3
# The payment; attempts, what was observed, events, refunds, disputes, decisions, entries.
OWN = 8


@pytest.fixture
def staff() -> Client:
    return signed_in(*READS)


def refund(payment: Payment, minor: int) -> None:
    refund_order(order_id=payment.order_id, reference=new_id(), amount=eur(minor), split=split_of(minor), reason="Torn")


def test_a_payment_is_shown_with_all_that_happened_to_it(staff):
    payment = captured()
    refund(payment, 1000)

    answer = staff.get(page_of(payment.id))

    page, shown = text_of(answer), answer.context
    attempt = models.Attempt.objects.get()
    assert shown["status"] == ("partially refunded", "")
    assert shown["amounts"] == [
        ("Amount", "30.00 EUR"), ("Goods", "30.00 EUR"), ("Captured", "30.00 EUR"), ("Given back", "10.00 EUR"),
    ]  # fmt: skip
    [tried] = shown["attempts"]
    # The sandbox has no pages for staff.
    assert (tried.status, tried.provider) == ("captured", None)
    assert tried.told[1] == f"sandbox {attempt.provider_reference}"
    assert [(one.status, one.told[1:3]) for one in shown["refunds"]] == [("succeeded", ["goods 10.00 EUR", "Torn"])]
    assert [row[1:] for row in shown["observations"]["rows"]] == [
        [1, "captured", "captured 30.00 EUR, 1 refund"],
        [1, "captured", "captured 30.00 EUR"],
        [1, "processing", "-"],
    ]
    assert {row[1] for row in shown["events"]["rows"]} == {"payment.captured"}
    assert all(row[3] != "-" for row in shown["events"]["rows"])
    assert all(words in page for words in ("Ledger entries", "Given back", attempt.provider_reference))


def test_the_books_of_a_payment_have_two_sides_that_are_as_much(staff):
    payment = captured()
    refund(payment, 1000)

    shown = staff.get(page_of(payment.id)).context

    assert [row[1:] for row in shown["entries"]["rows"]] == [
        ["capture", "provider:sandbox:clearing", "30.00 EUR", ""],
        ["capture", "customer_deposits", "", "30.00 EUR"],
        ["refund", "customer_deposits", "10.00 EUR", ""],
        ["refund", "provider:sandbox:clearing", "", "10.00 EUR"],
    ]
    assert shown["balances"]["rows"] == [
        ["customer_deposits", "", "20.00 EUR"],
        ["provider:sandbox:clearing", "20.00 EUR", ""],
        ["All entries in EUR", "40.00 EUR", "40.00 EUR"],
    ]


def test_an_attempt_leads_to_the_providers_own_page(staff, settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_test_1", ["whsec_1"]
    payment = captured()
    models.Attempt.objects.update(provider="stripe", provider_reference="pi_1/..?x")

    [tried] = staff.get(page_of(payment.id)).context["attempts"]

    assert tried.provider.href == Stripe().dashboard.format(reference="pi_1%2F..%3Fx")
    settings.STRIPE_SECRET_KEY = ""
    # Without its keys nobody knows which of its dashboards it is.
    assert staff.get(page_of(payment.id)).context["attempts"][0].provider is None


@pytest.mark.parametrize(
    ("left", "pressing", "told"),
    [
        (timedelta(days=7, minutes=1), "calm", "7 days left"),
        (timedelta(days=6, hours=23), "urgent", "6 days left"),
        (timedelta(days=1, hours=1), "urgent", "a day left"),
        (timedelta(hours=2), "urgent", "less than a day left"),
        (timedelta(hours=-2), "urgent", "passed"),
    ],
)
def test_a_disputes_deadline_is_marked_when_a_week_is_left(staff, left: timedelta, pressing: str, told: str):
    payment = captured()
    disputed(payment, due=clock.now() + left)

    [shown] = staff.get(page_of(payment.id)).context["disputes"]

    assert (shown.deadline[0], shown.deadline[1].split(", ")[1]) == (pressing, told)
    assert shown.deadline_colour == {"calm": "info", "urgent": "danger"}[pressing]
    assert "30.00 EUR held by the bank" in shown.told


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_takes_as_many_statements_however_much_happened(staff, count: int):
    payment = captured()
    for _ in range(count):
        refund(payment, 100)
        models.ProviderEvent.objects.create(
            provider="sandbox", event_id=str(new_id()), type="x", body=b"Lovelace", received_at=clock.now(),
            provider_reference=models.Attempt.objects.get().provider_reference,
        )  # fmt: skip
    disputed(payment, due=clock.now())

    with statements() as sql:
        answer = staff.get(page_of(payment.id))

    assert len([one for one in sql if '"payments_' in one]) == OWN
    assert len(sql) <= OWN + BESIDE
    assert len(answer.context["refunds"]) == count
    assert not [one for one in sql if '"body"' in one]


def test_secrets_are_not_shown(staff):
    payment = captured()
    models.Payment.objects.update(client_secret="pi_1_secret_x")

    page = text_of(staff.get(page_of(payment.id)))

    assert not any(secret in page for secret in ("pi_1_secret_x", models.Payment.objects.get().token_hash))


def test_the_order_and_the_payer_are_linked_for_who_may_see_them():
    payer = new_id()
    payment = captured(payer_id=payer)

    seen = signed_in(*READS, "orders.read", "users.read").get(page_of(payment.id)).context
    assert seen["payer"] == f"/admin/users/user/{payer}/change/"
    # Payments knows of orders' page its name alone.
    assert seen["order"] == (f"/admin/orders/order/{payment.order_id}/change/" if local("orders") else None)
    unseen = signed_in(*READS).get(page_of(payment.id)).context
    assert (unseen["order"], unseen["payer"]) == (None, None)


def test_acts_are_offered_to_who_may_write_by_the_payments_state(staff):
    writer = signed_in(*HANDLES)
    taken, authorized, open_ = captured(), started(captures_later=True), started(method="sandbox_3ds")

    def offered(client: Client, payment: Payment) -> list[str]:
        return [one.title for one in client.get(page_of(payment.id)).context["buttons"]]

    assert [offered(writer, one) for one in (taken, authorized, open_)] == [["Refund"], ["Capture", "Void"], []]
    assert [offered(staff, one) for one in (taken, authorized)] == [[], []]


def test_what_is_not_there_has_no_page(staff):
    never_began = new_id()
    cancel_payment(order_id=never_began, purpose="order")
    tombstone = models.Payment.objects.get(order_id=never_began)

    assert [staff.get(page_of(one)).status_code for one in (new_id(), tombstone.pk)] == [404, 404]
