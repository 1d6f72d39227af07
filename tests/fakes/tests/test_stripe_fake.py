"""The fake of Stripe, driven by Stripe's own SDK: what the adapter is tested against behaves as documented."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import stripe as sdk

from tests.fakes.stripe import Fault, StripeServer

Client = Any
CHARGED = {"amount": 2000, "currency": "eur", "automatic_payment_methods": {"enabled": True}}


def client_of(server: StripeServer, key: str = "sk_test_fake") -> Client:
    """The SDK, pointed at the fake, without retries."""
    http = sdk.RequestsClient(timeout=(1, 2))
    return sdk.StripeClient(key, base_addresses={"api": server.base_url}, http_client=http, max_network_retries=0).v1


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def api(server: StripeServer) -> Client:
    return client_of(server)


def enveloped(error: sdk.StripeError) -> dict[str, Any]:
    """The error as it came."""
    body: Any = error.json_body
    found: dict[str, Any] = body["error"]
    return found


def paid(api: Client, method: str = "pm_card_visa", key: str | None = None, **more: Any) -> Any:
    params = CHARGED | {"payment_method": method, "confirm": True, "return_url": "https://shop.example/back"} | more
    return api.payment_intents.create(params, {"idempotency_key": key} if key else None)


def test_a_payment_is_begun_here_and_made_in_the_browser(server: StripeServer, api: Client) -> None:
    intent = api.payment_intents.create(CHARGED | {"metadata": {"order": "7"}})
    assert (intent.status, intent.last_payment_error, intent.metadata.order) == ("requires_payment_method", None, "7")

    server.browser.confirm(intent.client_secret, "pm_card_visa")

    intent = api.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    line = intent.latest_charge.balance_transaction
    assert (intent.status, intent.amount_received, intent.latest_charge.metadata.order) == ("succeeded", 2000, "7")
    assert (line.amount, line.fee, line.net, line.currency) == (2000, 55, 1945, "eur")
    assert [event["type"] for event in server.events.pending()] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_decline_is_402_and_holds_the_intent(api: Client, method: str, code: str, decline_code: str | None) -> None:
    with pytest.raises(sdk.CardError) as caught:
        paid(api, method)

    error = enveloped(caught.value)
    assert (caught.value.http_status, error["code"], error.get("decline_code")) == (402, code, decline_code)
    intent = api.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    assert api.charges.retrieve(intent.latest_charge).status == "failed"


def test_a_declined_buyer_may_use_another_card(server: StripeServer, api: Client) -> None:
    intent = api.payment_intents.create(CHARGED)
    declined = server.browser.confirm(intent.client_secret, "pm_card_visa_chargeDeclined")
    assert declined["status"] == "requires_payment_method"

    assert server.browser.confirm(intent.client_secret, "pm_card_visa")["status"] == "succeeded"


@pytest.mark.parametrize(("succeeds", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_three_d_secure(server: StripeServer, api: Client, succeeds: bool, status: str) -> None:
    intent = paid(api, "pm_card_threeDSecure2Required")
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == "https://shop.example/back"

    server.browser.authenticate(intent.client_secret, succeeds=succeeds)

    intent = api.payment_intents.retrieve(intent.id)
    assert intent.status == status
    if not succeeds:
        assert intent.last_payment_error.code == "payment_intent_authentication_failure"


def test_without_the_buyer_authentication_is_a_decline(api: Client) -> None:
    with pytest.raises(sdk.CardError) as caught:
        paid(api, "pm_card_authenticationRequired", off_session=True)

    assert caught.value.code == "authentication_required"


def test_in_the_browser_stripe_js_does_what_the_bank_asks(server: StripeServer, api: Client) -> None:
    intent = api.payment_intents.create(CHARGED)
    server.browser.confirm(intent.client_secret, "pm_card_threeDSecure2Required")

    assert api.payment_intents.retrieve(intent.id).next_action.type == "use_stripe_sdk"


@pytest.mark.parametrize(("ends", "status"), [("settle", "succeeded"), ("refuse", "requires_payment_method")])
def test_a_debit_takes_days(server: StripeServer, api: Client, ends: str, status: str) -> None:
    intent = paid(api, "pm_sepaDebit")
    assert intent.status == "processing"

    getattr(server.bank, ends)(intent.id)

    assert api.payment_intents.retrieve(intent.id).status == status


def test_part_of_an_authorisation_is_captured_and_the_rest_released(api: Client) -> None:
    intent = paid(api, capture_method="manual", expand=["latest_charge"])
    hold = intent.latest_charge.payment_method_details.card.capture_before - intent.created
    assert (intent.status, intent.amount_capturable, hold) == ("requires_capture", 2000, 7 * 24 * 3600)

    captured = api.payment_intents.capture(intent.id, {"amount_to_capture": 1500, "expand": ["latest_charge"]})

    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 1500, 0)
    charge = captured.latest_charge
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (2000, 1500, 500)
    released = api.refunds.list({"payment_intent": intent.id}).data
    assert [(refund.amount, refund.balance_transaction) for refund in released] == [(500, None)]
    with pytest.raises(sdk.InvalidRequestError) as caught:
        api.payment_intents.capture(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_more_than_is_authorised_cannot_be_captured(api: Client) -> None:
    intent = paid(api, capture_method="manual")

    with pytest.raises(sdk.InvalidRequestError) as caught:
        api.payment_intents.capture(intent.id, {"amount_to_capture": 2001})

    assert caught.value.code == "amount_too_large"


def test_an_authorisation_lapses(server: StripeServer, api: Client) -> None:
    intent = paid(api, capture_method="manual")

    server.clock.advance(7 * 24 * 3600 + 5)

    intent = api.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")
    assert server.events.pending("charge.expired")


def test_what_is_paid_cannot_be_cancelled(api: Client) -> None:
    intent = api.payment_intents.create(CHARGED)
    assert api.payment_intents.cancel(intent.id).status == "canceled"
    for done in (intent, paid(api)):
        with pytest.raises(sdk.InvalidRequestError) as caught:
            api.payment_intents.cancel(done.id)
        assert caught.value.code == "payment_intent_unexpected_state"


def test_refunds_in_parts_until_nothing_is_left(api: Client) -> None:
    intent = paid(api)
    first = api.refunds.create({"payment_intent": intent.id, "amount": 500, "metadata": {"id": "1"}})
    with pytest.raises(sdk.InvalidRequestError, match="greater than unrefunded amount") as caught:
        api.refunds.create({"payment_intent": intent.id, "amount": 1501})
    assert caught.value.param == "amount"
    api.refunds.create({"payment_intent": intent.id})
    with pytest.raises(sdk.InvalidRequestError) as caught:
        api.refunds.create({"payment_intent": intent.id, "amount": 1})
    assert caught.value.code == "charge_already_refunded"

    listed = api.refunds.list({"payment_intent": intent.id, "expand": ["data.balance_transaction"]}).data
    assert [(refund.amount, refund.balance_transaction.amount) for refund in listed] == [(1500, -1500), (500, -500)]
    assert (first.status, listed[1].metadata.id) == ("succeeded", "1")


def test_a_refund_may_wait_and_may_fail_later(server: StripeServer, api: Client) -> None:
    intent = paid(api)
    server.refunds.next_one_pends()
    refund = api.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"

    server.refunds.succeed(refund.id)
    server.refunds.fail(refund.id)

    refund = api.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (refund.status, refund.failure_balance_transaction.amount) == ("failed", 2000)
    assert api.refunds.create({"payment_intent": intent.id}).amount == 2000


@pytest.mark.parametrize(("won", "status", "moves"), [(True, "won", [-2000, 2000]), (False, "lost", [-2000])])
def test_a_dispute(server: StripeServer, api: Client, won: bool, status: str, moves: list[int]) -> None:
    intent = paid(api, "pm_card_createDispute")
    (dispute,) = api.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason, dispute.balance_transactions[0].fee) == (
        "needs_response",
        "fraudulent",
        2000,
    )
    with pytest.raises(sdk.InvalidRequestError) as caught:
        api.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_disputed"

    server.disputes.answer(dispute.id)
    server.disputes.close(dispute.id, won=won)

    dispute = api.disputes.retrieve(dispute.id)
    assert (dispute.status, [line.amount for line in dispute.balance_transactions]) == (status, moves)


def test_an_inquiry_takes_no_money_until_it_is_escalated(server: StripeServer, api: Client) -> None:
    intent = paid(api, "pm_card_createDisputeInquiry")
    (dispute,) = api.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])

    server.disputes.escalate(dispute.id)

    dispute = api.disputes.retrieve(dispute.id)
    assert (dispute.status, len(dispute.balance_transactions)) == ("needs_response", 1)


def test_settling_in_another_currency(server: StripeServer, api: Client) -> None:
    server.balance.settle_in("usd", rate="1.1")
    intent = paid(api, expand=["latest_charge.balance_transaction"])

    line = intent.latest_charge.balance_transaction
    assert (line.amount, line.currency, line.exchange_rate, line.fee) == (2200, "usd", 1.1, 58)
    assert api.balance_transactions.retrieve(line.id).source == intent.latest_charge.id


def test_a_key_replays_the_first_answer_whatever_happened_since(api: Client) -> None:
    first = api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
    api.payment_intents.cancel(first.id)

    again = api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})

    assert (again.id, again.status) == (first.id, "requires_payment_method")
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_a_key_replays_a_decline(api: Client) -> None:
    for replayed in (None, "true"):
        with pytest.raises(sdk.CardError) as caught:
            paid(api, "pm_card_visa_chargeDeclined", key="k1")
        assert (caught.value.headers or {}).get("Idempotent-Replayed") == replayed
    assert len(api.payment_intents.list().data) == 1


def test_a_key_is_for_one_set_of_parameters_and_one_address(api: Client) -> None:
    api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})

    with pytest.raises(sdk.IdempotencyError) as caught:
        api.payment_intents.create(CHARGED | {"amount": 1999}, {"idempotency_key": "k1"})
    assert caught.value.http_status == 400
    with pytest.raises(sdk.IdempotencyError):
        api.customers.create({}, {"idempotency_key": "k1"})


def test_a_key_cannot_be_used_twice_at_once(server: StripeServer) -> None:
    server.slow_down(0.3)
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(client_of(server).payment_intents.create(CHARGED, {"idempotency_key": "k1"}).status)
        except sdk.StripeError as error:
            found.append((error.http_status, enveloped(error)["code"]))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, found)) == ["(409, 'idempotency_key_in_use')", "requires_payment_method"]


def test_a_key_lives_for_a_day(server: StripeServer, api: Client) -> None:
    first = api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
    server.clock.advance(24 * 3600)

    assert api.payment_intents.create(CHARGED, {"idempotency_key": "k1"}).id != first.id


@pytest.mark.parametrize(("how", "made"), [(Fault.SERVER_ERROR, 0), (Fault.SERVER_ERROR_AFTER, 1)])
def test_a_key_keeps_a_500(server: StripeServer, api: Client, how: Fault, made: int) -> None:
    server.fail_next("POST", "/v1/payment_intents", how)

    for _ in range(2):
        with pytest.raises(sdk.APIError) as caught:
            api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
        assert caught.value.http_status == 500
    assert len(server.objects("payment_intent")) == made


@pytest.mark.parametrize(("how", "status"), [(Fault.RATE_LIMITED, 429), (Fault.UNAVAILABLE, 503)])
def test_a_key_keeps_nothing_of_what_had_not_begun(server: StripeServer, api: Client, how: Fault, status: int) -> None:
    server.fail_next("POST", "/v1/payment_intents", how)
    with pytest.raises(sdk.StripeError) as caught:
        api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
    assert caught.value.http_status == status
    for wrong in ({"amount": 0, "currency": "eur"}, {"amount": 100}, CHARGED | {"amuont": 1}):
        with pytest.raises(sdk.InvalidRequestError):
            api.payment_intents.create(wrong, {"idempotency_key": "k1"})

    assert api.payment_intents.create(CHARGED, {"idempotency_key": "k1"}).status == "requires_payment_method"


@pytest.mark.parametrize(
    ("how", "made"),
    [(Fault.TIMEOUT_AFTER, 1), (Fault.TIMEOUT_BEFORE, 0), (Fault.DROPPED_AFTER, 1), (Fault.DROPPED_BEFORE, 0)],
)
def test_an_answer_that_is_lost(server: StripeServer, api: Client, how: Fault, made: int) -> None:
    server.fail_next("POST", "/v1/payment_intents", how)

    with pytest.raises(sdk.APIConnectionError):
        api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})

    assert len(server.objects("payment_intent")) == made
    api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
    assert len(server.objects("payment_intent")) == 1


def test_connections_are_refused_while_it_is_down(server: StripeServer, api: Client) -> None:
    api.payment_intents.list()
    with server.down():
        for _ in range(2):
            with pytest.raises(sdk.APIConnectionError):
                api.payment_intents.list()
    assert api.payment_intents.list().data == []


def test_keys_of_the_account(server: StripeServer) -> None:
    with pytest.raises(sdk.AuthenticationError, match="Invalid API Key"):
        client_of(server, "sk_test_another").payment_intents.list()
    basic = httpx2.get(f"{server.base_url}/v1/payment_intents", auth=("sk_test_fake", ""))
    assert (basic.status_code, basic.json()["object"]) == (200, "list")
    assert httpx2.get(f"{server.base_url}/v1/payment_intents").status_code == 401


def test_every_answer_names_its_request(api: Client) -> None:
    assert api.payment_intents.list().last_response.request_id.startswith("req_")
    with pytest.raises(sdk.InvalidRequestError) as caught:
        api.payment_intents.retrieve("pi_none")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert (caught.value.request_id or "").startswith("req_")


def test_lists_are_paged_and_bounded_in_time(server: StripeServer, api: Client) -> None:
    made = [api.payment_intents.create(CHARGED).id for _ in range(3)]
    server.clock.advance(3600)
    made.append(api.payment_intents.create(CHARGED).id)

    page = api.payment_intents.list({"limit": 3})
    assert ([intent.id for intent in page.data], page.has_more) == (made[:0:-1], True)
    rest = api.payment_intents.list({"limit": 3, "starting_after": page.data[-1].id})
    assert ([intent.id for intent in rest.data], rest.has_more) == (made[:1], False)
    newest = api.payment_intents.retrieve(made[-1]).created
    assert [i.id for i in api.payment_intents.list({"created": {"gte": newest}}).data] == made[3:]
    assert [i.id for i in api.payment_intents.list({"created": {"lt": newest}}).data] == made[2::-1]


def test_what_can_be_expanded(api: Client) -> None:
    intent = paid(api, expand=["latest_charge.refunds", "payment_method"])
    assert (intent.latest_charge.refunds.data, intent.payment_method.card.last4) == ([], "4242")
    listed = api.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]})
    assert listed.data[0].latest_charge.balance_transaction.amount == 2000
    for wrong in ("amount", "data.latest_charge.refunds.data.balance_transaction"):
        with pytest.raises(sdk.InvalidRequestError):
            api.payment_intents.list({"expand": [wrong]})
        with pytest.raises(sdk.InvalidRequestError):
            api.payment_intents.retrieve(intent.id, {"expand": [wrong]})


def test_a_method_is_saved_used_and_forgotten(server: StripeServer, api: Client) -> None:
    customer = api.customers.create({"metadata": {"user": "1"}})
    setup = api.setup_intents.create({"customer": customer.id, "usage": "off_session"})
    server.browser.confirm(setup.client_secret, "pm_card_mastercard")
    assert api.setup_intents.retrieve(setup.id).status == "succeeded"
    (saved,) = api.customers.payment_methods.list(customer.id, {"type": "card"}).data
    assert (saved.card.brand, saved.card.last4) == ("mastercard", "4444")

    assert paid(api, saved.id, customer=customer.id, off_session=True).status == "succeeded"
    with pytest.raises(sdk.InvalidRequestError):
        paid(api, saved.id)

    assert api.payment_methods.detach(saved.id).customer is None
    assert api.customers.delete(customer.id).deleted is True
    with pytest.raises(sdk.InvalidRequestError):
        api.payment_intents.create(CHARGED | {"customer": customer.id})


def test_a_method_may_need_the_buyer_to_be_saved(server: StripeServer, api: Client) -> None:
    customer = api.customers.create({})
    setup = api.setup_intents.create({"customer": customer.id})
    server.browser.confirm(setup.client_secret, "pm_card_authenticationRequired")
    assert api.setup_intents.retrieve(setup.id).status == "requires_action"

    server.browser.authenticate(setup.client_secret)

    assert len(api.customers.payment_methods.list(customer.id).data) == 1


def test_payouts(server: StripeServer, api: Client) -> None:
    server.payouts.pay(5000, "EUR", arrival_date=1_700_000_000)
    server.payouts.pay(-100, "eur", arrival_date=1_700_000_500)

    found = api.payouts.list({"arrival_date": {"gte": 1_700_000_000, "lt": 1_700_000_500}, "status": "paid"}).data
    assert [(payout.amount, payout.currency) for payout in found] == [(5000, "eur")]


def test_events_are_listed_and_hold_the_past(server: StripeServer, api: Client) -> None:
    intent = api.payment_intents.create(CHARGED, {"idempotency_key": "k1"})
    api.payment_intents.cancel(intent.id)

    canceled, created = api.events.list({"types": ["payment_intent.created", "payment_intent.canceled"]}).data
    assert (created.data.object.status, canceled.data.object.status) == ("requires_payment_method", "canceled")
    assert created.request.idempotency_key == "k1"
    assert api.events.retrieve(created.id).type == "payment_intent.created"


def test_events_are_delivered_in_any_order_twice_or_never(server: StripeServer, api: Client) -> None:
    paid(api)
    came: list[tuple[str, str]] = []

    def receive(headers: dict[str, str], body: bytes) -> None:
        event = sdk.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_fake")
        came.append((event.type, event.id))

    assert server.events.drop("payment_intent.created") == 1
    server.events.deliver(receive, order=lambda events: events[::-1], times=2)

    types = ["payment_intent.succeeded", "payment_intent.succeeded", "charge.succeeded", "charge.succeeded"]
    assert ([kind for kind, _ in came], len(set(came))) == (types, 2)
    assert server.events.pending() == []


def test_events_are_signed_with_each_secret_and_age(server: StripeServer, api: Client) -> None:
    server.events.secrets = ["whsec_old", "whsec_new"]
    event = server.events.pending() or [api.payment_intents.create(CHARGED) and server.events.pending()[0]]
    headers, body = server.events.signed(event[0])
    for secret in server.events.secrets:
        sdk.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    late, body = server.events.signed(event[0], signed_ago=400)
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(body, late["Stripe-Signature"], "whsec_old")
