"""Making a product over HTTP."""

from datetime import UTC, datetime

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.models import Category, Listing, Price, Product, ProductPrice, StockMovement, Variant
from modules.catalog.tests.api.staff import OTHERS, PRODUCTS, STAFF, complaints, refusal, send
from modules.catalog.tests.factories import CategoryFactory, figures, journal, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shop(settings, monkeypatch):
    settings.DEFAULT_CURRENCY = "EUR"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def shelf():
    return CategoryFactory.create(slug="shirts", name="Shirts")


def test_a_full_product_is_made_and_answered(shelf):
    answer = send("POST", PRODUCTS, full(shelf))

    product, (small, large) = Product.objects.get(), Variant.objects.order_by("position")
    link = {"id": str(shelf.id), "slug": "shirts", "name": "Shirts"}
    common = {"images": [], "held": 0}
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(product.id),
        "slug": "linen-shirt",
        "title": "Linen shirt",
        "description": "Cool.",
        "category": link,
        "breadcrumb": [link],
        "options": [{"name": "Size", "values": ["S", "L"]}],
        "variants": [
            {
                **common,
                "id": str(small.id),
                "sku": "LINEN-S",
                "options": {"Size": "S"},
                "price": {"amount": "29.90", "currency": "EUR"},
                "compare_at": {"amount": "39.90", "currency": "EUR"},
                "lowest_price_30_days": {"amount": "29.90", "currency": "EUR"},
                "in_stock": True,
                "low_stock": True,
                "barcode": "4006381333931",
                "weight_g": 210,
                "on_hand": 3,
                "available": 3,
                "prices": [
                    {
                        "amount": "39.90",
                        "currency": "EUR",
                        "sale": {"amount": "29.90", "starts_at": None, "ends_at": "2026-12-24T00:00:00Z"},
                    },
                    {"amount": "4500", "currency": "JPY", "sale": None},
                ],
            },
            {
                **common,
                "id": str(large.id),
                "sku": "LINEN-L",
                "options": {"Size": "L"},
                "price": {"amount": "39.90", "currency": "EUR"},
                "compare_at": None,
                "lowest_price_30_days": None,
                "in_stock": False,
                "low_stock": False,
                "barcode": "",
                "weight_g": 0,
                "on_hand": 0,
                "available": 0,
                "prices": [{"amount": "39.90", "currency": "EUR", "sale": None}],
            },
        ],
        "attributes": {"material": "linen", "weight_kg": 0.2, "washable": True, "care": ["cold", "dark"]},
        "images": [],
        "price_from": {"amount": "29.90", "currency": "EUR"},
        "compare_at": {"amount": "39.90", "currency": "EUR"},
        "lowest_price_30_days": {"amount": "29.90", "currency": "EUR"},
        "in_stock": True,
        "seo": {"title": "Linen", "description": ""},
        "rating": None,
        "related": [],
        "status": "published",
        "publish_at": None,
        "published_at": "2026-12-01T12:00:00Z",
        "tax_class": "reduced",
        "external_key": "ERP-7",
        "version": 1,
        "created_at": "2026-12-01T12:00:00Z",
        "updated_at": "2026-12-01T12:00:00Z",
        "translations": {},
        "related_ids": [],
    }
    assert (answer["ETag"], answer["Location"]) == ('"1"', f"{PRODUCTS}linen-shirt/")
    assert answer["Cache-Control"] == "private, no-store"


def test_a_new_product_is_listed_counted_announced_and_its_stock_stands_in_the_journal(shelf):
    send("POST", PRODUCTS, full(shelf))

    product, small = Product.objects.get(), Variant.objects.get(sku="LINEN-S")
    assert (journal(small.id), figures(small.id)) == ([("received", 3)], (3, 0))
    assert StockMovement.objects.get().actor_id == STAFF.id
    assert Listing.objects.get().product_id == product.id
    assert dict(ProductPrice.objects.values_list("currency", "from_minor")) == {"EUR": 2990, "JPY": 4500}
    assert Category.objects.get().product_count == 1
    assert events() == [("catalog.ProductChanged", {"product_id": str(product.id)})]


def test_a_product_is_a_draft_unless_it_says_otherwise_and_nobody_hears_of_it(shelf):
    answer = send("POST", PRODUCTS, least(shelf))

    assert {name: answer.json()[name] for name in ("slug", "status", "published_at", "tax_class", "external_key")} == {
        "slug": "hat",
        "status": "draft",
        "published_at": None,
        "tax_class": "standard",
        "external_key": None,
    }
    assert answer.json()["price_from"] == {"amount": "5.00", "currency": "EUR"}
    assert (Listing.objects.count(), Category.objects.get().product_count, events()) == (0, 0, [])


