"""Drafts that appear at their time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.models import OutboxEvent
from modules.catalog import tasks
from modules.catalog.logic import listings
from modules.catalog.logic.products import save_product
from modules.catalog.logic.publishing import publish_due
from modules.catalog.models import Listing, Product
from modules.catalog.tests.factories import CategoryFactory, ProductDraftFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_a_draft_appears_at_its_time():
    due, later = scheduled(NOW - timedelta(minutes=1)), scheduled(NOW + timedelta(seconds=1))

    tasks.publish_due()

    assert state(due) == ("published", None, NOW - timedelta(minutes=1), 2)
    assert state(later) == ("draft", NOW + timedelta(seconds=1), None, 1)
    assert list(Listing.objects.values_list("product_id", flat=True)) == [due]
    assert announced() == [due]


def test_it_appears_once():
    product_id = scheduled(NOW)

    assert (publish_due(), publish_due()) == (1, 0)
    assert state(product_id) == ("published", None, NOW, 2)
    assert len(announced()) == 1


def test_its_shelf_counts_it():
    shelf = CategoryFactory.create()
    scheduled(NOW, category_id=shelf.id)

    publish_due()

    shelf.refresh_from_db()
    assert shelf.product_count == 1


def test_what_was_published_before_keeps_the_time_it_first_was():
    draft = ProductDraftFactory.build(status="published")
    save_product(draft=draft)
    save_product(draft=replace(draft, status="draft", publish_at=NOW))
    first = Product.objects.get().published_at

    publish_due()

    assert state(draft.id) == ("published", None, first, 3)


def test_a_draft_without_a_variant_waits_for_one():
    product_id = scheduled(NOW, variants=[])

    assert publish_due() == 0
    assert state(product_id) == ("draft", NOW, None, 1)


def test_one_that_cannot_be_published_keeps_no_other_waiting(monkeypatch):
    bad, good = scheduled(NOW - timedelta(minutes=2)), scheduled(NOW - timedelta(minutes=1))
    refresh = listings.refresh_listings

    def refresh_but_one(product_ids):
        if bad in product_ids:
            raise ValueError("a disk is full")
        refresh(product_ids)

    monkeypatch.setattr(listings, "refresh_listings", refresh_but_one)

    assert publish_due() == 1
    assert state(bad) == ("draft", NOW - timedelta(minutes=2), None, 1)
    assert state(good)[0] == "published"


def scheduled(publish_at, **draft):
    return save_product(draft=ProductDraftFactory.build(status="draft", publish_at=publish_at, **draft))


def state(product_id):
    product = Product.objects.get(id=product_id)
    return product.status, product.publish_at, product.published_at, product.version


def announced() -> list[UUID]:
    """The products whose change was announced."""
    return list(OutboxEvent.objects.filter(name="catalog.ProductChanged").values_list("aggregate_id", flat=True))
