"""Reviews over HTTP, for readers and for those who write them."""

from typing import Any, cast
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog.logic.moderation import approve, reject
from modules.catalog.logic.products import change_product
from modules.catalog.models import Review
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.reviewing import make_buyer, make_review, rating

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

WORDS: dict[str, Any] = {"title": "Soft", "body": "It is soft.", "author_name": "Ada"}


def api(caller_id: UUID | None = None, **principal: Any) -> Any:
    client = APIClient()
    if caller_id:
        client.force_authenticate(user=cast(Any, Principal(id=caller_id, **principal)))
    return client


def address(product: Any) -> str:
    return f"/api/v1/catalog/products/{product.slug}/reviews/"


def own(review_id: Any) -> str:
    return f"/api/v1/catalog/reviews/{review_id}/"


def instant(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_reviews_are_read_and_written_under_an_old_slug_too():
    product = make_product()
    review = make_review(product, approved=True)
    buyer, old = make_buyer(product), address(product)
    change_product(key=product.slug, versions=None, slug="renamed")

    read, written = api().get(old), api(buyer).post(old, {"stars": 4}, format="json")

    assert [shown["id"] for shown in read.json()["results"]] == [str(review.id)]
    assert (written.status_code, Review.objects.filter(product_id=product.id).count()) == (201, 2)


def test_approved_reviews_are_shown_newest_first():
    product = make_product()
    older = make_review(product, stars=5, approved=True, **WORDS)
    newer = make_review(product, stars=1, approved=True)
    make_review(product)
    reject(review_id=make_review(product).id, moderator_id=new_id())
    make_review(approved=True)

    answer = api().get(address(product))

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {
                "id": str(newer.id),
                "stars": 1,
                "title": "",
                "body": "",
                "author_name": "",
                "created_at": instant(newer.created_at),
                "verified_buyer": True,
            },
            {
                "id": str(older.id),
                "stars": 5,
                **WORDS,
                "created_at": instant(older.created_at),
                "verified_buyer": True,
            },
        ],
        "next": None,
        "previous": None,
    }


def test_reviews_are_read_a_page_at_a_time_there_and_back():
    product = make_product()
    written = [str(make_review(product, approved=True).id) for _ in range(5)][::-1]

    first = api().get(address(product), {"limit": 2}).json()
    second = api().get(first["next"]).json()
    third = api().get(second["next"]).json()

    pages = [[one["id"] for one in page["results"]] for page in (first, second, third)]
    assert pages == [written[:2], written[2:4], written[4:]]
    assert third["next"] is None
    assert [one["id"] for one in api().get(third["previous"]).json()["results"]] == written[2:4]


def test_reviews_may_be_narrowed_to_a_number_of_stars():
    product = make_product()
    bad = make_review(product, stars=1, approved=True)
    make_review(product, stars=5, approved=True)

    answer = api().get(address(product), {"stars": "1"})

    assert [one["id"] for one in answer.json()["results"]] == [str(bad.id)]


@pytest.mark.parametrize("query", [{"stars": "6"}, {"stars": "x"}, {"sort": "stars"}, {"limit": "0"}])
def test_a_question_that_makes_no_sense_is_refused(query):
    assert api().get(address(make_product()), query).status_code == 400


def test_a_page_of_reviews_is_kept_until_it_changes():
    product = make_product()
    first = make_review(product, approved=True)
    waiting = make_review(product)
    answer = api().get(address(product))

    assert answer["ETag"].startswith('W/"')
    again = api().get(address(product), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    approve(review_id=waiting.id, moderator_id=new_id())
    changed = api().get(address(product), headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200
    assert {one["id"] for one in changed.json()["results"]} == {str(first.id), str(waiting.id)}


def test_a_page_of_reviews_costs_2_statements_however_long():
    product = make_product()
    for _ in range(4):
        make_review(product, approved=True)

    with statements() as sql:
        assert len(api().get(address(product)).json()["results"]) == 4

    assert len(sql) == 2, "\n".join(sql)


def test_a_product_may_be_named_by_its_id():
    product = make_product()
    review = make_review(product, approved=True)

    answer = api().get(f"/api/v1/catalog/products/{product.id}/reviews/")

    assert [one["id"] for one in answer.json()["results"]] == [str(review.id)]


@pytest.mark.parametrize("slug", ["nothing", "01920000-0000-7000-8000-000000000001"])
def test_an_unknown_product_has_no_reviews(slug):
    path = f"/api/v1/catalog/products/{slug}/reviews/"

    assert problem(api().get(path)) == (404, "not_found")
    assert problem(api(new_id()).post(path, {"stars": 5}, format="json")) == (404, "not_found")


def test_a_draft_has_no_reviews():
    product = make_product(status="draft")

    assert problem(api().get(address(product))) == (404, "not_found")
    assert problem(api(make_buyer(product)).post(address(product), {"stars": 5}, format="json")) == (404, "not_found")
    assert not Review.objects.exists()


def test_a_buyer_writes_a_review_that_waits_for_staff():
    product = make_product()
    buyer_id = make_buyer(product)

    answer = api(buyer_id).post(
        address(product), {"stars": 4, **WORDS}, format="json", headers={"Accept-Language": "en"}
    )

    review = Review.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "id": str(review.id),
            "product_id": str(product.id),
            "stars": 4,
            **WORDS,
            "status": "pending",
            "reason": "",
            "created_at": instant(review.created_at),
            "verified_buyer": True,
        },
    )
    assert (review.author_id, review.language) == (buyer_id, "en")
    assert api().get(address(product)).json()["results"] == []
    assert rating(product) == (0, 0, "0.00")


