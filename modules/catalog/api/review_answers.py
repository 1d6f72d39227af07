"""Shown reviews as structs, quick to make and to write; review_serializers.py is their schema."""

from datetime import datetime
from uuid import UUID

import msgspec

from ecommerce.kernel.rest.pages import Page
from modules.catalog.models import Review as ReviewRow


class Review(msgspec.Struct):
    id: UUID
    stars: int
    title: str
    body: str
    author_name: str
    created_at: datetime
    # Nobody else may write one.
    verified_buyer: bool = True


class ReviewPage(msgspec.Struct):
    results: list[Review]
    next: str | None
    previous: str | None


def review_page(page: Page[ReviewRow]) -> ReviewPage:
    """A page of what buyers say."""
    return ReviewPage([_review(row) for row in page.rows], page.next, page.previous)


def _review(row: ReviewRow) -> Review:
    return Review(row.id, row.stars, row.title, row.body, row.author_name, row.created_at)
