"""Every page of catalog's admin, opened: by few statements, none of which counts, and by nobody who may not."""

import io
from operator import attrgetter
from uuid import UUID

import pytest
from django.contrib import admin
from django.test import Client

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from ecommerce.kernel.testing import local, statements
from modules.catalog.contracts import StockLine
from modules.catalog.logic.attributes import AttributeDraft, define_attribute
from modules.catalog.logic.imports import begin_import
from modules.catalog.logic.locations import open_location
from modules.catalog.logic.seeding import SEEDER
from modules.catalog.logic.stock import return_stock
from modules.catalog.models import Attribute, Location, Product
from modules.catalog.tests.factories import VariantDraftFactory, make_product, make_variant, shelves
from modules.catalog.tests.reviewing import make_review

pytestmark = [
    needs_admin,
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]

# Session and user come on top, and Django's own look for what was done lately.
MOST = 5
BESIDE = 3
REFERENCE = "0199d1c0-0000-7000-8000-000000000001"
PAGES = (
    sorted(model._meta.model_name or "" for model in admin.site._registry if model._meta.app_label == "catalog")
    if local("users")
    else []
)


@pytest.fixture
def staff() -> Client:
    return signed_in(is_superuser=True)


@pytest.fixture
def shop() -> None:
    """Sixty products, and something on each other list."""
    SEEDER.run(60, 1, lambda what, done, of: None)
    make_review(Product.objects.order_by("id").first())
    open_location(name="Aachen")
    define_attribute(AttributeDraft(code="tone", name="Tone", kind="colour"))
    file = io.BytesIO(b"key,title\nA,One\n")
    begin_import(file=file, file_name="a.csv", dry_run=True, created_by=None, is_uploaded=False)


def asked(client: Client, path: str) -> list[str]:
    """The statements of a page that opens."""
    with statements() as sql:
        answer = client.get(path)
    assert answer.status_code == 200
    assert not [one for one in sql if "COUNT(" in one.upper() and "catalog_" in one]
    return list(sql)


def test_these_are_the_pages():
    assert PAGES == [
        "attribute", "category", "importjob", "location", "product", "review", "stocklevel", "stockmovement", "variant",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_list_opens_by_few_statements_and_is_not_counted(staff, shop, name):
    assert len(asked(staff, f"/admin/catalog/{name}/")) <= MOST + BESIDE


@pytest.mark.parametrize(
    ("name", "q"),
    [("product", "sw"), ("product", "DEMO-T-SHIRT-S"), ("stocklevel", "demo"), ("variant", "demo"), ("review", "demo"),
     ("stockmovement", "DEMO-T-SHIRT-S"), ("category", "men"), ("attribute", "tone"), ("location", "aa")],
)  # fmt: skip
def test_a_search_opens_by_few_statements_and_is_not_counted(staff, shop, name, q):
    assert len(asked(staff, f"/admin/catalog/{name}/?q={q}")) <= MOST + BESIDE


@pytest.mark.parametrize(
    ("name", "q", "rows", "product_of"),
    [
        ("product", "A shirt", 1, "id"),
        ("product", "find-m", 1, "id"),
        ("review", "a-sh", 1, "product_id"),
        ("review", "FIND-M", 1, "product_id"),
        ("variant", "find", 1, "product_id"),
        ("stocklevel", "find", 1, "variant.product_id"),
        ("stockmovement", "find-m", 2, "level.variant.product_id"),
        ("stockmovement", REFERENCE, 1, "level.variant.product_id"),
    ],
)
def test_a_search_finds_what_is_meant_by_one_index_at_a_time(staff, name, q, rows, product_of):
    wanted = make_product(slug="a-shirt", variants=[VariantDraftFactory.build(sku="FIND-M")])
    other = make_product(slug="blue-shirt", variants=[VariantDraftFactory.build(sku="LEFT-M")])
    for product in (wanted, other):
        make_review(product)
    back = StockLine(variant_id=wanted.variants.get().id, quantity=1)
    return_stock(reference=UUID(REFERENCE), lines=[back])

    with statements() as sql:
        found = staff.get(f"/admin/catalog/{name}/?q={q}").context["cl"].result_list

    assert [attrgetter(product_of)(row) for row in found] == [wanted.id] * rows
    assert not [one for one in sql if "catalog_" in one and (" OR " in one or "DISTINCT" in one)]


@pytest.mark.parametrize("name", ["attribute", "category", "importjob", "location", "product", "stocklevel"])
def test_an_empty_form_opens_and_offers_no_list_of_everything(staff, shop, name):
    page = staff.get(f"/admin/catalog/{name}/add/")

    assert page.status_code == 200
    assert page.content.count(b"<option") < 60


@pytest.mark.parametrize("name", [name for name in PAGES if name != "product"])
def test_what_is_on_a_list_opens(staff, shop, name):
    model = next(m for m in admin.site._registry if m._meta.label_lower == f"catalog.{name}")
    one = model._default_manager.order_by("pk").first()
    assert one is not None

    asked(staff, f"/admin/catalog/{name}/{one.pk}/change/")


@pytest.mark.parametrize(
    ("model", "field", "term"), [("product", "category", "men"), ("stocklevel", "variant", "demo-t"),
                                 ("stocklevel", "location", "aa"), ("relatedproduct", "related", "demo")]
)  # fmt: skip
def test_what_is_typed_finds_a_page_of_proposals(staff, shop, model, field, term):
    path = f"/admin/autocomplete/?app_label=catalog&model_name={model}&field_name={field}&term={term}"

    answer = staff.get(path)

    assert (answer.status_code, 0 < len(answer.json()["results"]) <= 50) == (200, True)
    assert len(asked(staff, path)) <= MOST


@pytest.mark.parametrize("name", PAGES)
def test_who_has_no_scope_of_the_catalog_sees_nothing(shop, name):
    client = signed_in()

    assert client.get(f"/admin/catalog/{name}/").status_code == 403
    assert client.get(f"/admin/catalog/{name}/add/").status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_who_only_reads_the_catalog_sees_the_list_and_no_way_to_change_it(shop, name):
    client = signed_in("catalog.read")

    page = client.get(f"/admin/catalog/{name}/")

    assert page.status_code == 200
    assert not page.context["cl"].model_admin.get_actions(page.wsgi_request)
    assert client.get(f"/admin/catalog/{name}/add/").status_code == 403
    assert client.get("/admin/catalog/product/reprice/").status_code == 403


def test_who_only_reads_the_catalog_changes_nothing():
    client = signed_in("catalog.read")
    variant, attribute = make_variant(on_hand=2), define_attribute(AttributeDraft(code="a", name="A", kind="text"))
    review, level, main = make_review(variant.product), variant.levels.get(), Location.objects.get()

    for name, act, row in (("product", "archive", variant.product), ("review", "approve", review)):
        client.post(f"/admin/catalog/{name}/", {"action": act, "_selected_action": [str(row.pk)]})
        row.refresh_from_db()
    sent = [
        ("stocklevel", level, {"delta": "5", "reason": "x"}),
        ("location", main, {"name": "Other"}),
        ("attribute", attribute, {"name": "B", "position": "0"}),
    ]
    refused = [client.post(f"/admin/catalog/{name}/{row.pk}/change/", form).status_code for name, row, form in sent]

    assert refused == [403, 403, 403]
    assert (variant.product.status, review.status) == ("published", "pending")
    assert (shelves(variant.id), Attribute.objects.get().name) == ({"Main warehouse": (2, 0)}, "A")
