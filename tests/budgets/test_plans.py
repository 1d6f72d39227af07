"""How PostgreSQL reads what the public catalog answers: an index serves each statement, and no page meets more rows
than the first. At a million products `make bench-catalog` shows the same of the real plans.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from benchmarks import plans
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.logic.goods import DEMO_SLUG
from modules.catalog.logic.seeding import SEEDER
from modules.catalog.models import Category, CategorySlug, Product, ProductSlug, Review

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("plans"),  # one shop for all of them
    pytest.mark.skipif("catalog" in settings.REMOTE_MODULES, reason="these are catalog's own plans"),
]

PRODUCTS, REVIEWS = 3000, 300
# Filters leave out some here and some there.
A_FEW = 10
# A shop's categories and attributes are few, and so are the codes that a question names.
SMALL = {"catalog_category", "catalog_categoryslug", "catalog_categorytranslation", "catalog_attribute"}
API = "/api/v1/catalog"
LIST = f"{API}/products/"
PER_PAGE = 2
# fmt: off
LISTS = {
    "whole shop": LIST,
    "branch": f"{LIST}?category=women",
    **{f"whole shop by {sort}": f"{LIST}?sort={sort}" for sort in ("price", "-price", "title", "rating")},
    **{f"branch by {sort}": f"{LIST}?category=women&sort={sort}" for sort in ("price", "-price", "title", "rating")},
    "in stock": f"{LIST}?in_stock=true",
    "priced": f"{LIST}?price_min=20&price_max=200&sort=price",
    "made there": f"{LIST}?attr.made_in=Portugal,Italy",
    "branch with a guarantee": f"{LIST}?category=women&attr.guarantee_years=2",
    "search": f"{LIST}?q=classic",
    "search by price": f"{LIST}?q=classic&sort=price",
    "search in stock": f"{LIST}?q=classic&in_stock=true",
    "reviews": f"{LIST}{DEMO_SLUG}/reviews/",
    "reviews of five stars": f"{LIST}{DEMO_SLUG}/reviews/?stars=5",
}
OTHERS = {
    "search of two words": f"{LIST}?q=oak+chair",
    "search of words that never meet": f"{LIST}?q=classic+heritage",
    "search with a typo": f"{LIST}?q=blnket",
    "search by number": f"{LIST}?q=DEMO-T-SHIRT-M",
    "search in a branch": f"{LIST}?q=classic&category=women",
    "rare attribute in a branch": f"{LIST}?category=women&attr.material=suede",
    "rare attribute in a branch by price": f"{LIST}?category=women&attr.material=suede&sort=price&price_max=100",
    "facets": f"{LIST}?facets=true",
    "facets of a branch": f"{LIST}?category=women&facets=true",
    "facets with filters": f"{LIST}?category=women&attr.made_in=Italy&price_max=100&facets=true",
    "facets of a search": f"{LIST}?q=classic&facets=true",
    "count": f"{LIST}?count=true",
    "count of a branch": f"{LIST}?category=women&count=true",
    "count with filters": f"{LIST}?attr.made_in=Italy&price_max=100&count=true",
    "count of a search": f"{LIST}?q=classic&count=true",
    "suggest": f"{API}/search/suggest/?q=cla",
    "suggest with a typo": f"{API}/search/suggest/?q=blnket",
    "detail": f"{LIST}{DEMO_SLUG}/",
    "detail by an old slug": f"{LIST}the-old-shirt/",
    "categories": f"{API}/categories/",
    "category": f"{API}/categories/women/",
    "category by an old slug": f"{API}/categories/ladies/",
}
# fmt: on


@pytest.fixture(scope="module", autouse=True)
def shop(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One seeded shop for all of them, undone at the end."""
    with django_db_blocker.unblock(), atomic(Product):
        SEEDER.run(PRODUCTS, 1, lambda what, done, of: None)
        product = Product.objects.get(slug=DEMO_SLUG)
        ProductSlug.objects.create(slug="the-old-shirt", product=product, created_at=product.created_at)
        women = Category.objects.get(slug="women")
        CategorySlug.objects.create(slug="ladies", category=women, created_at=product.created_at)
        Review.objects.bulk_create(_review(product, number) for number in range(REVIEWS))
        connection.check_constraints()  # or each test would check all these rows again at its end
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        connection.set_rollback(True)


def _review(product: Product, number: int) -> Review:
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
    words = {"author_name": "Ada", "title": "As shown", "body": "Fits.", "language": "en"}
    return Review(
        product=product, author_id=new_id(), stars=5, status="approved", created_at=at, moderated_at=at, **words
    )


@pytest.mark.parametrize("name", LISTS | OTHERS)
def test_an_index_serves_every_statement(name: str) -> None:
    """Where a table is small the planner may read it whole, and rightly so: here it must not if it can help it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert plans.whole_tables(plans.plans_of((LISTS | OTHERS)[name])) <= SMALL


@pytest.mark.parametrize("name", [name for name in LISTS if not name.startswith("search")])
def test_a_list_reads_no_table_whole_even_where_it_may(name: str) -> None:
    assert plans.whole_tables(plans.plans_of(with_parameters(LISTS[name], limit=PER_PAGE))) <= SMALL


@pytest.mark.parametrize("name", LISTS)
def test_page_50_meets_no_more_rows_than_page_1(name: str) -> None:
    first, far = with_parameters(LISTS[name], limit=PER_PAGE), page_50(LISTS[name])

    assert plans.reading(far)["rows"] <= plans.reading(first)["rows"] + A_FEW


def page_50(path: str) -> str:
    """The address of the fiftieth page of two."""
    following = Client().get(with_parameters(path, limit=49 * PER_PAGE)).json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    return with_parameters(path, limit=PER_PAGE, cursor=cursor)


def with_parameters(path: str, **parameters: object) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(parameters)}"
