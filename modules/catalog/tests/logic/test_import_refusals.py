"""What an import refuses, and that it costs only its own product."""

from datetime import UTC, datetime

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic.holds import hold_stock
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.models import (
    Attribute,
    Category,
    ImportJob,
    Product,
    Variant,
)
from modules.catalog.tests.factories import (
    CategoryFactory,
    VariantDraftFactory,
    figures,
    make_product,
    make_variant,
    price,
)
from modules.catalog.tests.importing import bring_in, counts, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

UNTIL = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def shelf() -> Category:
    return CategoryFactory.create(slug="shelf")


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


def test_less_than_is_put_aside_is_not_counted():
    variant = make_variant(on_hand=10)
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=variant.id, quantity=4)], until=UNTIL)

    job = bring_in(f"sku,on_hand\n{variant.sku},3\n")

    assert (counts(job), job.errors[0]["code"]) == ((0, 0, 0, 1), "stock_held")
    assert figures(variant.id) == (10, 4)


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


def test_a_product_of_too_many_rows_is_refused_as_a_whole():
    rows = "".join(f"A,A-{number}\n" for number in range(1500))

    job = bring_in(f"key,sku\n{rows}B,B-1\n")

    assert (counts(job), [(error["line"], error["code"]) for error in job.errors[:1]]) == (
        (0, 0, 0, 1501),
        [(252, "too_many")],
    )


@pytest.mark.usefixtures("shelf")
def test_only_the_first_thousand_errors_are_kept_and_all_are_counted():
    content = "sku,weight_g\n" + "".join(f"N-{number},1\n" for number in range(1200))

    job = ImportJob.objects.get(id=bring_in(content).id)

    assert (counts(job), len(job.errors), job.error_count) == ((0, 0, 0, 1200), 1000, 1200)
