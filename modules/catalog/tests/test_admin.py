"""Putting something on the shelf in the admin. There is an admin only where users are."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local
from modules.catalog.contracts import StockLine
from modules.catalog.logic.holds import hold_stock
from modules.catalog.models import Category, Location, Price, Product, Review, StockMovement, Variant
from modules.catalog.tests.factories import CategoryFactory, figures, journal, make_product
from modules.catalog.tests.reviewing import make_review, rating
from modules.catalog.tests.test_service import UNTIL

pytestmark = [
    pytest.mark.skipif(not local("users"), reason="the admin lives where users live"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]


@pytest.fixture
def staff() -> Any:
    user: Any = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_a_new_product_can_be_sold_at_once(staff):
    shelf = CategoryFactory.create()

    answer = staff.post("/admin/catalog/product/add/", form(shelf, new_variant()))

    assert (answer.status_code, answer["Location"]) == (302, "/admin/catalog/product/")
    variant = Variant.objects.get()
    assert (variant.sku, variant.product.title, variant.product.status) == ("RED-M", "Red shirt", "published")
    assert list(Price.objects.order_by("currency").values_list("currency", "amount_minor")) == [
        ("EUR", 1990),
        ("JPY", 2500),
    ]
    assert figures(variant.id) == (12, 0)
    assert str(StockMovement.objects.get().actor_id) == staff.session["_auth_user_id"]


def test_a_change_writes_only_what_was_changed(staff):
    product = make_product(slug="red", title="Old title")
    variant = product.variants.get()

    staff.post(f"/admin/catalog/product/{product.id}/change/", form(product.category, existing(variant), initial=1))

    assert Product.objects.get().title == "Red shirt"
    assert journal(variant.id) == [("received", 10)]
    assert Price.objects.get(currency="EUR").amount_minor == 1990


def test_a_stock_take_needs_a_reason(staff):
    product = make_product(slug="red")
    variant = existing(product.variants.get()) | {"on_hand": 4, "reason": ""}

    answer = staff.post(f"/admin/catalog/product/{product.id}/change/", form(product.category, variant, initial=1))

    assert (answer.status_code, b"Say why the stock changes." in answer.content) == (200, True)
    assert figures(product.variants.get().id) == (10, 0)


def test_a_stock_take_below_what_is_held_is_refused_in_words(staff):
    product = make_product(slug="red")
    variant = product.variants.get()
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=variant.id, quantity=5)], until=UNTIL)
    changed = existing(variant) | {"on_hand": 4, "reason": "count"}

    url = f"/admin/catalog/product/{product.id}/change/"
    answer = staff.post(url, form(product.category, changed, initial=1), follow=True)

    assert b"fewer cannot be on hand" in answer.content
    assert figures(variant.id) == (10, 5)


@pytest.mark.parametrize("prices", ["19.90", "19.9 EUR", "-1.00 EUR", "1.00 EURO"])
def test_a_price_that_is_none_is_refused(staff, prices):
    shelf = CategoryFactory.create()

    answer = staff.post("/admin/catalog/product/add/", form(shelf, new_variant() | {"prices": prices}))

    assert answer.status_code == 200
    assert not Product.objects.exists()


def test_locations_are_opened_renamed_and_one_of_them_is_the_default(staff):
    make_product()
    main = Location.objects.get()

    staff.post("/admin/catalog/location/add/", {"name": "Aachen", "is_default": "on"})
    staff.post(f"/admin/catalog/location/{main.id}/change/", {"name": "Old warehouse"})

    kept = Location.objects.order_by("name").values_list("name", "is_default")
    assert list(kept) == [("Aachen", True), ("Old warehouse", False)]


@pytest.mark.parametrize(
    "page",
    ["product/", "product/?q=red", "category/", "stockmovement/", "stockmovement/?q=RED", "review/", "review/?q=red"],
)
def test_lists_are_not_counted(staff, page):
    make_product(slug="red")

    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        assert staff.get(f"/admin/catalog/{page}").status_code == 200

    assert not [query["sql"] for query in captured if "COUNT(" in query["sql"] and "catalog_" in query["sql"]]


@pytest.mark.parametrize(
    ("act", "status", "rated"), [("approve", "approved", (9, 2, "4.50")), ("reject", "rejected", (0, 0, "0.00"))]
)
def test_reviews_are_approved_or_rejected_many_at_a_time(staff, act, status, rated):
    product = make_product(slug="red")
    reviews = [make_review(product, stars=stars) for stars in (4, 5)]
    body = {"action": act, "_selected_action": [str(review.id) for review in reviews]}

    answer = staff.post("/admin/catalog/review/", body, follow=True)

    assert f"2 {status}.".encode() in answer.content
    decided = {(review.status, str(review.moderator_id)) for review in Review.objects.filter(product=product)}
    assert decided == {(status, staff.session["_auth_user_id"])}
    assert rating(product) == rated


def test_a_review_is_found_by_its_product_and_only_read(staff):
    product = make_product(slug="red")
    review = make_review(product, title="Soft", body="<b>It is soft.</b>")
    make_review(make_product(slug="blue"), title="Hard")

    for asked in ("red", product.variants.get().sku):
        page = staff.get("/admin/catalog/review/", {"q": asked, "status__exact": "pending"})
        assert (b"Soft" in page.content, b"Hard" in page.content) == (True, False)
    page = staff.get(f"/admin/catalog/review/{review.id}/change/")
    assert b"&lt;b&gt;It is soft.&lt;/b&gt;" in page.content
    staff.post(f"/admin/catalog/review/{review.id}/change/", {"title": "Changed", "status": "approved"})
    review.refresh_from_db()
    assert (review.title, review.status) == ("Soft", "pending")


def form(category: Category, variant: dict[str, Any], *, initial: int = 0) -> dict[str, Any]:
    return {
        "title": "Red shirt",
        "slug": "red",
        "category": str(category.id),
        "status": "published",
        "tax_class": "standard",
        "description": "",
        "options": "Size",
        "attributes": "material = linen\r\nweight_kg = 2\r\nwashable = yes",
        "seo_title": "",
        "seo_description": "",
        "variants-TOTAL_FORMS": 1,
        "variants-INITIAL_FORMS": initial,
        **{
            f"{name}-{count}_FORMS": 0
            for name in ("pictures", "translations", "related")
            for count in ("TOTAL", "INITIAL")
        },
        **{f"variants-0-{name}": value for name, value in variant.items()},
    }


def new_variant() -> dict[str, Any]:
    return {
        "sku": "RED-M",
        "options": "Size = M",
        "barcode": "",
        "weight_g": 180,
        "position": 0,
        "prices": "19.90 EUR\r\n2500 JPY",
        "on_hand": 12,
        "reason": "received",
    }


def existing(variant: Variant) -> dict[str, Any]:
    return {
        "id": str(variant.id),
        "product": str(variant.product_id),
        "sku": variant.sku,
        "options": f"Size = {variant.sku}",
        "barcode": "",
        "weight_g": 200,
        "position": 0,
        "prices": "19.90 EUR\r\n2500 JPY",
        "on_hand": 10,
        "reason": "",
    }
