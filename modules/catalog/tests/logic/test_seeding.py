"""The demonstration shop's assortment."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from rest_framework.test import APIClient

from ecommerce.kernel.money import Money
from modules.catalog.logic import seeding
from modules.catalog.logic.assortment import ASSORTMENT
from modules.catalog.logic.drawings import COLOURS, SHAPES, SIZES, draw
from modules.catalog.logic.goods import SHELVES
from modules.catalog.logic.seeding import SEEDER
from modules.catalog.logic.variants import find_variants
from modules.catalog.models import (
    Category,
    Listing,
    Price,
    PriceChange,
    Product,
    ProductPrice,
    Review,
    StockLevel,
    StockMovement,
    Variant,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def seed(products: int, seed: int = 1) -> dict[str, int]:
    return SEEDER.run(products, seed, lambda what, done, of: None)


def everything() -> list[Any]:
    models: list[type[Model]] = [Category, Product, Variant, Price, PriceChange, StockLevel, StockMovement, Review]
    # The location's id is this shop's own.
    seeded = [
        list(
            model._default_manager.order_by("id").values_list(
                *(f.attname for f in model._meta.fields if f.name != "location")
            )
        )
        for model in models
    ]
    derived = [
        list(Listing.objects.order_by("product_id").values_list()),
        list(
            ProductPrice.objects.order_by("product_id", "currency").values_list("product_id", "currency", "from_minor")
        ),
    ]
    return [*seeded, *derived]


def forget() -> None:
    Category.objects.update(parent=None)
    for model in (Review, StockMovement, StockLevel, ProductPrice, Listing, Price, Variant, Product, Category):
        model.objects.all().delete()


def test_the_same_seed_makes_the_same_shop():
    seed(30)
    first = everything()
    forget()
    seed(30)

    assert everything() == first


def test_another_seed_makes_another_shop():
    seed(30)
    first = list(Product.objects.order_by("slug").values_list("slug", flat=True))
    forget()
    seed(30, seed=2)

    assert list(Product.objects.order_by("slug").values_list("slug", flat=True)) != first


def test_seeding_again_adds_only_what_is_missing(monkeypatch):
    monkeypatch.setattr(seeding, "BATCH", 7)
    seed(20)
    twenty = everything()

    assert seed(20)["product"] == 0
    assert everything() == twenty
    assert seed(30)["product"] == 10
    thirty = everything()
    forget()
    seed(30)
    assert everything() == thirty


def test_another_seeds_shop_is_left_as_it_is():
    seed(5)

    assert seed(10, seed=2) == {}
    assert Product.objects.count() == 5


def test_it_says_what_it_made_and_how_far_it_is(monkeypatch):
    monkeypatch.setattr(seeding, "BATCH", 10)
    steps = []
    assert SEEDER.is_empty()

    made = SEEDER.run(25, 1, lambda what, done, of: steps.append((what, done, of)))

    assert steps == [("products", 10, 25), ("products", 20, 25), ("products", 25, 25)]
    assert (made["product"], made["variant"]) == (25, Variant.objects.count())
    assert not SEEDER.is_empty()


def test_the_demonstration_shirt_is_always_there_to_buy():
    seed(3)

    found = find_variants(currency="EUR", skus=["DEMO-T-SHIRT-S", "DEMO-T-SHIRT-M", "DEMO-T-SHIRT-L"])

    assert [variant.available for variant in found] == [1000, 1000, 1000]
    assert {variant.price for variant in found} == {Money(minor=1990, currency="EUR")}
    assert Product.objects.get(slug="demo-t-shirt").title == "Demo T-Shirt"


def test_the_assortment_is_believable():
    seed(300)

    assert Category.objects.count() == 97
    assert Product.objects.filter(status="published").count() == 300
    assert set(Price.objects.values_list("currency", flat=True)) == {"EUR", "USD", "JPY"}
    assert 0 < StockLevel.objects.filter(on_hand=0).count() < StockLevel.objects.count() / 4
    assert 0 < Price.objects.filter(compare_at_minor__isnull=False).count() < Price.objects.count() / 2
    assert all(1 <= product.variants.count() <= 6 for product in Product.objects.all())
    assert not any("{" in product.description for product in Product.objects.all())


def test_one_product_in_four_is_reviewed_and_the_best_come_first():
    seed(300)

    reviewed = Product.objects.filter(rating_count__gt=0)
    best = APIClient().get("/api/v1/catalog/products/?sort=rating").json()["results"][0]
    [first, *_] = APIClient().get(f"/api/v1/catalog/products/{best['slug']}/reviews/").json()["results"]

    assert 50 < reviewed.count() < 100
    assert Review.objects.count() == sum(reviewed.values_list("rating_count", flat=True))
    assert (best["rating"]["average"], first["stars"]) == (5, 5)
    assert all((first["author_name"], first["title"], first["body"]))


def test_a_lowered_price_was_in_force_for_more_than_30_days_before():
    seed(100)

    lowered = Price.objects.filter(compare_at_minor__isnull=False)
    history: dict[tuple[Any, str], list[PriceChange]] = {}
    for change in PriceChange.objects.order_by("at").select_related("variant__product"):
        history.setdefault((change.variant_id, change.currency), []).append(change)

    assert lowered.count() * 2 == PriceChange.objects.count() > 0
    for price in lowered:
        before, now = history[price.variant_id, price.currency]
        assert (before.amount_minor, now.amount_minor) == (price.regular_minor, price.sale_minor)
        assert before.at == before.variant.product.created_at < now.at - timedelta(days=30)
        assert (price.lowest_minor, price.sale_starts_at) == (before.amount_minor, now.at)


def test_every_shelf_has_a_picture_and_names_are_unique():
    names = [*ASSORTMENT, *(group.name for groups in ASSORTMENT.values() for group in groups)]
    names += [kind.shelf for _, kind in SHELVES]

    assert len(names) == len(set(names))
    assert {kind.shape for _, kind in SHELVES} <= SHAPES.keys()


def test_every_picture_can_be_drawn():
    for shape in SHAPES:
        for colour in COLOURS:
            assert draw(shape=shape, colour=colour, size=SIZES["small"]).endswith("</svg>")