def test_words_are_plain_text_and_come_back_as_they_were_written():
    product = make_product()
    words = {"title": "<b>1 < 2</b>", "body": "<script>alert(1)</script> & so on", "author_name": "O'Hara"}

    answer = api(make_buyer(product)).post(address(product), {"stars": 1, **words}, format="json")
    approve(review_id=UUID(answer.json()["id"]), moderator_id=new_id())

    shown = api().get(address(product))
    assert shown["Content-Type"] == "application/json"
    assert {name: shown.json()["results"][0][name] for name in words} == words


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "stars"),
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": "5"}, "stars"),
        ({"stars": 4.5}, "stars"),
        ({"stars": 5, "title": "x" * 151}, "title"),
        ({"stars": 5, "body": "x" * 5001}, "body"),
        ({"stars": 5, "author_name": "x" * 101}, "author_name"),
        ({"stars": 5, "title": None}, "title"),
        ({"stars": 5, "status": "approved"}, "status"),
        ({"stars": 5, "verified_buyer": True}, "verified_buyer"),
    ],
)
def test_a_review_that_makes_no_sense_is_not_written(body, field):
    product = make_product()

    answer = api(make_buyer(product)).post(address(product), body, format="json")

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert not Review.objects.exists()


def test_who_is_not_signed_in_or_did_not_buy_it_writes_nothing():
    product = make_product()

    assert problem(api().post(address(product), {"stars": 9}, format="json"))[0] == 401
    assert problem(api(make_buyer(make_product())).post(address(product), {"stars": 5}, format="json")) == (
        403,
        "not_a_buyer",
    )
    assert not Review.objects.exists()


@pytest.mark.parametrize("principal", [{"actor_id": new_id(), "is_staff": False}, {"is_api_key": True}])
def test_nobody_writes_in_a_customers_name(principal):
    product = make_product()
    buyer_id = make_buyer(product)

    answer = api(buyer_id, **principal).post(address(product), {"stars": 5}, format="json")

    assert problem(answer) == (403, "forbidden")
    assert not Review.objects.exists()


def test_a_second_review_is_refused():
    product = make_product()
    client = api(make_buyer(product))
    client.post(address(product), {"stars": 5}, format="json")

    assert problem(client.post(address(product), {"stars": 1}, format="json")) == (409, "already_reviewed")
    assert Review.objects.get().stars == 5


def test_an_author_reads_his_review_and_why_it_was_rejected():
    review = make_review(title="Cheap elsewhere")
    reject(review_id=review.id, moderator_id=new_id(), reason="Advertising")

    answer = api(review.author_id).get(own(review.id))

    shown = {name: answer.json()[name] for name in ("id", "title", "status", "reason")}
    assert shown == {
        "id": str(review.id),
        "title": "Cheap elsewhere",
        "status": "rejected",
        "reason": "Advertising",
    }


def test_an_author_changes_his_review_and_staff_see_it_again():
    review = make_review(stars=5, approved=True, **WORDS)

    answer = api(review.author_id).patch(own(review.id), {"stars": 2, "title": ""}, format="json")

    changed = {name: answer.json()[name] for name in ("stars", "title", "body", "status")}
    assert (answer.status_code, changed) == (
        200,
        {"stars": 2, "title": "", "body": "It is soft.", "status": "pending"},
    )
    assert rating(review.product_id) == (0, 0, "0.00")
    assert api().get(address(review.product)).json()["results"] == []


def test_a_change_that_makes_no_sense_changes_nothing():
    review = make_review(stars=5, approved=True)

    answer = api(review.author_id).patch(own(review.id), {"stars": 6}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "stars")
    assert rating(review.product_id) == (5, 1, "5.00")


def test_an_author_takes_his_review_back():
    review = make_review(approved=True)
    client = api(review.author_id)

    assert client.delete(own(review.id)).status_code == 204
    assert problem(client.delete(own(review.id))) == (404, "unknown_review")
    assert rating(review.product_id) == (0, 0, "0.00")


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_nobody_elses_review_is_found(method):
    review = make_review(approved=True)
    other_id = make_buyer(review.product)

    assert getattr(api(), method)(own(review.id)).status_code == 401
    assert problem(getattr(api(other_id), method)(own(review.id))) == (404, "unknown_review")
    assert problem(getattr(api(other_id), method)(own(new_id()))) == (404, "unknown_review")
    assert rating(review.product_id) == (4, 1, "4.00")


def test_cards_and_pages_of_products_show_the_average():
    product, unrated = make_product(), make_product()
    for stars in (5, 4, 4):
        make_review(product, stars=stars, approved=True)
    make_review(unrated)

    cards = {card["slug"]: card["rating"] for card in api().get("/api/v1/catalog/products/").json()["results"]}

    average = {"average": 4.33, "count": 3}
    assert cards == {product.slug: average, unrated.slug: None}
    assert api().get(f"/api/v1/catalog/products/{product.slug}/").json()["rating"] == average
    assert api().get(f"/api/v1/catalog/products/{unrated.slug}/").json()["rating"] is None
