"""What reviews do to the average that is stored with their product."""

from typing import Any

import pytest
from django.db import connection

from ecommerce.kernel.errors import NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.contracts import AlreadyReviewed, NotABuyer, UnknownReview
from modules.catalog.logic.moderation import approve, approve_all, reject, reject_all
from modules.catalog.logic.products import ProductDraft, save_product
from modules.catalog.logic.reviews import change_review, delete_review, shown_reviews, write_review
from modules.catalog.models import Product, Review
from modules.catalog.tests.factories import ProductDraftFactory, make_product
from modules.catalog.tests.reviewing import make_buyer, make_review, rating, status_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def announced() -> list[str]:
    written = OutboxEvent.objects.using("default").filter(name__startswith="catalog.Review").order_by("position")
    return list(written.values_list("name", flat=True))


def test_a_review_counts_from_its_approval_on():
    product = make_product()

    review = make_review(product, stars=4)
    assert (rating(product), status_of(review)) == ((0, 0, "0.00"), "pending")

    moderator_id = new_id()
    approved = approve(review_id=review.id, moderator_id=moderator_id)

    assert rating(product) == (4, 1, "4.00")
    assert (approved.status, approved.moderator_id, approved.version) == ("approved", moderator_id, 2)
    assert announced() == ["catalog.ReviewSubmitted", "catalog.ReviewApproved"]


def test_the_average_is_rounded_to_two_decimals():
    product = make_product()

    for stars in (5, 5, 4):
        make_review(product, stars=stars, approved=True)

    assert rating(product) == (14, 3, "4.67")


def test_approving_twice_counts_once():
    review = make_review(stars=3, approved=True)

    again = approve(review_id=review.id, moderator_id=new_id())

    assert rating(review.product_id) == (3, 1, "3.00")
    assert (again.moderator_id, again.version) == (review.moderator_id, review.version)
    assert announced().count("catalog.ReviewApproved") == 1


def test_rejecting_an_approved_review_takes_its_stars_away_once():
    review = make_review(stars=3, approved=True)

    reject(review_id=review.id, moderator_id=new_id(), reason="Advertising")
    again = reject(review_id=review.id, moderator_id=new_id(), reason="Again")

    assert rating(review.product_id) == (0, 0, "0.00")
    assert (again.status, again.reason) == ("rejected", "Advertising")


def test_a_rejected_review_may_be_approved_after_all():
    review = make_review(stars=2)
    reject(review_id=review.id, moderator_id=new_id(), reason="Advertising")

    approved = approve(review_id=review.id, moderator_id=new_id())

    assert (approved.status, approved.reason) == ("approved", "")
    assert rating(review.product_id) == (2, 1, "2.00")


def test_a_changed_review_waits_for_staff_again_and_counts_no_more():
    review = make_review(stars=2, title="So so", approved=True)
    make_review(review.product, stars=5, approved=True)

    changed = change_review(review_id=review.id, author_id=review.author_id, stars=1)

    assert rating(review.product_id) == (5, 1, "5.00")
    assert (changed.status, changed.stars, changed.title) == ("pending", 1, "So so")
    assert (changed.moderator_id, changed.moderated_at) == (None, None)
    approve(review_id=review.id, moderator_id=new_id())
    assert rating(review.product_id) == (6, 2, "3.00")


def test_a_change_that_changes_nothing_leaves_the_review_where_it_is():
    review = make_review(stars=2, title="So so", approved=True)

    same = change_review(review_id=review.id, author_id=review.author_id, stars=2, title="So so")

    assert (same.status, same.version) == ("approved", review.version)
    assert rating(review.product_id) == (2, 1, "2.00")


def test_a_deleted_review_counts_no_more_and_another_may_be_written():
    review = make_review(stars=2, approved=True)

    delete_review(review_id=review.id, author_id=review.author_id)

    assert rating(review.product_id) == (0, 0, "0.00")
    with pytest.raises(UnknownReview):
        delete_review(review_id=review.id, author_id=review.author_id)
    make_review(review.product, author_id=review.author_id, stars=5, approved=True)
    assert rating(review.product_id) == (5, 1, "5.00")


