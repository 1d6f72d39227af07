"""A product's listing follows its stock, whatever else happens to the product at the same time."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from ecommerce.kernel.db import alias_of, atomic
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic.database import fetch
from modules.catalog.logic.holds import commit_hold, release_hold
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.logic.products import ProductDraft, VariantDraft, save_product
from modules.catalog.logic.stock import adjust_stock, return_stock
from modules.catalog.models import Listing, Product, StockLevel, Variant
from modules.catalog.tests.factories import ProductDraftFactory, VariantDraftFactory, make_product, put
from modules.catalog.tests.logic.test_holds_at_once import at_once, hold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

RECEIVED: dict[str, Any] = {"reason": "received", "actor_id": None}


@pytest.mark.parametrize("round_number", range(5))
def test_two_variants_that_sell_out_at_once_take_their_product_out_of_stock(round_number):
    product = make_product(on_hand=1, variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    one, other = product.variants.values_list("id", flat=True)

    assert at_once([partial(hold, new_id(), {one: 1}), partial(hold, new_id(), {other: 1})]) == ["done", "done"]

    assert not Listing.objects.get().in_stock


def test_the_second_to_sell_out_sees_the_first_who_has_not_committed_yet():
    product = make_product(on_hand=1, variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    one, other = product.variants.values_list("id", flat=True)

    overlapping(partial(hold, new_id(), {one: 1}), partial(hold, new_id(), {other: 1}))

    assert not Listing.objects.get().in_stock


def test_a_product_saved_while_its_last_one_is_sold_ends_out_of_stock():
    product = make_product(on_hand=1)

    overlapping(partial(hold, new_id(), {product.variants.get().id: 1}), partial(save_product, draft=drafted(product)))

    assert not Listing.objects.get().in_stock


def test_a_product_published_while_its_last_one_is_sold_is_listed_out_of_stock():
    product = make_product(on_hand=1, status="draft")

    overlapping(
        partial(hold, new_id(), {product.variants.get().id: 1}),
        partial(save_product, draft=drafted(product, status="published")),
    )

    assert not Listing.objects.get().in_stock


def test_a_product_published_while_its_first_stock_arrives_is_listed_in_stock():
    product = make_product(on_hand=0, status="draft")
    variant_id = product.variants.get().id

    overlapping(
        partial(adjust_stock, variant_id=variant_id, delta=1, **RECEIVED),
        partial(publish, product.id),
    )

    assert Listing.objects.get().in_stock


def test_first_stock_waits_for_who_saves_the_product_and_never_in_a_circle():
    product = make_product(on_hand=0)
    variant_id = product.variants.get().id

    def save() -> None:
        Variant.objects.select_for_update().get(id=variant_id)

    overlapping(save, partial(adjust_stock, variant_id=variant_id, delta=1, **RECEIVED), partial(refresh, product.id))

    assert Listing.objects.get().in_stock


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_at_once_nobody_waits_in_a_circle(seed):
    products = [make_product(on_hand=3, variants=[VariantDraftFactory.build() for _ in range(2)]) for _ in range(4)]
    drafts = [drafted(product) for product in products]
    variants = list(Variant.objects.order_by("id").values_list("id", flat=True))
    for variant_id in variants[::3]:
        put(variant_id, "Aachen", 2)

    outcomes = at_once(partial(live, Random(seed * 100 + n), variants, drafts) for n in range(12))

    assert Counter(outcomes) == {"done": 12}


def live(chance: Random, variants: list[UUID], drafts: list[ProductDraft]) -> None:
    """Sells out and gives back several products at a time, each time in another order, while staff save them."""
    orders: list[UUID] = []
    for _ in range(15):
        wanted = {variant_id: chance.randint(1, 3) for variant_id in chance.sample(variants, 3)}
        back = [StockLine(variant_id=variant_id, quantity=1) for variant_id in wanted]
        orders.append(new_id())
        acts: list[Callable[[], Any]] = [
            partial(hold, orders[-1], wanted),
            partial(hold, orders[-1], wanted),
            partial(release_hold, order_id=chance.choice(orders)),
            partial(commit_hold, order_id=chance.choice(orders)),
            partial(return_stock, reference=new_id(), lines=back),
            partial(save_product, draft=chance.choice(drafts)),
            partial(refresh, *(draft.id for draft in chance.sample(drafts, 3))),
            partial(adjust_stock, variant_id=chance.choice(variants), delta=chance.choice([-1, 2]), **RECEIVED),
        ]
        try:
            chance.choice(acts)()
        except ServiceError:
            continue


def overlapping(first: Callable[[], Any], second: Callable[[], Any], last: Callable[[], Any] = lambda: None) -> None:
    """`second` begins when `first` is done but not committed, and goes on as far as it can; `last` ends the first."""
    with ThreadPoolExecutor(1) as pool:
        with atomic(StockLevel):
            first()
            waiting = pool.submit(closing, second)
            wait_until_blocked(waiting)
            last()
        waiting.result(timeout=10)


def wait_until_blocked(second: Future[Any]) -> None:
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 1
    while not second.done() and fetch(blocked) == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.005)


def closing(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connections[alias_of("catalog")].close()


def publish(product_id: UUID) -> None:
    # As a task does it that touches the product alone.
    with atomic(Product):
        product = Product.objects.select_for_update().get(id=product_id)
        product.status, product.published_at = Product.Status.PUBLISHED, product.created_at
        product.save()
        refresh_listings([product_id])
        fetch(
            "UPDATE catalog_category SET product_count = product_count + 1 WHERE id = %s RETURNING id",
            [product.category_id],
        )


def refresh(*product_ids: UUID) -> None:
    with atomic(Product):
        refresh_listings(product_ids)


def drafted(product: Product, status: str = "published") -> ProductDraft:
    kept = product.variants.order_by("id")
    return ProductDraftFactory.build(
        id=product.id,
        slug=product.slug,
        title="Another title",
        category_id=product.category_id,
        status=status,
        variants=[VariantDraft(id=variant.id, sku=variant.sku, options=variant.options) for variant in kept],
    )
