"""Staff who write the same products at the same time, while others buy them."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.contracts import LastVariant, OutOfStock, SkuTaken, SlugTaken, UnknownVariant
from modules.catalog.logic.database import fetch
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.logic.locations import open_location
from modules.catalog.logic.product_variants import add_variant, change_variant, remove_variant
from modules.catalog.logic.products import change_product, create_product, remove_product, save_product
from modules.catalog.logic.publishing import publish_due
from modules.catalog.logic.sold_goods import clear_stock
from modules.catalog.logic.stock import adjust_stock, count_stock
from modules.catalog.models import Category, Listing, Product, ProductSlug, StockLevel, Variant
from modules.catalog.tests.factories import (
    CategoryFactory,
    ProductDraftFactory,
    VariantDraftFactory,
    make_product,
    make_variant,
)
from modules.catalog.tests.logic.test_holds_at_once import at_once, hold
from modules.catalog.tests.logic.test_listings_at_once import overlapping

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]


@pytest.mark.parametrize("round_number", range(3))
def test_of_two_changes_of_one_version_exactly_one_wins(round_number):
    product = make_product()

    outcomes = at_once(
        partial(change_product, key=str(product.id), versions=frozenset({1}), title=title) for title in ("A", "B")
    )

    assert Counter(outcomes) == {"done": 1, PreconditionFailed: 1}
    won = "AB"[outcomes.index("done")]
    assert Product.objects.values_list("title", "version").get() == (won, 2)


def test_without_a_version_nobody_loses_the_others_other_fields():
    product = make_product()
    changes: list[dict[str, Any]] = [
        {"title": "New"},
        {"description": "Newer."},
        {"tax_class": "reduced"},
        {"attributes": {"material": "linen"}},
        {"seo": {"title": "Newest"}},
        {"external_key": "ERP-1"},
    ]

    outcomes = at_once(partial(change_product, key=str(product.id), **change) for change in changes)

    assert Counter(outcomes) == {"done": 6}
    kept = Product.objects.get()
    assert {name: getattr(kept, name) for change in changes for name in change} == {
        name: value for change in changes for name, value in change.items()
    }
    assert kept.version == 7


def test_a_title_that_many_use_at_once_makes_as_many_slugs():
    shelf = CategoryFactory.create()
    drafts = [ProductDraftFactory.build(slug="", title="Linen shirt", category_id=shelf.id) for _ in range(4)]

    outcomes = at_once(partial(create_product, draft=draft, actor_id=None) for draft in drafts)

    assert Counter(outcomes) == {"done": 4}
    assert sorted(Product.objects.values_list("slug", flat=True)) == [
        "linen-shirt", "linen-shirt-2", "linen-shirt-3", "linen-shirt-4",
    ]  # fmt: skip
    assert Category.objects.get().product_count == 4


def test_a_slug_or_a_sku_goes_to_one():
    shelf = CategoryFactory.create()
    drafts = [ProductDraftFactory.build(slug="shirt", category_id=shelf.id) for _ in range(4)]
    assert Counter(at_once(partial(create_product, draft=draft, actor_id=None) for draft in drafts)) == {
        "done": 1,
        SlugTaken: 3,
    }

    drafts = [
        ProductDraftFactory.build(category_id=shelf.id, variants=[VariantDraftFactory.build(sku="A")]) for _ in range(4)
    ]
    outcomes = at_once(partial(create_product, draft=draft, actor_id=None) for draft in drafts)

    assert Counter(outcomes) == {"done": 1, SkuTaken: 3}
    assert (Product.objects.count(), Category.objects.get().product_count) == (2, 2)


def test_an_address_is_taken_by_another_while_it_is_given_up():
    product, shelf = make_product(slug="shirt"), CategoryFactory.create()
    other = ProductDraftFactory.build(slug="shirt", category_id=shelf.id)

    at_once(
        [
            partial(change_product, key=str(product.id), slug="blouse"),
            partial(create_product, draft=other, actor_id=None),
        ]
    )

    # Either the other came too early, and the old address leads on, or it has the address for itself.
    taken = Product.objects.filter(slug="shirt", id=other.id).exists()
    assert ProductSlug.objects.filter(slug="shirt").exists() is not taken


def test_a_draft_that_is_published_from_four_sides_is_published_once():
    ids = [save_product(draft=ProductDraftFactory.build(status="draft", publish_at=clock.now())) for _ in range(5)]

    at_once([publish_due] * 4)

    assert set(Product.objects.values_list("status", "version")) == {("published", 2)}
    assert OutboxEvent.objects.filter(name="catalog.ProductChanged", aggregate_id__in=ids).count() == 5


def test_of_two_who_take_away_the_last_two_variants_one_is_refused():
    product = make_product(variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    ids = list(product.variants.values_list("id", flat=True))

    outcomes = at_once(partial(remove_variant, variant_id=variant_id) for variant_id in ids)

    assert Counter(outcomes) == {"done": 1, LastVariant: 1}
    assert Variant.objects.count() == 1


def test_a_variant_that_goes_while_it_is_changed_is_changed_or_not_there():
    product = make_product(variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    variant_id = product.variants.order_by("id").values_list("id", flat=True)[0]

    outcomes = at_once(
        [partial(remove_variant, variant_id=variant_id), partial(change_variant, variant_id=variant_id, sku="NEW")]
    )

    assert outcomes[0] == "done"
    assert outcomes[1] in ("done", NotFound)
    assert not Variant.objects.filter(id=variant_id).exists()


def test_variants_that_many_add_at_once_stand_in_a_row():
    product = make_product(variants=[VariantDraftFactory.build()])
    drafts = [VariantDraftFactory.build(on_hand=1) for _ in range(6)]

    outcomes = at_once(partial(add_variant, key=str(product.id), draft=draft, actor_id=None) for draft in drafts)

    assert Counter(outcomes) == {"done": 6}
    assert sorted(Variant.objects.values_list("position", flat=True)) == list(range(7))
    assert Product.objects.get().version == 7


@pytest.mark.parametrize("round_number", range(6))
def test_what_is_sold_while_it_is_removed_is_archived_or_cannot_be_had(round_number):
    variant = make_variant(on_hand=1)
    order_id = new_id()

    outcomes = at_once([partial(remove_product, key=str(variant.product_id)), partial(hold, order_id, {variant.id: 1})])

    status = Product.objects.filter(id=variant.product_id).values_list("status", flat=True).first()
    assert outcomes == (["done", "done"] if status == "archived" else ["done", OutOfStock])
    assert status in ("archived", None)


def test_what_sells_out_while_its_product_is_changed_is_shown_as_sold_out():
    variant = make_variant(on_hand=1)
    writer = Thread(target=closing(partial(change_product, key=str(variant.product_id), title="New")))

    with atomic(StockLevel):
        count_stock(variant_id=variant.id, on_hand=0, reason="count", actor_id=None)
        writer.start()
        # It waits for the listing, which we have changed and not yet committed.
        writer.join(timeout=1)
        assert writer.is_alive()
    writer.join(timeout=30)

    assert list(Listing.objects.values_list("title", "in_stock")) == [("New", False)]


def test_what_comes_into_stock_while_its_product_is_published_is_shown_as_in_stock():
    product = make_product(status="draft", on_hand=1)
    variant = product.variants.get()
    count_stock(variant_id=variant.id, on_hand=0, reason="count", actor_id=None)
    writer = Thread(target=closing(partial(change_product, key=str(product.id), status="published")))

    with atomic(StockLevel):
        adjust_stock(variant_id=variant.id, delta=5, reason="received", actor_id=None)
        writer.start()
        writer.join(timeout=1)
    writer.join(timeout=30)

    assert list(Listing.objects.values_list("in_stock", flat=True)) == [True]


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_category_that_goes_while_a_product_comes_to_it_is_told_of(status):
    shelf = CategoryFactory.create()
    draft = ProductDraftFactory.build(category_id=shelf.id, status=status)
    outcomes: list[Any] = []
    writer = Thread(target=lambda: outcomes.extend(at_once([partial(create_product, draft=draft, actor_id=None)])))

    with atomic(Category):
        Category.objects.filter(id=shelf.id).delete()
        writer.start()
        writer.join(timeout=1)
        assert writer.is_alive()
    writer.join(timeout=30)

    assert outcomes == [Invalid]
    assert not Product.objects.exists()


def test_staff_who_write_and_buyers_who_hold_never_wait_in_a_circle():
    products = [make_product(on_hand=50) for _ in range(3)]
    variants = [product.variants.get() for product in products]

    acts: list[Callable[[], Any]] = []
    for number in range(4):
        acts += [partial(change_product, key=str(product.id), title=f"T{number}") for product in products]
        acts += [partial(hold, new_id(), {variant.id: 1 for variant in variants}) for _ in range(2)]
        acts.append(partial(change_product, key=str(products[0].id), category_id=products[1].category_id))
        acts.append(partial(change_product, key=str(products[1].id), category_id=products[0].category_id))
    outcomes = at_once(acts)

    assert set(outcomes) == {"done"}


def closing(act):
    def run():
        try:
            act()
        finally:
            connections.close_all()

    return run


def test_a_first_level_elsewhere_waits_for_who_removes_the_variant_and_holds_nothing_meanwhile():
    product = make_product(on_hand=1, variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    variant, other = product.variants.all()
    open_location(name="Aachen")
    refused: list[type[Exception]] = []

    def receive() -> None:
        try:
            adjust_stock(variant_id=variant.id, delta=1, reason="received", actor_id=None, location="Aachen")
        except UnknownVariant as refusal:
            refused.append(type(refusal))

    def remove() -> None:
        # As remove_variant goes on when it has the variant.
        fetch("SELECT FROM catalog_stocklevel WHERE variant_id = %s FOR UPDATE NOWAIT", [variant.id])
        clear_stock([variant.id])
        Variant.objects.filter(id=variant.id).delete()
        refresh_listings([product.id])

    overlapping(
        lambda: fetch("SELECT FROM catalog_variant WHERE id = %s FOR UPDATE", [variant.id]), receive, last=remove
    )

    assert (refused, StockLevel.objects.get().variant_id) == ([UnknownVariant], other.id)
