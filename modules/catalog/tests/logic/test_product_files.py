"""Export and import: the same shop again, byte for byte."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import imports, seeding
from modules.catalog.logic.database import execute
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.logic.product_files import export_products
from modules.catalog.logic.products import save_product
from modules.catalog.models import Attribute, ImportJob, Listing, Product, ProductTranslation, StockMovement, Variant
from modules.catalog.tests.factories import ProductDraftFactory, VariantDraftFactory, price

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def shop() -> None:
    """A demonstration shop with all that makes files hard to write."""
    seeding.seed_catalog(200, 1, lambda *_: None)
    Attribute.objects.create(code="washable", name="Washable", kind="boolean")
    Attribute.objects.create(code="care", name="Care", kind="text")
    shirt = Product.objects.order_by("id")[0]
    shirt.attributes |= {
        "washable": True, "care": "30 | 40", "marks": ["a", "b|c"], "code": "007", "size": "42", "zero": 0, "half": 0.5,
        "quoted": '"so"', "words": ["one", "two"], "single": ["one"], "no": "false",
    }  # fmt: skip
    shirt.external_key, shirt.description = "ERP-1", '=SUM(A1) "quoted",\r\nsecond line;\n-third'
    shirt.save()
    ProductTranslation.objects.create(product=shirt, language="de", title="Hemd, blau", seo={"title": "Das Hemd"})
    ProductTranslation.objects.create(product=shirt, language="fr", description="Une\nchemise")
    archived = Variant.objects.filter(product=shirt).order_by("id")[0]
    Variant.objects.filter(id=archived.id).update(archived_at=AT)
    with atomic(Product):
        refresh_listings([shirt.id])
    sale = price("10.00", "EUR", before="20.00")
    period = {"sale_starts_at": AT, "sale_ends_at": AT.replace(year=2099)}
    lowered = type(sale)(regular=sale.regular, sale=sale.sale, **period)
    save_product(
        draft=ProductDraftFactory.build(
            slug="draft-thing",
            category_id=shirt.category_id,
            status="draft",
            options=["Size|Fit", "Colour"],
            variants=[
                VariantDraftFactory.build(
                    sku="D-1", options={"Size|Fit": "M|slim", "Colour": "+blue"}, prices=[lowered]
                ),
                VariantDraftFactory.build(sku="D-2", options={"Size|Fit": "=M", "Colour": "@red"}, position=1),
            ],
        )
    )
    Product.objects.filter(slug="draft-thing").update(publish_at=AT)
    save_product(
        draft=ProductDraftFactory.build(slug="bare", category_id=shirt.category_id, status="archived", variants=[])
    )


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_was_exported_changes_nothing_when_it_is_imported(form):
    before = versions()

    job = bring_in(exported(form), form)

    rows = 202 if form == "jsonl" else Variant.objects.filter(archived_at=None).count() + 1
    assert (job.status, job.errors) == ("done", [])
    assert (job.created, job.updated, job.unchanged, job.failed) == (0, 0, rows, 0)
    assert versions() == before
    assert StockMovement.objects.filter(reason="import").count() == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_emptied_shop_is_filled_with_the_same(form):
    whole, listed = exported(form), listings()
    empty_the_shop()

    job = bring_in(whole, form)

    assert (job.status, job.errors, job.updated, job.unchanged) == ("done", [], 0, 0)
    assert exported(form) == whole
    assert listings() == listed


@pytest.mark.usefixtures("shop")
def test_both_formats_say_the_same():
    lines = exported("jsonl")
    table = exported("csv")
    empty_the_shop()

    bring_in(table, "csv")

    assert exported("jsonl") == lines


@pytest.mark.usefixtures("shop")
def test_one_category_and_what_is_below_it_is_exported_alone():
    below = b"".join(export_products(format="jsonl", category="women")).splitlines()

    assert len(below) == Product.objects.filter(category__parent__parent__slug="women").count() > 0


def exported(form: str) -> bytes:
    return b"".join(export_products(format=form))


def bring_in(content: bytes, form: str, **options: Any) -> ImportJob:
    file = io.BytesIO(content)
    wanted: dict[str, Any] = {
        "dry_run": False,
        "created_by": new_id(),
        "is_uploaded": False,
        "file_name": "shop",
    } | options
    job = imports.begin_import(file=file, format=form, **wanted)
    return imports.run_import(job=job, file=file, watch=lambda *_: None)


def versions() -> list[Any]:
    return list(Product.objects.order_by("id").values_list("id", "version", "updated_at"))


def listings() -> list[Any]:
    fields = ("product__slug", "category__slug", "title", "in_stock", "tokens")
    return list(Listing.objects.order_by("product__slug").values_list(*fields))


def empty_the_shop() -> None:
    execute("UPDATE catalog_category SET product_count = 0")
    for table in (
        "review",
        "stockmovement",
        "stocklevel",
        "listing",
        "productprice",
        "pricechange",
        "price",
        "variant",
    ):
        execute(f"DELETE FROM catalog_{table}")  # noqa: S608  (this test's own tables)
    Product.objects.all().delete()