def test_a_second_review_of_the_same_product_is_refused():
    review = make_review()

    with pytest.raises(AlreadyReviewed):
        make_review(review.product, author_id=review.author_id)

    assert Review.objects.count() == 1


def test_who_did_not_buy_it_does_not_review_it():
    bought, other = make_product(), make_product()
    buyer_id = make_buyer(bought)

    for author_id in (buyer_id, new_id()):
        with pytest.raises(NotABuyer):
            write_review(slug_or_id=other.slug, author_id=author_id, language="en", stars=5)

    assert not Review.objects.exists()


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_an_unpublished_product_is_neither_reviewed_nor_its_reviews_shown(status):
    product = make_product()
    buyer_id = make_buyer(product)
    save_product(draft=unchanged(product, status=status))

    with pytest.raises(NotFound):
        write_review(slug_or_id=product.slug, author_id=buyer_id, language="en", stars=5)
    with pytest.raises(NotFound):
        shown_reviews(slug_or_id=product.slug)

    assert not Review.objects.exists()


def test_nobody_elses_review_is_changed_or_deleted():
    review = make_review(title="Mine", approved=True)
    other_id = make_buyer(review.product)

    with pytest.raises(UnknownReview):
        change_review(review_id=review.id, author_id=other_id, title="Yours")
    with pytest.raises(UnknownReview):
        delete_review(review_id=review.id, author_id=other_id)

    assert Review.objects.get().title == "Mine"
    assert rating(review.product_id) == (4, 1, "4.00")


@pytest.mark.parametrize("act", [approve, reject])
def test_what_was_changed_since_it_was_read_is_not_decided(act):
    review = make_review(title="Good")
    change_review(review_id=review.id, author_id=review.author_id, title="Buy at evil.example")

    with pytest.raises(PreconditionFailed) as refusal:
        act(review_id=review.id, moderator_id=new_id(), versions=frozenset({1}))

    assert refusal.value.details == {"version": 2}
    assert (status_of(review), rating(review.product_id)) == ("pending", (0, 0, "0.00"))


def test_many_are_decided_at_once_and_those_that_are_gone_passed_over():
    product = make_product()
    reviews = [make_review(product, stars=stars) for stars in (1, 5)]
    ids = [review.id for review in reviews]

    assert approve_all(review_ids=[*ids, new_id()], moderator_id=new_id()) == 2
    assert rating(product) == (6, 2, "3.00")
    assert reject_all(review_ids=[ids[0], new_id()], moderator_id=new_id()) == 1
    assert rating(product) == (5, 1, "5.00")


def test_a_change_of_the_product_by_staff_keeps_its_average():
    review = make_review(stars=3, approved=True)

    save_product(draft=unchanged(review.product, title="Renamed"))

    assert rating(review.product_id) == (3, 1, "3.00")


def test_a_product_that_is_not_listed_is_rated_and_listed_so_later():
    review = make_review(stars=3)
    save_product(draft=unchanged(review.product, status="archived"))

    approve(review_id=review.id, moderator_id=new_id())
    assert rating(review.product_id) == (3, 1, None)

    save_product(draft=unchanged(review.product))
    assert rating(review.product_id) == (3, 1, "3.00")


@pytest.mark.parametrize(("stars", "index"), [(None, "review_shown"), (5, "review_shown_by_stars")])
def test_a_page_of_shown_reviews_is_read_off_an_index_in_its_order(stars, index):
    product = make_product()
    page = shown_reviews(slug_or_id=product.slug, stars=stars).order_by("-created_at", "-id")[:25]

    with connection.cursor() as cursor:
        # Few rows would be read whole and sorted; what matters is that the index serves at all.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        plan = page.explain()

    assert f"Index Scan Backward using {index} on" in plan
    assert "Sort" not in plan


def unchanged(product: Product, **changes: Any) -> ProductDraft:
    """The product as it is, but for these changes."""
    kept = {"id": product.id, "slug": product.slug, "category_id": product.category_id, "variants": []}
    return ProductDraftFactory.build(**kept | changes)
