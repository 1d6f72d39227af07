"""What an import does with each row: what is taken, what is refused, and what stays as it was."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic import imports
from modules.catalog.logic.holds import hold_stock
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.models import (
    Attribute,
    Category,
    ImportJob,
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

STAFF = new_id()
UNTIL = datetime(2099, 1, 1, tzinfo=UTC)
SHIRT = """\
key,title,description,category,status,options,sku,option.Size,weight_g,price.EUR,price.JPY,on_hand,title.de,attr.wash
A-1,Blue shirt,"A shirt,
blue",shelf,published,Size,A-1-S,S,180,19.9,2500,3,Blaues Hemd,30
A-1,,,,,,A-1-M,M,190,20,,0,,
"""


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


@pytest.mark.usefixtures("shelf")
def test_a_bad_row_costs_its_product_and_no_other():
    rows = (
        "key,title,category,sku,price.EUR\n"
        "A,One,shelf,A-1,10.00\n"
        "B,Two,shelf,B-1,10.00\n"
        "B,,,B-2,ten\n"
        "B,,,B-3,10.00\n"
        "C,Three,hats,C-1,1.00\n"
        "D,Four,shelf,D-1\n"
        "E,Five,shelf,E-1,10.00\n"
    )

    job = bring_in(rows)

    assert (job.status, counts(job), job.error_count) == ("done", (2, 0, 0, 5), 3)
    assert [(error["line"], error["column"], error["code"]) for error in job.errors] == [
        (4, "price.EUR", "invalid_amount"),
        (6, "category", "unknown_category"),
        (7, "", "wrong_cells"),
    ]
    assert list(Variant.objects.order_by("sku").values_list("sku", flat=True)) == ["A-1", "E-1"]


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


def test_less_than_is_put_aside_is_not_counted():
    variant = make_variant(on_hand=10)
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=variant.id, quantity=4)], until=UNTIL)

    job = bring_in(f"sku,on_hand\n{variant.sku},3\n")

    assert (counts(job), job.errors[0]["code"]) == ((0, 0, 0, 1), "stock_held")
    assert figures(variant.id) == (10, 4)


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


@pytest.mark.parametrize(
    ("columns", "cells", "column", "code"),
    [
        ("sale.EUR", "20.00", "sale.EUR", "not_lower"),
        ("price.EUR", "19.999", "price.EUR", "invalid_amount"),
        ("price.EUR", "-1", "price.EUR", "invalid_amount"),
        ("price.JPY", "10.5", "price.JPY", "invalid_amount"),
        ("sale_ends_at.EUR", "2099-01-01T00:00:00Z", "sale.EUR", "required"),
        ("sale.EUR,sale_starts_at.EUR,sale_ends_at.EUR", "1,2099-01-01T00:00:00Z,2098-01-01T00:00:00Z",
         "sale_ends_at.EUR", "invalid"),
        ("weight_g", "heavy", "weight_g", "invalid"),
        ("barcode", "123", "barcode", "invalid"),
        ("status", "sold", "status", "invalid_choice"),
        ("slug", "a slug", "slug", "invalid"),
        ("slug", "other", "slug", "slug_taken"),
        ("title", "x" * 201, "title", "max_length"),
        ("publish_at", "tomorrow", "publish_at", "invalid"),
        ("publish_at", "2099-01-01T00:00:00Z", "publish_at", "not_a_draft"),
        ("option.Fit", "slim", "option.Fit", "options_differ"),
        ("attr.washable", "perhaps", "attr.washable", "not_a_boolean"),
        ("attr.weight", "much", "attr.weight", "not_a_number"),
        ("attr.shade", "mauve", "attr.shade", "not_a_choice"),
        ("description", "a\0b", "description", "invalid"),
    ],
)  # fmt: skip
def test_a_cell_that_will_not_do_is_named_and_changes_nothing(columns, cells, column, code):
    product = make_product(slug="red", variants=[VariantDraftFactory.build(sku="R-1", prices=[price("20.00", "EUR")])])
    product.external_key = "R"
    product.save()
    make_product(slug="other", category_id=product.category_id)
    Attribute.objects.create(code="washable", name="Washable", kind="boolean")
    Attribute.objects.create(code="weight", name="Weight", kind="number")
    Attribute.objects.create(code="shade", name="Shade", kind="choice", choices=[{"value": "red"}, {"value": "blue"}])
    before = rows()

    job = bring_in(f"key,sku,{columns}\nR,R-1,{cells}\n")

    assert [(error["line"], error["column"], error["code"]) for error in job.errors] == [(2, column, code)]
    assert (counts(job), rows()) == ((0, 0, 0, 1), before)


def test_skus_of_other_products_and_of_archived_variants_are_not_taken():
    product = make_product(slug="red")
    other = make_variant(slug="blue")
    Variant.objects.filter(product=product).update(archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    archived = product.variants.get()
    with atomic(Product):
        refresh_listings([product.id])

    job = bring_in(f"slug,sku\nred,{other.sku}\nred,{archived.sku}\n")

    assert [error["code"] for error in job.errors] == ["sku_taken", "archived"]


def test_two_variants_do_not_get_the_same_options():
    make_product(slug="red", variants=[VariantDraftFactory.build(sku="R-1", options={"Size": "M"})])

    job = bring_in("slug,sku,option.Size\nred,R-2,M\n")

    assert (counts(job), job.errors[0]["code"]) == ((0, 0, 0, 1), "same_options")


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


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ("", [("", "no_header")]),
        ("sku,colour,price.XXX\n", [("colour", "unknown_column"), ("price.XXX", "unknown_column")]),
        ("sku,title,title\n", [("title", "repeated_column")]),
        ("title,status\n", [("", "no_key")]),
        ("key,on_hand\n", [("sku", "no_key")]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_names_every_column(content, errors):
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in(content)

    assert [(error["column"], error["code"]) for error in refused.value.details["errors"]] == errors
    assert ImportJob.objects.count() == 0


@pytest.mark.parametrize("delimiter", ['"', "\n", "", ";;"])
def test_a_delimiter_is_one_character_and_no_quote(delimiter):
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in("sku\n", delimiter=delimiter)

    assert [error["code"] for error in refused.value.details["errors"]] == ["invalid_delimiter"]


def test_names_that_cannot_be_kept_are_refused_and_told():
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in(b"sku,attr.a\xffb,option.a\0b\n")
    job = bring_in(r'{"key": "A", "attributes": {"a\u0000b": 1}, "col\u0000our": 2}' + "\n", format="jsonl")

    assert [error["column"] for error in refused.value.details["errors"]] == ["attr.a?b", "option.a?b"]
    assert {error["column"] for error in ImportJob.objects.get(id=job.id).errors} == {"attributes.a?b", "col?our"}


def test_a_product_of_too_many_rows_is_refused_as_a_whole():
    rows = "".join(f"A,A-{number}\n" for number in range(1500))

    job = bring_in(f"key,sku\n{rows}B,B-1\n")

    assert (counts(job), [(error["line"], error["code"]) for error in job.errors[:1]]) == (
        (0, 0, 0, 1501),
        [(252, "too_many")],
    )


def test_whoever_is_interrupted_gives_the_job_back():
    file = io.BytesIO(b"sku,weight_g\nA,1\n")
    job = imports.begin_import(file=file, file_name="", dry_run=False, created_by=None, is_uploaded=False)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.run_import(job=job, file=file, watch=interrupt)

    done = imports.run_import(job=job, file=file, watch=lambda *_: None)
    assert (done.status, counts(done)) == ("done", (0, 0, 0, 1))


@pytest.mark.usefixtures("shelf")
def test_a_byte_order_mark_and_windows_line_ends_are_read():
    assert counts(bring_in("\ufeff" + SHIRT.replace("\n", "\r\n"))) == (2, 0, 0, 0)
    assert Product.objects.get().description == "A shirt,\r\nblue"


@pytest.mark.usefixtures("shelf")
def test_broken_quotes_and_bytes_cost_only_their_rows():
    content = b'key,title,category\nA,"One"x,shelf\nB,T\xffwo,shelf\nC,Three,shelf\n'

    job = bring_in(content)

    assert [(error["line"], error["column"], error["code"]) for error in job.errors] == [
        (2, "", "invalid_csv"),
        (3, "title", "not_utf8"),
    ]
    assert list(Product.objects.values_list("external_key", flat=True)) == ["C"]


@pytest.mark.usefixtures("shelf")
def test_json_lines_are_read_like_the_api_and_their_faults_named_by_path():
    good = {
        "key": "A", "title": "One", "category": "shelf", "options": ["Size"], "attributes": {"wash": 30},
        "translations": {"de": {"title": "Eins"}},
        "variants": [{"sku": "A-1", "options": {"Size": "S"}, "on_hand": 2,
                      "prices": [{"amount": "20.00", "currency": "EUR", "sale_amount": "10.00"}]}],
    }  # fmt: skip
    bad = {"key": "B", "title": 5, "colour": "red", "variants": [{"prices": [{"amount": "1", "currency": "XXX"}]}]}

    job = bring_in(f"{json.dumps(good)}\n\n{json.dumps(bad)}\n[1]\nnonsense\n", format="jsonl")

    assert counts(job) == (1, 0, 0, 3)
    assert {(error["line"], error["column"], error["code"]) for error in job.errors} == {
        (3, "title", "invalid"),
        (3, "colour", "unknown_field"),
        (3, "variants.0.sku", "required"),
        (3, "variants.0.prices.0.currency", "invalid_choice"),
        (4, "", "invalid"),
        (5, "", "invalid_json"),
    }
    assert prices() == [("A-1", "EUR", 1000)]
    assert Product.objects.get().attributes == {"wash": 30}


@pytest.mark.usefixtures("shelf")
def test_only_the_first_thousand_errors_are_kept_and_all_are_counted():
    content = "sku,weight_g\n" + "".join(f"N-{number},1\n" for number in range(1200))

    job = ImportJob.objects.get(id=bring_in(content).id)

    assert (counts(job), len(job.errors), job.error_count) == ((0, 0, 0, 1200), 1000, 1200)


def bring_in(content: str | bytes, **options: Any) -> ImportJob:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    wanted: dict[str, Any] = {
        "file_name": "x.csv",
        "dry_run": False,
        "created_by": STAFF,
        "is_uploaded": False,
    } | options
    job = imports.begin_import(file=file, **wanted)
    return imports.run_import(job=job, file=file, watch=lambda *_: None)


def counts(job: ImportJob) -> tuple[int, ...]:
    return tuple(getattr(job, name) for name in imports.COUNTS)


def prices() -> list[Any]:
    return list(
        Price.objects.order_by("variant__sku", "currency").values_list("variant__sku", "currency", "amount_minor")
    )


def rows() -> list[Any]:
    models = (Product, Variant, Price, PriceChange, Listing, ProductPrice, StockMovement, ProductTranslation)
    return [list(model.objects.order_by("pk").values()) for model in models]
