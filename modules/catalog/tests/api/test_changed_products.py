"""Changing and removing a product over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.contracts import StockLine
from modules.catalog.logic.holds import commit_hold, hold_stock, release_hold
from modules.catalog.models import (
    Category,
    Listing,
    Price,
    Product,
    ProductSlug,
    StockLevel,
    StockMovement,
    Variant,
)
from modules.catalog.tests.api.staff import OTHERS, PRODUCTS, READER, STAFF, complaints, refusal, send
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

SOME_ID = "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shop(settings, monkeypatch):
    settings.DEFAULT_CURRENCY = "EUR"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def shirt():
    return make_product(slug="shirt", title="Shirt", description="Old.", attributes={"material": "linen"})


def test_only_what_is_given_changes(shirt):
    answer = change(shirt, {"title": "Blouse", "tax_class": "reduced", "external_key": "ERP-1"})

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    body = answer.json()
    names = ("slug", "title", "description", "attributes", "tax_class", "external_key", "version", "status")
    assert [body[name] for name in names] == [
        "shirt", "Blouse", "Old.", {"material": "linen"}, "reduced", "ERP-1", 2, "published",
    ]  # fmt: skip
    assert Listing.objects.get().title == "Blouse"
    assert events(shirt) == ["catalog.ProductChanged"] * 2


def test_every_field_can_be_changed(shirt):
    other = CategoryFactory.create(slug="other")
    body: dict[str, Any] = {
        "title": "Blouse",
        "slug": "blouse",
        "description": "",
        "category_id": str(other.id),
        "attributes": {"washable": True},
        "seo": {"title": "Buy a blouse"},
        "external_key": None,
    }

    answer = change(shirt, body).json()

    assert {name: answer[name] for name in body if name not in ("category_id", "seo")} == {
        name: value for name, value in body.items() if name not in ("category_id", "seo")
    }
    assert (answer["category"]["slug"], answer["seo"]["title"]) == ("other", "Buy a blouse")
    assert counts() == {"other": 1, shirt.category.slug: 0}


@pytest.mark.parametrize("body", [{}, {"title": "Shirt"}, {"attributes": {"material": "linen"}, "publish_at": None}])
def test_what_changes_nothing_is_no_new_version(shirt, body):
    told = len(events(shirt))

    answer = change(shirt, body)

    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"1"', 1)
    assert len(events(shirt)) == told


def test_an_attribute_keeps_the_type_of_its_first_value(shirt):
    change(shirt, {"attributes": {"washable": True}})

    answer = change(shirt, {"attributes": {"washable": 1}})

    assert answer.json()["errors"][0]["field"] == "attributes.washable"
    assert (answer.status_code, Product.objects.get().attributes) == (400, {"washable": True})


def test_a_change_of_an_older_version_is_refused(shirt):
    change(shirt, {"title": "First"})

    stale = change(shirt, {"title": "Second"}, if_match='"1"')

    assert (refusal(stale), stale.json()["version"]) == ((412, "precondition_failed"), 2)
    assert Product.objects.get().title == "First"
    assert change(shirt, {"title": "Third"}, if_match='"2"').status_code == 200
    assert send("DELETE", f"{PRODUCTS}{shirt.id}/", if_match='"2"').status_code == 412
    assert Product.objects.get().title == "Third"


def test_a_product_goes_from_draft_to_the_shop_to_the_archive_and_back():
    product = make_product(slug="shirt", status="draft")
    shelf = product.category.slug

    published = change(product, {"status": "published"}).json()
    assert (published["status"], published["published_at"]) == ("published", "2026-12-01T12:00:00Z")
    assert (counts(), seen("shirt")) == ({shelf: 1}, 200)
    assert change(product, {"status": "archived"}).json()["status"] == "archived"
    assert (counts(), seen("shirt")) == ({shelf: 0}, 404)
    assert change(product, {"status": "published"}).json()["published_at"] == "2026-12-01T12:00:00Z"
    assert change(product, {"status": "draft"}).json()["version"] == 5
    assert (counts(), seen("shirt")) == ({shelf: 0}, 404)
    assert events(product) == ["catalog.ProductChanged"] * 4


def test_a_draft_is_scheduled_and_taken_back(shirt):
    change(shirt, {"status": "draft"})
    at = "2026-12-24T00:00:00Z"

    assert change(shirt, {"publish_at": "2026-12-24T01:00:00+01:00"}).json()["publish_at"] == at
    assert change(shirt, {"publish_at": None}).json()["publish_at"] is None
    change(shirt, {"publish_at": at})
    assert change(shirt, {"status": "published"}).json()["publish_at"] is None
    change(shirt, {"status": "draft", "publish_at": at})
    assert change(shirt, {"status": "archived"}).json()["publish_at"] is None


def test_only_a_draft_that_has_a_variant_can_be_scheduled_or_published(shirt):
    empty = make_product(slug="empty", status="draft", variants=[])
    at = "2026-12-24T00:00:00Z"

    assert complaints(change(shirt, {"publish_at": at})) == {"publish_at": "not_a_draft"}
    assert complaints(change(shirt, {"publish_at": at, "status": "archived"})) == {"publish_at": "not_a_draft"}
    assert complaints(change(empty, {"publish_at": at})) == {"publish_at": "no_variants"}
    assert complaints(change(empty, {"status": "published"})) == {"status": "no_variants"}
    assert set(Product.objects.values_list("version", "publish_at")) == {(1, None)}


def test_options_must_fit_the_variants():
    sized = [VariantDraftFactory.build(options={"Size": size, "Colour": "red"}) for size in "SM"]
    product = make_product(options=["Size", "Colour"], variants=sized)

    assert complaints(change(product, {"options": ["Size"]})) == {"options": "variants_do_not_fit"}
    assert complaints(change(product, {"options": ["Size", "Colour", "Cut"]})) == {"options": "variants_do_not_fit"}
    assert complaints(change(product, {"options": ["Size", "SIZE"]})) == {"options": "duplicate_option"}
    assert Product.objects.get().version == 1
    turned = change(product, {"options": ["Colour", "Size"]}).json()
    assert [option["name"] for option in turned["options"]] == ["Colour", "Size"]


def test_options_are_renamed_and_added_together_with_the_variants(shirt):
    variant = shirt.variants.get()
    told = len(events(shirt))
    values = {"Größe": "M", "Farbe": "rot"}
    prices = [{"amount": "9.90", "currency": "EUR"}]

    answer = change(
        shirt,
        {
            "options": ["Größe", "Farbe"],
            "variants": [{"id": str(variant.id), "options": values, "sku": "N", "prices": prices}],
        },
    )

    changed = answer.json()
    assert ([option["name"] for option in changed["options"]], changed["version"]) == (["Größe", "Farbe"], 2)
    assert (changed["variants"][0]["options"], changed["variants"][0]["sku"]) == (values, "N")
    assert changed["price_from"]["amount"] == "9.90"
    assert Listing.objects.get().tokens == ["farbe=rot", "größe=M", "material=linen"]
    assert len(events(shirt)) == told + 1


def test_variants_that_do_not_follow_the_options_change_nothing():
    variants = [VariantDraftFactory.build(options={"Size": size}) for size in "SM"]
    product = make_product(variants=variants)
    small, medium = (str(variant.id) for variant in variants)
    renamed = [{"id": small, "options": {"Cut": "S"}}]

    assert complaints(change(product, {"options": ["Cut"], "variants": renamed})) == {"options": "variants_do_not_fit"}
    assert complaints(change(product, {"variants": renamed})) == {"variants.0.options": "options_differ"}
    assert complaints(change(product, {"variants": [{"id": medium}, {"id": medium}]})) == {
        "variants.1.id": "unknown_variant"
    }
    same = [{"id": small, "options": {"Size": "M"}}]
    assert refusal(change(product, {"variants": same})) == (409, "same_options")
    on_sale = [{"amount": "9.90", "currency": "EUR", "sale": {"amount": "5.00"}}]
    change(product, {"variants": [{"id": small, "prices": on_sale}]})
    low = [{"amount": "4.00", "currency": "EUR"}]
    refused = change(product, {"variants": [{"id": medium, "sku": "X"}, {"id": small, "prices": low}]})
    assert complaints(refused) == {"variants.1.prices.0.amount": "sale_not_lower"}
    assert Product.objects.get().version == 2
    assert {variant.options["Size"] for variant in product.variants.all()} == {"S", "M"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"title": None}, {"title": "null"}),
        ({"slug": None}, {"slug": "null"}),
        ({"slug": ""}, {"slug": "blank"}),
        ({"slug": "0190d1c27f4e7cc09a3e5f2b8f0a1c11"}, {"slug": "invalid"}),
        ({"status": None}, {"status": "null"}),
        ({"category_id": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"}, {"category_id": "unknown_category"}),
        ({"attributes": {"a b": 1}}, {"attributes.a b": "invalid_code"}),
        ({"variants": [{"sku": "X"}]}, {"variants.0.id": "required"}),
        ({"variants": [{"id": SOME_ID, "sku": "X"}]}, {"variants.0.id": "unknown_variant"}),
        ({"variants": [{"id": SOME_ID, "on_hand": 1}]}, {"variants.0.on_hand": "unknown_field"}),
        ({"version": 7}, {"version": "unknown_field"}),
        ({"id": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"}, {"id": "unknown_field"}),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(shirt, body, expected):
    assert complaints(change(shirt, body | {"description": "New."})) == expected
    assert Product.objects.filter(version=1, description="Old.").exists()


def test_a_taken_slug_or_external_key_is_refused(shirt):
    other = make_product(slug="other", external_key="ERP-1")

    assert refusal(change(shirt, {"slug": "other"})) == (409, "slug_taken")
    assert refusal(change(shirt, {"external_key": "ERP-1"})) == (409, "external_key_taken")
    assert set(Product.objects.values_list("slug", "version")) == {("shirt", 1), ("other", 1)}
    assert change(other, {"slug": "other", "external_key": "ERP-1"}).json()["version"] == 1


def test_an_old_address_leads_to_the_new_one(shirt):
    change(shirt, {"slug": "blouse"})
    change(shirt, {"slug": "top"})

    for old in ("shirt", "blouse"):
        answer = send("GET", f"{PRODUCTS}{old}/?currency=JPY", principal=None)
        assert (answer.status_code, answer["Location"]) == (301, f"{PRODUCTS}top/?currency=JPY")
        assert answer["Cache-Control"] == "public, no-cache"
    assert send("GET", f"{PRODUCTS}shirt/", principal=STAFF)["Location"] == f"{PRODUCTS}top/"
    assert seen("top") == 200
    assert refusal(send("GET", f"{PRODUCTS}shirt/?colour=red", principal=None)) == (400, "unknown_field")


def test_a_product_that_goes_back_to_its_old_slug_is_found_there(shirt):
    change(shirt, {"slug": "blouse"})
    change(shirt, {"slug": "shirt"})

    assert seen("shirt") == 200
    assert send("GET", f"{PRODUCTS}blouse/", principal=None)["Location"] == f"{PRODUCTS}shirt/"
    assert list(ProductSlug.objects.values_list("slug", flat=True)) == ["blouse"]


def test_another_product_may_take_an_old_slug(shirt):
    change(shirt, {"slug": "blouse"})
    shelf = str(shirt.category_id)
    variants = [{"sku": "NEW", "prices": []}]

    made = send("POST", PRODUCTS, {"title": "X", "slug": "shirt", "category_id": shelf, "variants": variants})

    assert (made.status_code, seen("shirt"), ProductSlug.objects.exists()) == (201, 404, False)
    change(made.json(), {"status": "published"})
    assert seen("shirt") == 200
    change(made.json(), {"slug": "tunic"})
    assert send("GET", f"{PRODUCTS}shirt/", principal=None)["Location"] == f"{PRODUCTS}tunic/"


def test_an_old_slug_of_what_is_not_published_leads_nowhere_for_shoppers(shirt):
    change(shirt, {"slug": "blouse", "status": "archived"})

    assert seen("shirt") == 404
    assert send("GET", f"{PRODUCTS}shirt/")["Location"] == f"{PRODUCTS}blouse/"


@pytest.mark.parametrize("status", ["draft", "published", "archived"])
@pytest.mark.parametrize("principal", [STAFF, READER])
def test_staff_see_every_product_in_full(status, principal):
    product = make_product(slug="shirt", status=status)

    for key in ("shirt", product.id):
        answer = send("GET", f"{PRODUCTS}{key}/?currency=JPY", principal=principal)
        assert (answer.status_code, answer["ETag"], answer["Cache-Control"]) == (200, '"1"', "private, no-store")
        assert (answer.json()["status"], answer.json()["price_from"]["amount"]) == (status, "2500")
        assert answer.json()["variants"][0]["on_hand"] == 10


@pytest.mark.parametrize("principal", [one for one, _ in OTHERS if one is not READER])
def test_nobody_else_sees_a_draft_nor_what_is_staffs(principal):
    make_product(slug="draft", status="draft")
    make_product(slug="shirt")

    assert refusal(send("GET", f"{PRODUCTS}draft/", principal=principal)) == (404, "not_found")
    answer = send("GET", f"{PRODUCTS}shirt/", principal=principal)
    assert "status" not in answer.json()
    assert "on_hand" not in answer.json()["variants"][0]
    assert answer["ETag"].startswith('W/"')


@pytest.mark.parametrize(("principal", "status"), OTHERS)
def test_nobody_else_changes_or_removes_a_product(shirt, principal, status):
    path = f"{PRODUCTS}{shirt.id}/"

    assert send("PATCH", path, {"nonsense": 1}, principal=principal).status_code == status
    assert send("DELETE", path, principal=principal).status_code == status
    assert Product.objects.filter(version=1).exists()


@pytest.mark.parametrize("key", [new_id(), "no-such-shirt"])
def test_what_is_not_there_is_not_changed(key):
    assert refusal(send("PATCH", f"{PRODUCTS}{key}/", {"title": "X"})) == (404, "not_found")
    assert refusal(send("DELETE", f"{PRODUCTS}{key}/")) == (404, "not_found")


def test_a_product_is_changed_by_its_slug_too(shirt):
    assert send("PATCH", f"{PRODUCTS}shirt/", {"title": "Blouse"}).json()["title"] == "Blouse"


def test_what_was_never_sold_is_deleted(shirt):
    change(shirt, {"slug": "blouse"})

    assert send("DELETE", f"{PRODUCTS}{shirt.id}/").status_code == 204

    gone: list[Any] = [Product, Variant, Price, StockLevel, StockMovement, Listing, ProductSlug]
    assert [table.objects.count() for table in gone] == [0] * len(gone)
    assert counts() == {shirt.category.slug: 0}
    assert events(shirt) == ["catalog.ProductChanged"] * 3
    assert refusal(send("DELETE", f"{PRODUCTS}{shirt.id}/")) == (404, "not_found")


@pytest.mark.parametrize("then", [commit_hold, release_hold, None])
def test_what_was_ever_put_aside_for_an_order_is_archived(shirt, then):
    order_id = new_id()
    line = StockLine(variant_id=shirt.variants.get().id, quantity=1)
    hold_stock(order_id=order_id, lines=[line], until=NOW + timedelta(hours=1))
    if then:
        then(order_id=order_id)

    assert send("DELETE", f"{PRODUCTS}shirt/").status_code == 204

    assert list(Product.objects.values_list("status", "version")) == [("archived", 2)]
    assert (Variant.objects.count(), Listing.objects.count(), counts()) == (1, 0, {shirt.category.slug: 0})
    assert events(shirt) == ["catalog.ProductChanged"] * 2
    assert refusal(send("DELETE", f"{PRODUCTS}shirt/")) == (404, "not_found")
    assert Product.objects.get().version == 2


def test_a_scheduled_draft_that_was_sold_once_is_scheduled_no_more(shirt):
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=shirt.variants.get().id, quantity=1)], until=NOW)
    change(shirt, {"status": "draft", "publish_at": "2026-12-24T00:00:00Z"})

    send("DELETE", f"{PRODUCTS}shirt/")

    assert list(Product.objects.values_list("status", "publish_at")) == [("archived", None)]


def change(product: Any, body: Any, **headers: Any) -> Any:
    key = product["id"] if isinstance(product, dict) else product.id
    return send("PATCH", f"{PRODUCTS}{key}/", body, **headers)


def seen(slug: str) -> Any:
    return send("GET", f"{PRODUCTS}{slug}/", principal=None).status_code


def counts() -> dict[str, int]:
    return dict(Category.objects.values_list("slug", "product_count"))


def events(product: Product) -> list[str]:
    return list(OutboxEvent.objects.filter(aggregate_id=product.id).values_list("name", flat=True))
