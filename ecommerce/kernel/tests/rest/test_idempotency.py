import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ecommerce.kernel.models import IdempotencyKey
from ecommerce.kernel.rest.claims import forget_old_keys, forget_subject
from ecommerce.kernel.tests.rest import shop
from ecommerce.kernel.tests.rest.conftest import bearer
from ecommerce.kernel.tests.rest.shop import CALLER, behaviour, executions

CHECKOUT = "/api/v1/checkout/"
DRAFTS = "/api/v1/orders/drafts/"
CANCEL = "/api/v1/orders/01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10/cancel/"
BODY = {"cart_id": "cart-1", "amount": {"amount": "19.90", "currency": "EUR"}}
OTHER = BODY | {"amount": {"amount": "20.00", "currency": "EUR"}}

pytestmark = pytest.mark.django_db


def rows():
    return IdempotencyKey.objects.using("default")


def pay(client, body=BODY, key="k-1", **headers):
    return client.post(CHECKOUT, body, HTTP_IDEMPOTENCY_KEY=key, **headers)


# ── the key ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_is_required(client):
    answer = client.post(CHECKOUT, BODY)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert (executions, rows().count()) == ([], 0)


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ä", "a\tb", "a\x7f", " a"])
def test_a_key_is_1_to_255_printable_characters(client, key):
    answer = pay(client, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert (executions, rows().count()) == ([], 0)


@pytest.mark.parametrize("key", ["x", "x" * 255, 'a "quoted" key', "!~"])
def test_any_printable_key_is_taken(client, key):
    assert pay(client, key=key).status_code == 201


def test_where_no_key_is_required_each_request_executes(client):
    answers = [client.post(CANCEL).json() for _ in range(2)]
    assert answers == [{"execution": 1, "claimed": False}, {"execution": 2, "claimed": False}]
    assert rows().count() == 0


def test_where_no_key_is_required_one_serves_all_the_same(client):
    answers = [client.post(CANCEL, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]
    assert answers == [{"execution": 1, "claimed": True}] * 2


# ── dry runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_takes_no_key_and_leaves_it_to_the_act(client):
    dry = [client.post(f"{DRAFTS}?dry_run=true", BODY, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [(answer.status_code, answer.json()["claimed"]) for answer in dry] == [(200, False)] * 2
    assert (executions, rows().count()) == ([None, None], 0)

    done = [client.post(DRAFTS, BODY, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in done] == [(201, {"execution": 3, "claimed": True})] * 2


def test_after_the_act_a_dry_run_is_a_dry_run_still(client):
    client.post(DRAFTS, BODY, HTTP_IDEMPOTENCY_KEY="k")

    answer = client.post(f"{DRAFTS}?dry_run=true", OTHER, HTTP_IDEMPOTENCY_KEY="k")

    assert (answer.status_code, "Idempotent-Replayed" in answer, rows().count()) == (200, False, 1)


def test_a_dry_run_needs_no_key_but_the_act_does(client):
    assert client.post(f"{DRAFTS}?dry_run=true", BODY).status_code == 200
    for query in ("", "?dry_run=false", "?dry_run=", "?dry_run=yes"):
        assert client.post(f"{DRAFTS}{query}", BODY).json()["code"] == "idempotency_key_required"


def test_where_there_are_no_dry_runs_asking_for_one_changes_nothing(client):
    answers = [client.post(f"{CHECKOUT}?dry_run=true", BODY, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (len(executions), rows().count()) == (1, 1)


# ── the answer again ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_and_body_give_the_first_answer_byte_for_byte(client):
    first, again = pay(client), pay(client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"] == "/paid/1/"
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert len(executions) == 1


def test_the_same_body_written_otherwise_is_the_same_body(client):
    pay(client)
    text = '{"amount":{"currency":"EUR","amount":"19.90"},   "cart_id":"cart-1"}'
    answer = client.generic("POST", CHECKOUT, text, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k-1")
    assert (answer.status_code, len(executions)) == (201, 1)


def test_another_body_under_the_same_key_is_refused_and_does_nothing(client):
    first = pay(client)
    answer = pay(client, OTHER)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(executions) == 1
    assert pay(client).content == first.content


def test_another_path_or_key_or_caller_is_another_request(client, tokens):
    pay(client)
    pay(client, key="k-2")
    pay(client, BODY | {"cart_id": "cart-2"})
    pay(client, **bearer("caller"))
    pay(client, **bearer("staff"))
    client.post(CANCEL, HTTP_IDEMPOTENCY_KEY="k-1")
    assert len(executions) == 6


def test_a_user_is_one_caller_whatever_cart_he_names(client, tokens):
    pay(client, **bearer("caller"))
    answer = pay(client, BODY | {"cart_id": "cart-2"}, **bearer("caller"))
    assert (answer.status_code, len(executions)) == (422, 1)


def test_a_bad_token_is_refused_before_the_key_is_looked_up(client, tokens):
    pay(client, **bearer("caller"))
    assert pay(client, **bearer("wrong")).status_code == 401


@pytest.mark.parametrize("error", [Conflict("sold out", available=0), shop.OutOfStock()])
def test_a_business_conflict_is_kept(client, error):
    behaviour.side_effect = error
    first = pay(client)
    behaviour.side_effect = None
    again = pay(client)
    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)
    assert again["Content-Type"] == "application/problem+json"
    assert (again["Idempotent-Replayed"], len(executions)) == ("true", 1)


def test_an_answered_422_is_kept(client):
    behaviour.return_value = ({"no": 1}, 422)
    assert [pay(client).status_code for _ in range(2)] == [422, 422]
    assert len(executions) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid(), 400),
        (Forbidden(), 403),
        (NotFound(), 404),
        (Unavailable(), 503),
        (OperationalError(), 503),
        (ZeroDivisionError(), 500),
    ],
)
def test_what_may_succeed_when_tried_again_is_not_kept(client, error, status):
    behaviour.side_effect = error
    assert pay(client).status_code == status
    behaviour.side_effect = None
    answer = pay(client)
    assert (answer.status_code, answer.json()["execution"]) == (201, 2)
    assert "Idempotent-Replayed" not in answer


def test_after_a_400_the_key_serves_the_corrected_body(client):
    assert pay(client, BODY | {"x": 1}).status_code == 400
    assert rows().count() == 0
    assert pay(client, OTHER).status_code == 201


def test_after_a_5xx_the_same_body_goes_on_under_the_same_id_and_another_is_refused(client):
    behaviour.side_effect = Unavailable()
    pay(client)
    assert pay(client, OTHER).json()["code"] == "idempotency_key_reused"
    behaviour.side_effect = None
    assert pay(client).status_code == 201
    assert len(executions) == 2
    assert executions[0] == executions[1] == rows().get().id


def test_a_400_of_a_resumed_request_keeps_its_row(client):
    behaviour.side_effect = Unavailable()
    pay(client)
    behaviour.side_effect = Invalid()
    pay(client)
    behaviour.side_effect = None
    pay(client)
    assert len(set(executions)) == 1


def test_malformed_json_claims_nothing(client):
    answer = client.generic("POST", CHECKOUT, b"{", content_type="application/json", HTTP_IDEMPOTENCY_KEY="k")
    assert (answer.status_code, answer.json()["code"], rows().count()) == (400, "invalid_json", 0)


@pytest.mark.parametrize("body", [None, [], "a", 1, {"cart_id": None}, {"cart_id": []}, {"cart_id": {"a": 1}}])
def test_no_body_breaks_the_naming_of_the_caller(client, body):
    answer = client.post(CHECKOUT, json.dumps(body), content_type="application/json", HTTP_IDEMPOTENCY_KEY="k")
    assert answer.status_code == 400


def test_callers_who_show_other_tokens_never_see_each_others_answers(client):
    mine, other = f"{CANCEL}?token=mine", f"{CANCEL}?token=other"
    assert [client.post(path, HTTP_IDEMPOTENCY_KEY="k").json()["execution"] for path in (mine, other, mine)] == [
        1,
        2,
        1,
    ]


def test_two_callers_who_show_nothing_share_an_answer_only_for_the_same_body(client):
    assert client.post(CANCEL, {"a": 1}, HTTP_IDEMPOTENCY_KEY="k").json()["execution"] == 1
    assert client.post(CANCEL, {"a": 2}, HTTP_IDEMPOTENCY_KEY="k").json()["execution"] == 2


# ── what is stored ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_answer_is_stored_encrypted(client, tokens):
    answer = pay(client, **bearer("caller"))
    row = rows().get()
    assert b"19.90" not in bytes(row.body)
    assert answer.content not in bytes(row.body)
    assert (row.subject_id, row.status, row.method, row.path) == (CALLER.id, 201, "POST", CHECKOUT)
    assert (row.claim_token, row.claimed_until) == (None, None)


def test_an_answer_of_keys_that_are_gone_is_a_conflict_and_executes_nothing(client, settings):
    pay(client)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert pay(client).json()["code"] == "idempotent_answer_lost"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert pay(client)["Idempotent-Replayed"] == "true"
    assert len(executions) == 1


def test_answers_are_kept_for_72_hours(client):
    pay(client)
    with time_machine.travel(clock.now() + timedelta(hours=71, minutes=59)):
        assert forget_old_keys() == 0
    with time_machine.travel(clock.now() + timedelta(hours=72, minutes=1)):
        assert forget_old_keys() == 1
        assert forget_old_keys() == 0


def test_an_erased_user_leaves_no_answers(client, tokens):
    pay(client, **bearer("caller"))
    pay(client, **bearer("staff"))
    assert forget_subject(UUID(int=1)) == 1
    assert [row.subject_id for row in rows()] == [UUID(int=2)]


def test_a_new_key_costs_two_statements_and_a_replay_two(client):
    with CaptureQueriesContext(connections["default"]) as first:
        pay(client)
    assert [query["sql"].split()[0] for query in first] == ["INSERT", "UPDATE"]
    with CaptureQueriesContext(connections["default"]) as again:
        pay(client)
    assert [query["sql"].split()[0] for query in again] == ["INSERT", "SELECT"]


# ── the lease ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_while_the_first_is_running_a_second_is_told_to_wait(client):
    seen = []
    behaviour.side_effect = lambda claim: seen.append(pay(APIClient()))
    assert pay(client).status_code == 201
    [second] = seen
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second["Retry-After"] == "1"
    assert "Idempotent-Replayed" not in second
    assert len(executions) == 1


def test_an_expired_lease_is_taken_over_under_the_same_id(client):
    class Killed(BaseException):
        """What a process that is killed leaves behind: a claim and nothing else."""

    behaviour.side_effect = Killed
    with pytest.raises(Killed):
        pay(client)
    behaviour.side_effect = None
    assert pay(client).json()["code"] == "idempotency_in_progress"
    with time_machine.travel(clock.now() + timedelta(seconds=59)):
        assert pay(client).json()["code"] == "idempotency_in_progress"
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert pay(client).status_code == 201
    assert len(executions) == 2
    assert executions[0] == executions[1]


def test_who_lost_the_lease_does_not_overwrite_the_answer(client):
    def slow(claim):
        behaviour.side_effect = None
        with time_machine.travel(clock.now() + timedelta(seconds=61)):
            assert pay(APIClient()).json()["execution"] == 2

    behaviour.side_effect = slow
    assert pay(client).status_code == 201
    assert pay(client).json()["execution"] == 2


def test_who_lost_the_lease_does_not_release_it(client):
    def slow(claim):
        rows().update(claim_token=UUID(int=9))
        raise Invalid

    behaviour.side_effect = slow
    assert pay(client).status_code == 400
    assert rows().get().claim_token == UUID(int=9)


# ── races ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def at_once(count: int, work) -> list:
    def one(n: int):
        try:
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_32_same_keys_at_once_give_one_execution():
    answers = at_once(32, lambda n: pay(APIClient()))
    assert len(executions) == 1
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_progress"}
    assert rows().get().status == 201


@pytest.mark.django_db(transaction=True)
def test_32_repetitions_after_a_failure_at_once_give_one_more_execution():
    behaviour.side_effect = Unavailable()
    pay(APIClient())
    behaviour.side_effect = None
    answers = at_once(32, lambda n: pay(APIClient()))
    assert len(executions) == 2
    assert sum(answer.status_code == 201 and "Idempotent-Replayed" not in answer for answer in answers) == 1


@pytest.mark.django_db(transaction=True)
def test_32_takeovers_of_an_expired_lease_at_once_give_one_execution():
    behaviour.side_effect = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        pay(APIClient())
    behaviour.side_effect = None
    rows().update(claimed_until=clock.now() - timedelta(seconds=1))
    answers = at_once(32, lambda n: pay(APIClient()))
    assert len(executions) == 2
    assert sum(answer.status_code == 201 and "Idempotent-Replayed" not in answer for answer in answers) == 1


@pytest.mark.django_db(transaction=True)
def test_32_different_bodies_at_once_give_one_execution_and_refusals():
    bodies = [BODY | {"amount": {"amount": f"{n}.00", "currency": "EUR"}} for n in range(32)]
    answers = at_once(32, lambda n: pay(APIClient(), bodies[n]))
    assert len(executions) == 1
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 31
