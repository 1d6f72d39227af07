"""What an import takes of each row, and what it leaves as it was."""

from datetime import UTC, datetime

import pytest

from modules.catalog.models import (
    Category,
    Listing,
    Price,
    PriceChange,
    Product,
    ProductPrice,
    ProductSlug,
    ProductTranslation,
    StockMovement,
    Variant,
)
from modules.catalog.tests.factories import (
    CategoryFactory,
    VariantDraftFactory,
    figures,
    journal,
    make_product,
    make_variant,
    price,
)
from modules.catalog.tests.importing import SHIRT, STAFF, bring_in, counts, prices, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def shelf() -> Category:
    return CategoryFactory.create(slug="shelf")


@pytest.mark.usefixtures("shelf")
def test_a_product_comes_with_its_variants_prices_stock_and_words():
    job = bring_in(SHIRT)

    assert (job.status, counts(job), job.errors) == ("done", (2, 0, 0, 0), [])
    product = Product.objects.get()
    assert (product.external_key, product.slug, product.title) == ("A-1", "blue-shirt", "Blue shirt")
    assert (product.description, product.options, product.attributes) == ("A shirt,\nblue", ["Size"], {"wash": 30})
    small, medium = Variant.objects.order_by("position")
    assert [(v.sku, v.options, v.weight_g) for v in (small, medium)] == [
        ("A-1-S", {"Size": "S"}, 180),
        ("A-1-M", {"Size": "M"}, 190),
    ]
    assert prices() == [("A-1-M", "EUR", 2000), ("A-1-S", "EUR", 1990), ("A-1-S", "JPY", 2500)]
    assert PriceChange.objects.count() == 3
    assert (journal(small.id), journal(medium.id)) == ([("corrected", 3)], [])
    assert StockMovement.objects.values_list("reason", "actor_id").get() == ("import", STAFF)
    assert ProductTranslation.objects.values_list("language", "title").get() == ("de", "Blaues Hemd")
    assert Listing.objects.values_list("title", "in_stock").get() == ("Blue shirt", True)
    assert list(ProductPrice.objects.order_by("currency").values_list("currency", "from_minor")) == [
        ("EUR", 1990),
        ("JPY", 2500),
    ]
    assert Category.objects.get(slug="shelf").product_count == 1


@pytest.mark.usefixtures("shelf")
def test_the_same_file_again_writes_nothing():
    bring_in(SHIRT)
    before = Product.objects.values("version", "updated_at").get()

    assert counts(bring_in(SHIRT)) == (0, 0, 2, 0)
    assert Product.objects.values("version", "updated_at").get() == before


def test_a_price_list_needs_only_skus():
    product = make_product(variants=[VariantDraftFactory.build(sku=sku) for sku in ("P-1", "P-2")])

    job = bring_in("sku;price.EUR\nP-1;5.00\nP-2;19.90\nP-9;1.00\n", delimiter=";")

    assert (counts(job), [error["code"] for error in job.errors]) == ((0, 1, 1, 1), ["unknown_sku"])
    assert prices() == [("P-1", "EUR", 500), ("P-1", "JPY", 2500), ("P-2", "EUR", 1990), ("P-2", "JPY", 2500)]
    assert ProductPrice.objects.get(currency="EUR").from_minor == 500
    product.refresh_from_db()
    assert product.version == 2


def test_a_stock_list_goes_through_the_journal_and_makes_no_new_version():
    variant = make_variant(on_hand=10)

    assert counts(bring_in(f"sku,on_hand\n{variant.sku},4\n")) == (0, 1, 0, 0)

    assert (figures(variant.id), journal(variant.id)) == ((4, 0), [("received", 10), ("corrected", -6)])
    assert Product.objects.get().version == 1


def test_selling_out_by_a_stock_list_shows_at_once():
    variant = make_variant(on_hand=10)

    bring_in(f"sku,on_hand\n{variant.sku},0\n")

    assert Listing.objects.get().in_stock is False