def test_a_slug_is_made_of_the_title_and_is_one_that_nobody_has_or_had(shelf):
    made = [send("POST", PRODUCTS, least(shelf, sku=sku)).json() for sku in "AB"]
    assert [one["slug"] for one in made] == ["hat", "hat-2"]
    send("PATCH", f"{PRODUCTS}{made[0]['id']}/", {"slug": "cap"})

    assert send("POST", PRODUCTS, least(shelf, sku="C")).json()["slug"] == "hat-3"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Grüße & Küsse", "gruesse-and-kuesse"),
        ("Льняная рубашка", "lnyanaya-rubashka"),
        ("Crème brûlée", "creme-brulee"),
        ("麻のシャツ", "product"),
        ("0190d1c27f4e7cc09a3e5f2b8f0a1c11", "product-0190d1c27f4e7cc09a3e5f2b8f0a1c11"),
        ("x" * 200, "x" * 180),
    ],
)
def test_a_title_in_any_alphabet_has_an_address(shelf, title, slug):
    assert send("POST", PRODUCTS, least(shelf, title=title)).json()["slug"] == slug


def test_what_is_taken_is_refused_and_nothing_is_made(shelf):
    make_product(slug="taken", variants=[])
    send("POST", PRODUCTS, least(shelf, sku="A", external_key="ERP-1"))
    before = everything()

    assert refusal(send("POST", PRODUCTS, least(shelf, sku="B", slug="taken"))) == (409, "slug_taken")
    assert refusal(send("POST", PRODUCTS, least(shelf, sku="B", external_key="ERP-1"))) == (409, "external_key_taken")
    sku = send("POST", PRODUCTS, least(shelf, sku="A"))
    assert (refusal(sku), sku.json()["sku"]) == ((409, "sku_taken"), "A")
    same = least(shelf, sku="B") | {"variants": [variant("B"), variant("C")]}
    assert refusal(send("POST", PRODUCTS, same)) == (409, "same_options")
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": ""}, {"title": "blank"}),
        ({"title": 7}, {"title": "invalid"}),
        ({"title": "x" * 201}, {"title": "max_length"}),
        ({"slug": "a b"}, {"slug": "invalid"}),
        ({"slug": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"}, {"slug": "invalid"}),
        ({"category_id": "shirts"}, {"category_id": "invalid"}),
        ({"category_id": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"}, {"category_id": "unknown_category"}),
        ({"status": "sold"}, {"status": "invalid_choice"}),
        ({"tax_class": "none"}, {"tax_class": "invalid_choice"}),
        ({"status": "published", "publish_at": "2027-01-01T00:00:00Z"}, {"publish_at": "not_a_draft"}),
        ({"publish_at": "tomorrow"}, {"publish_at": "invalid"}),
        ({"variants": []}, {"variants": "empty"}),
        ({"options": ["Size", "size"]}, {"options": "duplicate_option"}),
        ({"options": ["Size"]}, {"variants.0.options": "options_differ"}),
        ({"attributes": {"Material": "linen"}}, {"attributes.Material": "invalid_code"}),
        ({"attributes": {"material": None}}, {"attributes.material": "not_a_text"}),
        ({"attributes": {"material": {"a": 1}}}, {"attributes.material": "not_a_text"}),
        ({"attributes": {"material": ["a", 1]}}, {"attributes.material": "not_a_text"}),
        ({"attributes": {"weight": 1e300}}, {"attributes.weight": "max_value"}),
        ({"attributes": {f"a{n}": n for n in range(101)}}, {"attributes": "max_length"}),
        ({"attributes": []}, {"attributes": "not_a_dict"}),
        ({"seo": {"keywords": "a"}}, {"seo.keywords": "unknown_field"}),
        ({"external_key": ""}, {"external_key": "blank"}),
        ({"version": 3}, {"version": "unknown_field"}),
        ({"published_at": "2027-01-01T00:00:00Z"}, {"published_at": "unknown_field"}),
    ],
)
def test_a_product_that_makes_no_sense_is_refused(shelf, change, expected):
    answer = send("POST", PRODUCTS, least(shelf) | change)

    assert complaints(answer) == expected
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sku": ""}, {"sku": "blank"}),
        ({"sku": "x" * 65}, {"sku": "max_length"}),
        ({"options": {"Size": "M"}}, {"options": "options_differ"}),
        ({"options": {"Size": 1}}, {"options.Size": "invalid"}),
        ({"barcode": "123"}, {"barcode": "invalid"}),
        ({"barcode": "１２３４５６７８"}, {"barcode": "invalid"}),
        ({"weight_g": -1}, {"weight_g": "min_value"}),
        ({"on_hand": -1}, {"on_hand": "min_value"}),
        ({"on_hand": 2**31}, {"on_hand": "max_value"}),
        ({"price": "5.00"}, {"price": "unknown_field"}),
        ({"prices": None}, {"prices": "null"}),
        ({"prices": [{"amount": "-5.00", "currency": "EUR"}]}, {"prices.0.amount": "min_value"}),
        ({"prices": [{"amount": 5, "currency": "EUR"}]}, {"prices.0.amount": "invalid"}),
        ({"prices": [{"amount": "5", "currency": "EUR"}]}, {"prices.0.amount": "invalid_amount"}),
        ({"prices": [{"amount": "5.00", "currency": "XYZ"}]}, {"prices.0.currency": "invalid_currency"}),
        ({"prices": [{"amount": "5.00"}]}, {"prices.0.currency": "required"}),
        (
            {"prices": [{"amount": "5.00", "currency": "EUR"}, {"amount": "6.00", "currency": "EUR"}]},
            {"prices.1.currency": "duplicate_currency"},
        ),
        (
            {"prices": [{"amount": "5.00", "currency": "EUR", "sale": {"amount": "5.00"}}]},
            {"prices.0.sale.amount": "sale_not_lower"},
        ),
        (
            {"prices": [{"amount": "5.00", "currency": "EUR", "sale": {"amount": "4"}}]},
            {"prices.0.sale.amount": "invalid_amount"},
        ),
        (
            {
                "prices": [
                    {
                        "amount": "5.00",
                        "currency": "EUR",
                        "sale": {
                            "amount": "4.00",
                            "starts_at": "2027-01-02T00:00:00Z",
                            "ends_at": "2027-01-02T00:00:00Z",
                        },
                    }
                ]
            },
            {"prices.0.sale.ends_at": "ends_first"},
        ),
    ],
)
def test_a_variant_that_makes_no_sense_is_refused(shelf, change, expected):
    answer = send("POST", PRODUCTS, least(shelf) | {"variants": [variant("A") | change]})

    assert complaints(answer) == {f"variants.0.{field}": code for field, code in expected.items()}
    assert not Product.objects.exists()


