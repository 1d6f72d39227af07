"""Writing, deciding, changing and forgetting reviews while everybody else does the same."""

from collections import Counter
from functools import partial
from uuid import UUID

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import AlreadyReviewed, NotABuyer, UnknownReview
from modules.catalog.logic.moderation import approve, reject
from modules.catalog.logic.products import save_product
from modules.catalog.logic.reviewers import allow_reviews, forget_reviewer
from modules.catalog.logic.reviews import change_review, delete_review, write_review
from modules.catalog.models import Review, ReviewPermit
from modules.catalog.tests.factories import ProductDraftFactory, make_product, make_variant
from modules.catalog.tests.logic.test_holds_at_once import at_once
from modules.catalog.tests.reviewing import make_buyer, make_review, rating

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]


def erase(user_id: UUID) -> None:
    """As the inbox does it: in a transaction."""
    with atomic(Review):
        forget_reviewer(user_id)


def test_twenty_approvals_at_once_are_all_counted():
    product = make_product()
    reviews = [make_review(product, stars=1 + number % 5) for number in range(20)]

    outcomes = at_once(partial(approve, review_id=review.id, moderator_id=new_id()) for review in reviews)

    assert Counter(outcomes) == {"done": 20}
    assert rating(product) == (60, 20, "3.00")


def test_one_review_that_is_approved_12_times_at_once_counts_once():
    review = make_review(stars=5)

    outcomes = at_once(partial(approve, review_id=review.id, moderator_id=new_id()) for _ in range(12))

    assert Counter(outcomes) == {"done": 12}
    assert rating(review.product_id) == (5, 1, "5.00")


def test_one_author_who_writes_8_times_at_once_writes_once():
    product = make_product()
    write = partial(write_review, slug_or_id=product.slug, author_id=make_buyer(product), language="en", stars=5)

    outcomes = at_once(write for _ in range(8))

    assert Counter(outcomes) == {"done": 1, AlreadyReviewed: 7}
    assert Review.objects.count() == 1


@pytest.mark.parametrize("round_number", range(3))
def test_staff_and_author_at_once_leave_an_exact_average(round_number):
    product = make_product()
    reviews = [make_review(product, stars=3, approved=number % 2 == 0) for number in range(4)]

    outcomes = at_once(
        act
        for review in reviews
        for act in (
            partial(approve, review_id=review.id, moderator_id=new_id()),
            partial(reject, review_id=review.id, moderator_id=new_id()),
            partial(change_review, review_id=review.id, author_id=review.author_id, stars=5),
            partial(delete_review, review_id=review.id, author_id=review.author_id),
        )
    )

    # Each was deleted, by whoever came last or not; who came later found none.
    assert set(outcomes) <= {"done", UnknownReview}
    assert not Review.objects.exists()
    assert rating(product) == (0, 0, "0.00")


def test_staff_who_write_a_product_lose_no_star():
    product = make_product()
    reviews = [make_review(product, stars=4) for _ in range(8)]
    draft = ProductDraftFactory.build(id=product.id, slug=product.slug, category_id=product.category_id, variants=[])

    outcomes = at_once(
        act
        for review in reviews
        for act in (partial(approve, review_id=review.id, moderator_id=new_id()), partial(save_product, draft=draft))
    )

    assert Counter(outcomes) == {"done": 16}
    assert rating(product) == (32, 8, "4.00")


@pytest.mark.parametrize("round_number", range(4))
def test_nothing_that_comes_at_once_with_an_erasure_is_left_of_the_erased(round_number):
    product, variant = make_product(), make_variant()
    buyer_id = make_buyer(product)

    outcomes = at_once(
        [
            partial(erase, buyer_id),
            partial(allow_reviews, customer_id=buyer_id, variant_ids=[variant.id]),
            partial(write_review, slug_or_id=product.slug, author_id=buyer_id, language="en", stars=5, title="Ada"),
        ]
    )

    assert outcomes[:2] == ["done", "done"]
    assert outcomes[2] in ("done", NotABuyer)
    assert not ReviewPermit.objects.filter(customer_id=buyer_id).exists()
    assert not Review.objects.filter(author_id=buyer_id).exists()


@pytest.mark.parametrize("round_number", range(4))
def test_an_approval_at_once_with_an_erasure_counts_or_finds_nothing(round_number):
    review = make_review(stars=5, title="Ada")

    outcomes = at_once([partial(erase, review.author_id), partial(approve, review_id=review.id, moderator_id=new_id())])

    counted = outcomes[1] == "done"
    assert outcomes == ["done", "done" if counted else UnknownReview]
    assert list(Review.objects.values_list("author_id", "title", "status")) == [(None, "", "approved")] * counted
    assert rating(review.product_id) == ((5, 1, "5.00") if counted else (0, 0, "0.00"))


def test_two_permits_of_one_customer_at_once_are_each_noted_once():
    variants, customer_id = [make_variant(), make_variant()], new_id()
    ids = [variant.id for variant in variants]

    outcomes = at_once(partial(allow_reviews, customer_id=customer_id, variant_ids=ids) for _ in range(8))

    assert Counter(outcomes) == {"done": 8}
    assert set(ReviewPermit.objects.values_list("customer_id", "product_id")) == {
        (customer_id, variant.product_id) for variant in variants
    }
    assert ReviewPermit.objects.count() == 2
