"""Reviews over HTTP, for staff."""

from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog.logic.reviews import change_review
from modules.catalog.models import Review
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.reviewing import make_review, rating, status_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

STAFF = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))
QUEUE = "/api/v1/catalog/reviews/"
NOT_STAFF = [
    (None, 401),
    (Principal(id=new_id()), 403),
    (Principal(id=new_id(), is_staff=True), 403),
    (Principal(id=new_id(), scopes=frozenset({"catalog.write"})), 403),
]


def api(principal: Principal | None = STAFF) -> Any:
    client = APIClient()
    if principal:
        client.force_authenticate(user=cast(Any, principal))
    return client


def decide(
    review: Review, act: str, body: Any = None, *, principal: Principal | None = STAFF, read: int | None = None
) -> Any:
    headers = {"If-Match": f'"{read}"'} if read else {}
    return api(principal).post(f"{QUEUE}{review.id}/{act}/", body or {}, format="json", headers=headers)


def instant(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def test_the_queue_shows_what_waits_oldest_first():
    product = make_product(slug="red", title="Red shirt")
    first = make_review(product, stars=2, title="So so", body="It shrinks.", author_name="Ada")
    second = make_review()
    make_review(approved=True)

    answer = api().get(QUEUE)

    assert [one["id"] for one in answer.json()["results"]] == [str(first.id), str(second.id)]
    assert answer.json()["results"][0] == {
        "id": str(first.id),
        "product": {"id": str(product.id), "slug": "red", "title": "Red shirt"},
        "author_id": str(first.author_id),
        "author_name": "Ada",
        "stars": 2,
        "title": "So so",
        "body": "It shrinks.",
        "language": "en",
        "status": "pending",
        "reason": "",
        "created_at": instant(first.created_at),
        "moderated_at": None,
        "moderator_id": None,
        "version": 1,
    }


@pytest.mark.parametrize("status", ["pending", "approved", "rejected"])
def test_the_queue_may_be_asked_for_another_status(status):
    by_status = {"pending": make_review(), "approved": make_review(approved=True), "rejected": make_review()}
    decide(by_status["rejected"], "reject")

    answer = api().get(QUEUE, {"status": status})

    assert [one["id"] for one in answer.json()["results"]] == [str(by_status[status].id)]


def test_the_queue_is_read_a_page_at_a_time_in_one_statement():
    ids = [str(make_review().id) for _ in range(3)]

    with statements() as sql:
        first = api().get(QUEUE, {"limit": 2}).json()
    second = api().get(first["next"]).json()

    assert len(sql) == 1, "\n".join(sql)
    assert [[one["id"] for one in page["results"]] for page in (first, second)] == [ids[:2], ids[2:]]


@pytest.mark.parametrize("query", [{"status": "new"}, {"stars": "1"}])
def test_a_question_that_makes_no_sense_is_refused(query):
    assert api().get(QUEUE, query).status_code == 400


def test_staff_approve_a_review():
    review = make_review(stars=4)

    answer = decide(review, "approve")

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    shown = {name: answer.json()[name] for name in ("id", "status", "moderator_id", "version")}
    assert shown == {"id": str(review.id), "status": "approved", "moderator_id": str(STAFF.id), "version": 2}
    assert rating(review.product_id) == (4, 1, "4.00")


def test_approving_again_answers_the_same():
    review = make_review(stars=4)

    assert decide(review, "approve").content == decide(review, "approve").content
    assert rating(review.product_id) == (4, 1, "4.00")


def test_staff_reject_a_review_with_a_reason_or_without():
    reviews = [make_review(approved=True), make_review()]

    answers = [decide(reviews[0], "reject", {"reason": "Advertising"}), decide(reviews[1], "reject")]

    assert [(answer.json()["status"], answer.json()["reason"]) for answer in answers] == [
        ("rejected", "Advertising"),
        ("rejected", ""),
    ]
    assert [rating(review.product_id) for review in reviews] == [(0, 0, "0.00")] * 2
    assert decide(reviews[0], "reject", {"reason": "Advertising"}).content == answers[0].content


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_what_was_changed_since_it_was_read_is_not_decided(act):
    review = make_review(title="Good")
    change_review(review_id=review.id, author_id=review.author_id, title="Bad")

    answer = decide(review, act, read=1)

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert status_of(review) == "pending"
    assert decide(review, act, read=2).status_code == 200


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("approve", {"reason": "Fine"}, "reason"),
        ("reject", {"reason": "x" * 201}, "reason"),
        ("reject", {"stars": 1}, "stars"),
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing(act, body, field):
    review = make_review()

    answer = decide(review, act, body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert status_of(review) == "pending"


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_a_review_that_is_not_there_is_not_decided(act):
    answer = decide(Review(id=new_id()), act)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_review")


@pytest.mark.parametrize(("principal", "status"), NOT_STAFF)
def test_nobody_else_sees_the_queue_or_decides(principal, status):
    review = make_review()

    assert api(principal).get(QUEUE, {"status": "nonsense"}).status_code == status
    assert decide(review, "approve", {"nonsense": 1}, principal=principal).status_code == status
    assert decide(review, "reject", principal=principal).status_code == status
    assert status_of(review) == "pending"
