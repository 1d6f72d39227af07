"""Who may review, and what is left of him when his account is erased."""

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import NotABuyer
from modules.catalog.handlers import HANDLERS
from modules.catalog.logic.moderation import reject
from modules.catalog.logic.reviewers import allow_reviews
from modules.catalog.logic.reviews import write_review
from modules.catalog.models import Review, ReviewPermit
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.reviewing import make_buyer, make_review, rating
from modules.users.events import UserErased

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def erase(user_id):
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Review):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=user_id))


def test_shown_stars_of_an_erased_author_stay_as_nobodys_without_a_word():
    review = make_review(
        stars=2, title="Ada here", body="Ada lives in London", author_name="Ada Lovelace", approved=True
    )

    erase(review.author_id)

    kept = Review.objects.get()
    assert (kept.id, kept.stars, kept.status, kept.author_id) == (review.id, 2, "approved", None)
    assert (kept.title, kept.body, kept.author_name) == ("", "", "")
    assert rating(review.product_id) == (2, 1, "2.00")


def test_what_was_not_shown_goes_and_so_do_the_permits():
    products = [make_product() for _ in range(3)]
    author_id = make_buyer(*products)
    make_review(products[0], author_id=author_id)
    rejected = make_review(products[1], author_id=author_id)
    reject(review_id=rejected.id, moderator_id=new_id(), reason="Ada again")
    other = make_review(products[2], title="Another's")

    erase(author_id)
    erase(author_id)

    assert [(left.id, left.title) for left in Review.objects.all()] == [(other.id, "Another's")]
    assert set(ReviewPermit.objects.values_list("customer_id", flat=True)) == {other.author_id}


def test_two_erased_authors_of_one_product_do_not_collide():
    product = make_product()
    reviews = [make_review(product, stars=stars, approved=True) for stars in (1, 3)]

    for review in reviews:
        erase(review.author_id)

    assert sorted(Review.objects.values_list("stars", "author_id")) == [(1, None), (3, None)]
    assert rating(product) == (4, 2, "2.00")


def test_a_permit_that_comes_after_the_erasure_is_not_noted():
    product, customer_id = make_product(), new_id()
    erase(customer_id)

    allow_reviews(customer_id=customer_id, variant_ids=[product.variants.get().id])

    assert not ReviewPermit.objects.exists()
    with pytest.raises(NotABuyer):
        write_review(slug_or_id=product.slug, author_id=customer_id, language="en", stars=5)


def test_the_words_of_an_erased_member_of_staff_are_blanked_and_his_decisions_stay():
    moderator_id, other_id = new_id(), new_id()
    own, others = make_review(), make_review()
    reject(review_id=own.id, moderator_id=moderator_id, reason="Ada says no")
    reject(review_id=others.id, moderator_id=other_id, reason="Advertising")

    erase(moderator_id)

    assert {review.moderator_id: (review.status, review.reason) for review in Review.objects.all()} == {
        moderator_id: ("rejected", ""),
        other_id: ("rejected", "Advertising"),
    }


def test_nobodys_stars_may_be_rejected_and_nothing_is_written_of_them():
    review = make_review(stars=5, approved=True)
    erase(review.author_id)

    rejected = reject(review_id=review.id, moderator_id=new_id(), reason="Ada wrote this")

    assert (rejected.status, rejected.reason) == ("rejected", "")
    assert rating(review.product_id) == (0, 0, "0.00")
