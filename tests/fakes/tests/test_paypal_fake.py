"""The fake of PayPal behaves as PayPal's documentation says."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest

from tests.fakes.paypal import PayPalServer
from tests.fakes.paypal.http import now, stamp
from tests.fakes.tests.paypal_caller import Caller, issue


@pytest.fixture
def paypal() -> Iterator[PayPalServer]:
    with PayPalServer() as paypal:
        yield paypal


@pytest.fixture
def caller(paypal: PayPalServer) -> Caller:
    return Caller(paypal)


def test_a_wrong_secret_gets_no_token(paypal):
    answer = httpx2.post(
        f"{paypal.base_url}/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=("fake-client", "wrong")
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_that_has_expired_is_refused_until_there_is_a_new_one(paypal, caller):
    paypal.expire_tokens()
    answer = caller.create()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    caller.sign_in()
    assert caller.create().status_code == 200


def test_an_order_with_a_payment_source_waits_for_the_payer(caller):
    order = caller.create(custom_id="ours", invoice_id="inv").json()
    assert order["status"] == "PAYER_ACTION_REQUIRED"
    assert [link["rel"] for link in order["links"]] == ["self", "payer-action"]
    assert order["purchase_units"][0]["custom_id"] == "ours"
    assert "payments" not in order["purchase_units"][0]


def test_without_a_payment_source_an_order_is_created_with_a_link_to_approve_it(caller):
    unit = {"amount": {"value": "1.00", "currency_code": "EUR"}}
    answer = caller.post("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [unit]})
    assert (answer.status_code, answer.json()["status"]) == (201, "CREATED")
    assert [link["rel"] for link in answer.json()["links"]] == ["self", "approve"]


def test_without_being_asked_for_more_an_order_is_id_status_and_links(caller):
    caller_answer = caller.http.post(
        "/v2/checkout/orders",
        json={"intent": "CAPTURE", "purchase_units": [{"amount": {"value": "1.00", "currency_code": "EUR"}}]},
    )
    assert set(caller_answer.json()) == {"id", "status", "links"}


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        ("10.00", "RON", "CURRENCY_NOT_SUPPORTED"),
        ("10.00", "HUF", "DECIMALS_NOT_SUPPORTED"),
        ("10.001", "EUR", "DECIMAL_PRECISION"),
        ("0.00", "EUR", "CANNOT_BE_ZERO_OR_NEGATIVE"),
    ],
)
def test_an_amount_that_paypal_does_not_take_is_refused(caller, value, currency, expected):
    answer = caller.create(value, currency)
    assert (answer.status_code, issue(answer)) == (422, expected)
    assert answer.json()["name"] == "UNPROCESSABLE_ENTITY"
    assert answer.json()["debug_id"]


def test_an_order_is_captured_once_it_is_approved(paypal, caller):
    order_id = caller.create("58.80", "EUR").json()["id"]
    path = f"/v2/checkout/orders/{order_id}/capture"
    assert issue(caller.post(path)) == "ORDER_NOT_APPROVED"
    assert paypal.buyer.approve(order_id) == f"https://shop/back?token={order_id}&PayerID=FAKEPAYER0001"
    captured = caller.post(path)
    assert (captured.status_code, captured.json()["status"]) == (201, "COMPLETED")
    capture = captured.json()["purchase_units"][0]["payments"]["captures"][0]
    assert capture["seller_receivable_breakdown"] == {
        "gross_amount": {"currency_code": "EUR", "value": "58.80"},
        "paypal_fee": {"currency_code": "EUR", "value": "2.11"},
        "net_amount": {"currency_code": "EUR", "value": "56.69"},
    }
    assert issue(caller.post(path)) == "ORDER_ALREADY_CAPTURED"


def test_a_buyer_who_goes_away_changes_nothing(paypal, caller):
    order_id = caller.create().json()["id"]
    assert paypal.buyer.abandons(order_id) == f"https://shop/no?token={order_id}"
    assert caller.get(f"/v2/checkout/orders/{order_id}").json()["status"] == "PAYER_ACTION_REQUIRED"


def test_funding_fails_once_and_then_works(paypal, caller):
    order_id = caller.create().json()["id"]
    paypal.buyer.approve(order_id)
    paypal.buyer.funding_fails(order_id)
    path = f"/v2/checkout/orders/{order_id}/capture"
    assert issue(caller.post(path, key="k")) == "INSTRUMENT_DECLINED"
    assert caller.post(path, key="k").status_code == 201


def test_an_order_is_renamed_only_once_it_is_approved(paypal, caller):
    order_id = caller.create(custom_id="ours").json()["id"]
    change = [{"op": "replace", "path": "/purchase_units/@reference_id=='default'/custom_id", "value": "other"}]
    path = f"/v2/checkout/orders/{order_id}"
    assert issue(caller.http.patch(path, json=change)) == "NOT_PATCHABLE"
    paypal.buyer.approve(order_id)
    assert caller.http.patch(path, json=change).status_code == 204
    assert caller.get(path).json()["purchase_units"][0]["custom_id"] == "other"


def test_an_order_that_expires_is_not_found_any_more(paypal, caller):
    order_id = caller.create().json()["id"]
    paypal.expire_order(order_id)
    answer = caller.get(f"/v2/checkout/orders/{order_id}")
    assert (answer.status_code, answer.json()["name"]) == (404, "RESOURCE_NOT_FOUND")


def test_the_same_request_id_is_the_same_order_as_it_stands_now(paypal, caller):
    first = caller.create(key="k").json()
    paypal.buyer.approve(first["id"])
    again = caller.create(key="k").json()
    assert (again["id"], again["status"]) == (first["id"], "APPROVED")
    paypal.forget_request_ids()
    assert caller.create(key="k").json()["id"] != first["id"]


def test_the_same_request_id_captures_and_refunds_once(paypal, caller):
    order_id = caller.create().json()["id"]
    paypal.buyer.approve(order_id)
    path = f"/v2/checkout/orders/{order_id}/capture"
    assert [caller.post(path, key="c").status_code for _ in range(2)] == [201, 200]
    [capture_id] = paypal.capture_ids(order_id)
    body = {"amount": {"value": "4.00", "currency_code": "EUR"}}
    refunds = [caller.post(f"/v2/payments/captures/{capture_id}/refund", body, key="r").json() for _ in range(2)]
    assert refunds[0]["id"] == refunds[1]["id"]
    assert caller.get(f"/v2/payments/captures/{capture_id}").json()["status"] == "PARTIALLY_REFUNDED"


def test_an_invoice_is_paid_once(paypal, caller):
    caller.paid(paypal, invoice_id="inv")
    order_id = caller.create(invoice_id="inv").json()["id"]
    paypal.buyer.approve(order_id)
    assert issue(caller.post(f"/v2/checkout/orders/{order_id}/capture")) == "DUPLICATE_INVOICE_ID"


def authorized(paypal, caller) -> dict:
    order_id = caller.create("10.00", intent="AUTHORIZE").json()["id"]
    paypal.buyer.approve(order_id)
    assert issue(caller.post(f"/v2/checkout/orders/{order_id}/capture")) == "ACTION_DOES_NOT_MATCH_INTENT"
    order = caller.post(f"/v2/checkout/orders/{order_id}/authorize").json()
    return dict(order["purchase_units"][0]["payments"]["authorizations"][0])


def test_an_authorisation_is_captured_in_part_and_the_rest_let_go(paypal, caller):
    authorization = authorized(paypal, caller)
    assert authorization["status"] == "CREATED"
    path = f"/v2/payments/authorizations/{authorization['id']}"
    too_much = {"amount": {"value": "10.01", "currency_code": "EUR"}}
    assert issue(caller.post(f"{path}/capture", too_much)) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    part = {"amount": {"value": "4.00", "currency_code": "EUR"}, "final_capture": True}
    capture = caller.post(f"{path}/capture", part).json()
    assert (capture["status"], capture["amount"]["value"]) == ("COMPLETED", "4.00")
    assert caller.get(path).json()["status"] == "CAPTURED"
    assert issue(caller.post(f"{path}/capture")) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert issue(caller.post(f"{path}/void")) == "PREVIOUSLY_CAPTURED"


def test_a_voided_authorisation_takes_nothing(paypal, caller):
    path = f"/v2/payments/authorizations/{authorized(paypal, caller)['id']}"
    assert caller.http.post(f"{path}/void").status_code == 204
    assert caller.get(path).json()["status"] == "VOIDED"
    assert issue(caller.post(f"{path}/capture")) == "AUTHORIZATION_VOIDED"
    assert issue(caller.post(f"{path}/void")) == "PREVIOUSLY_VOIDED"


def test_no_more_is_refunded_than_was_captured(paypal, caller):
    capture = caller.paid(paypal)
    path = f"/v2/payments/captures/{capture['id']}/refund"
    refund = caller.post(path, {"amount": {"value": "6.00", "currency_code": "EUR"}}).json()
    assert caller.get(f"/v2/payments/refunds/{refund['id']}").json()["status"] == "COMPLETED"
    more = {"amount": {"value": "4.01", "currency_code": "EUR"}}
    assert issue(caller.post(path, more)) == "REFUND_AMOUNT_EXCEEDED"
    assert caller.post(path).json()["amount"]["value"] == "4.00"
    assert issue(caller.post(path)) == "CAPTURE_FULLY_REFUNDED"


def test_a_capture_that_is_held_completes_or_is_denied_later(paypal, caller):
    paypal.bank.holds_captures = True
    first, second = caller.paid(paypal), caller.paid(paypal)
    assert first["status"] == "PENDING"
    paypal.complete_capture(first["id"])
    paypal.deny_capture(second["id"])
    statuses = [caller.get(f"/v2/payments/captures/{one['id']}").json()["status"] for one in (first, second)]
    assert statuses == ["COMPLETED", "DECLINED"]


def test_a_refund_that_is_held_may_fail(paypal, caller):
    paypal.bank.holds_refunds = True
    capture = caller.paid(paypal)
    refund = caller.post(f"/v2/payments/captures/{capture['id']}/refund").json()
    assert refund["status"] == "PENDING"
    paypal.fail_refund(refund["id"])
    assert caller.get(f"/v2/payments/refunds/{refund['id']}").json()["status"] == "FAILED"
    assert caller.get(f"/v2/payments/captures/{capture['id']}").json()["status"] == "COMPLETED"


def test_a_balance_in_another_currency_is_told_with_its_rate(paypal, caller):
    paypal.bank.settles_in, paypal.bank.rate = "USD", Decimal("1.10")
    breakdown = caller.paid(paypal, "100.00")["seller_receivable_breakdown"]
    assert breakdown["receivable_amount"] == {"currency_code": "USD", "value": "106.33"}
    assert breakdown["exchange_rate"]["value"] == "1.10"


def test_a_dispute_takes_the_money_back_and_gives_it_again(paypal, caller):
    capture = caller.paid(paypal)
    dispute_id = paypal.open_dispute(capture["id"])
    [listed] = caller.get("/v1/customer/disputes", disputed_transaction_id=capture["id"]).json()["items"]
    assert (listed["dispute_id"], "money_movements" in listed) == (dispute_id, False)
    assert caller.get("/v1/customer/disputes", disputed_transaction_id="OTHER").json()["items"] == []
    paypal.resolve_dispute(dispute_id, "RESOLVED_SELLER_FAVOUR")
    whole = caller.get(f"/v1/customer/disputes/{dispute_id}").json()
    assert whole["status"] == "RESOLVED"
    assert [move["type"] for move in whole["money_movements"]] == ["DEBIT", "CREDIT"]


def test_transactions_are_found_by_pages_of_at_most_31_days(paypal, caller):
    for _ in range(3):
        caller.paid(paypal, custom_id="ours")
    paypal.withdraw(Decimal("20.00"), "EUR")
    span = {"start_date": stamp(now() - timedelta(days=1)), "end_date": stamp(now() + timedelta(days=1))}
    page = caller.get("/v1/reporting/transactions", **span, page_size="2", page="2").json()
    assert (page["total_items"], page["total_pages"], len(page["transaction_details"])) == (4, 2, 2)
    [out] = caller.get("/v1/reporting/transactions", **span, transaction_type="T0403").json()["transaction_details"]
    assert out["transaction_info"]["transaction_amount"]["value"] == "-20.00"
    span["start_date"] = stamp(now() - timedelta(days=32))
    assert caller.get("/v1/reporting/transactions", **span).status_code == 400


@pytest.mark.parametrize(("how", "status"), [("429", 429), ("500", 500)])
def test_a_call_that_is_refused_by_command_does_nothing(paypal, caller, how, status):
    paypal.failures.add(how, "/orders")
    assert caller.create().status_code == status
    assert paypal.books.orders == {}
    assert caller.create().status_code == 200


@pytest.mark.parametrize(("how", "orders"), [("drop_before", 0), ("drop_after", 1)])
def test_a_connection_breaks_before_or_after_the_effect(paypal, caller, how, orders):
    paypal.failures.add(how, "/orders")
    with pytest.raises(httpx2.RemoteProtocolError):
        caller.create(key="k")
    assert len(paypal.books.orders) == orders
    caller.create(key="k")
    assert len(paypal.books.orders) == 1


def test_an_answer_may_never_come(paypal, caller):
    paypal.failures.add("hang_after", "/orders")
    with pytest.raises(httpx2.ReadTimeout):
        caller.http.post(
            "/v2/checkout/orders",
            json={"intent": "CAPTURE", "purchase_units": [{"amount": {"value": "1.00", "currency_code": "EUR"}}]},
            timeout=0.3,
        )
    assert len(paypal.books.orders) == 1


def test_nobody_listens_for_a_while(paypal, caller):
    order_id = caller.create().json()["id"]
    paypal.refuse_connections()
    with pytest.raises(httpx2.ConnectError):
        caller.get(f"/v2/checkout/orders/{order_id}")
    paypal.accept_connections()
    assert caller.get(f"/v2/checkout/orders/{order_id}").status_code == 200