def test_what_is_absent_stays_and_what_is_empty_goes():
    product = make_product(slug="red", title="Red", description="Long", attributes={"made_in": "Peru", "line": "A"})
    sku = product.variants.get().sku

    bring_in(f"slug,title,description,attr.line,sku,price.JPY\nred,,,,{sku},\n")

    product.refresh_from_db()
    # A title cannot be empty: the cell says nothing.
    assert (product.title, product.description, product.attributes) == ("Red", "", {"made_in": "Peru"})
    assert [currency for _, currency, _ in prices()] == ["EUR"]
    assert list(ProductPrice.objects.values_list("currency", flat=True)) == ["EUR"]


def test_a_sale_is_taken_with_its_period_and_ended_by_an_empty_cell():
    variant = make_variant(variants=[VariantDraftFactory.build(sku="S-1", prices=[price("20.00", "EUR")])])

    bring_in(
        "sku,sale.EUR,sale_starts_at.EUR,sale_ends_at.EUR\nS-1,15,2020-01-01T00:00:00Z,2099-01-01T01:00:00+01:00\n"
    )

    kept = Price.objects.get()
    assert (kept.regular_minor, kept.sale_minor, kept.amount_minor, kept.compare_at_minor) == (2000, 1500, 1500, 2000)
    assert (kept.sale_ends_at, kept.changes_at) == (datetime(2099, 1, 1, tzinfo=UTC),) * 2
    assert [change.amount_minor for change in PriceChange.objects.filter(variant=variant)][-1:] == [1500]

    bring_in("sku,sale.EUR\nS-1,\n")

    kept.refresh_from_db()
    assert (kept.amount_minor, kept.sale_minor, kept.sale_starts_at, kept.changes_at) == (2000, None, None, None)


def test_a_new_slug_leaves_the_old_address_leading_there():
    product = make_product(slug="red")
    product.external_key = "R"
    product.save()

    bring_in("key,slug\nR,crimson\n")

    assert Product.objects.get().slug == "crimson"
    assert ProductSlug.objects.values_list("slug", "product_id").get() == ("red", product.id)


def test_archiving_and_moving_are_counted_on_the_shelves(shelf):
    other = CategoryFactory.create(slug="other")
    make_product(slug="a", category_id=shelf.id)
    make_product(slug="b", category_id=shelf.id)

    bring_in("slug,category,status\na,other,\nb,,archived\n")

    assert (Category.objects.get(id=shelf.id).product_count, Category.objects.get(id=other.id).product_count) == (0, 1)
    assert list(Listing.objects.values_list("product__slug", flat=True)) == ["a"]


@pytest.mark.usefixtures("shelf")
def test_several_rows_apart_change_one_product_one_after_the_other():
    rows = "A,One,shelf,S,A-1,S\nB,Two,shelf,S,B-1,S\nA,Three,shelf,S,A-2,M\n"

    job = bring_in(f"key,title,category,options,sku,option.S\n{rows}")

    assert counts(job) == (2, 1, 0, 0)
    assert Product.objects.get(external_key="A").title == "Three"
    assert Variant.objects.filter(product__external_key="A").count() == 2


@pytest.mark.usefixtures("shelf")
def test_two_titles_alike_get_slugs_of_their_own():
    bring_in("key,title,category\nA,Mug,shelf\nB,Mug,shelf\n")

    assert list(Product.objects.order_by("external_key").values_list("slug", flat=True)) == ["mug", "mug-b"]


@pytest.mark.usefixtures("shelf")
def test_a_dry_run_says_what_would_change_and_changes_nothing():
    make_product(slug="red", title="Red")
    before = rows()

    job = bring_in("slug,title,category\nred,Crimson,\nnew,New,shelf\n", dry_run=True)

    assert (counts(job), rows()) == ((1, 1, 0, 0), before)
    red, new = job.changes
    assert red == {
        "line": 2,
        "key": "red",
        "action": "updated",
        "changes": [{"sku": None, "column": "title", "old": "Red", "new": "Crimson"}],
    }
    assert (new["action"], new["changes"][-1]) == (
        "created",
        {"sku": None, "column": "category", "old": None, "new": "shelf"},
    )