def test_two_variants_with_one_sku_are_refused(shelf):
    answer = send("POST", PRODUCTS, least(shelf) | {"variants": [variant("A"), variant("A")]})

    assert complaints(answer) == {"variants.1.sku": "duplicate_sku"}
    assert not Product.objects.exists()


@pytest.mark.parametrize("field", ["title", "category_id", "variants"])
def test_what_a_product_needs_must_be_given(shelf, field):
    body = least(shelf)
    del body[field]

    assert complaints(send("POST", PRODUCTS, body)) == {field: "required"}


@pytest.mark.parametrize(("principal", "status"), OTHERS)
def test_nobody_else_makes_a_product(shelf, principal, status):
    assert send("POST", PRODUCTS, {"nonsense": 1}, principal=principal).status_code == status
    assert not Product.objects.exists()


def test_the_same_key_makes_one_product(shelf):
    first = send("POST", PRODUCTS, full(shelf), idempotency_key="shirt")
    again = send("POST", PRODUCTS, full(shelf), idempotency_key="shirt")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert (Product.objects.count(), StockMovement.objects.count()) == (1, 1)
    other = send("POST", PRODUCTS, least(shelf), idempotency_key="shirt")
    assert refusal(other) == (422, "idempotency_key_reused")


def test_a_million_in_stock_is_counted_in_the_journal(shelf):
    send("POST", PRODUCTS, least(shelf) | {"variants": [variant("A") | {"on_hand": 2**31 - 1}]})

    assert journal(Variant.objects.get().id) == [("received", 2**31 - 1)]


def everything():
    tables = (Product, Variant, Price, StockMovement, Listing)
    return [table.objects.count() for table in tables]


def events():
    return list(
        OutboxEvent.objects.exclude(name="catalog.AssortmentChanged")
        .order_by("position")
        .values_list("name", "payload")
    )


def variant(sku):
    return {"sku": sku, "prices": [{"amount": "5.00", "currency": "EUR"}]}


def least(shelf, *, title="Hat", sku="HAT", **values):
    return {"title": title, "category_id": str(shelf.id), "variants": [variant(sku)], **values}


def full(shelf):
    return {
        "title": "Linen shirt",
        "description": "Cool.",
        "category_id": str(shelf.id),
        "tax_class": "reduced",
        "status": "published",
        "external_key": "ERP-7",
        "options": ["Size"],
        "attributes": {"material": "linen", "weight_kg": 0.2, "washable": True, "care": ["cold", "dark"]},
        "seo": {"title": "Linen", "description": ""},
        "variants": [
            {
                "sku": "LINEN-S",
                "options": {"Size": "S"},
                "prices": [
                    {
                        "amount": "39.90",
                        "currency": "EUR",
                        "sale": {"amount": "29.90", "ends_at": "2026-12-24T01:00:00+01:00"},
                    },
                    {"amount": "4500", "currency": "JPY"},
                ],
                "barcode": "4006381333931",
                "weight_g": 210,
                "on_hand": 3,
            },
            {
                "sku": "LINEN-L",
                "options": {"Size": "L"},
                "prices": [{"amount": "39.90", "currency": "EUR"}],
            },
        ],
    }
