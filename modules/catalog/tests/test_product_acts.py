"""Many products at once in the admin. There is an admin only where users are."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from modules.catalog.logic.products import change_product
from modules.catalog.logic.repricing import MOST_AT_ONCE
from modules.catalog.models import Price, Product, Variant
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product, price

pytestmark = [
    needs_admin,
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]

LIST, REPRICE = "/admin/catalog/product/", "/admin/catalog/product/reprice/"


@pytest.fixture
def staff() -> Any:
    return signed_in(is_superuser=True)


def act(client: Client, name: str, *products: Product) -> Any:
    chosen = [str(product.id) for product in products]
    return client.post(LIST, {"action": name, "_selected_action": chosen}, follow=True)


def statuses() -> list[str]:
    return list(Product.objects.order_by("slug").values_list("status", flat=True))


def test_products_are_published_taken_back_and_archived_many_at_a_time(staff):
    one, other = make_product(slug="a", status="draft"), make_product(slug="b")

    for name, wanted in (("publish", "published"), ("take_back", "draft"), ("archive", "archived")):
        answer = act(staff, name, one, other)
        assert b"2 products are as you wish." in answer.content
        assert statuses() == [wanted, wanted]

    versions = list(Product.objects.order_by("slug").values_list("version", flat=True))
    act(staff, "archive", one, other)
    assert list(Product.objects.order_by("slug").values_list("version", flat=True)) == versions


def test_what_is_refused_is_named_and_stops_no_other(staff):
    empty = make_product(slug="a", title="Empty box", status="draft")
    Variant.objects.filter(product=empty).update(archived_at="2026-01-01T00:00:00Z")
    full = make_product(slug="b", status="draft")

    answer = act(staff, "publish", empty, full)

    assert b"Empty box: There is no variant to sell." in answer.content
    assert b"1 products are as you wish." in answer.content
    assert statuses() == ["draft", "published"]


def test_prices_of_chosen_products_change_by_percent_as_they_were_shown(staff):
    one, other, left = (priced(amount) for amount in ("10.00", "19.90", "30.00"))

    page = act(staff, "change_prices", one, other)
    assert f'action="{REPRICE}"' in page.content.decode()
    form = {"products": page.context["form"]["products"].value(), "currency": "eur", "percent": "10", "ending": "0.99"}
    preview = staff.post(REPRICE, form)

    assert [(str(row.old), str(row.new)) for row, _ in preview.context["rows"]] == [
        ("10.00 EUR", "10.99 EUR"), ("19.90 EUR", "21.99 EUR"),
    ]  # fmt: skip
    assert amounts(one, other) == [1000, 1990]
    confirmed = form | {"seen": preview.context["preview"].seen, "confirm": ""}
    assert b"2 prices changed." in staff.post(REPRICE, confirmed, follow=True).content
    assert amounts(one, other, left) == [1099, 2199, 3000]
    again = staff.post(REPRICE, confirmed)
    assert b"Prices are others than those that were shown" in again.content
    assert amounts(one, other) == [1099, 2199]


def test_prices_of_a_branch_change_unless_somebody_was_quicker(staff):
    shelf = CategoryFactory.create()
    below = CategoryFactory.create(parent=shelf)
    one, other = priced("10.00", category_id=shelf.id), priced("20.00", category_id=below.id)
    form = {"category": str(shelf.id), "currency": "EUR", "percent": "-50"}

    preview = staff.post(REPRICE, form)
    assert preview.context["preview"].changes == 2
    priced_anew = other.variants.get()
    Price.objects.filter(variant=priced_anew).update(regular_minor=2100, amount_minor=2100)
    refused = staff.post(REPRICE, form | {"seen": preview.context["preview"].seen, "confirm": ""})

    assert b"look again" in refused.content
    assert amounts(one, other) == [1000, 2100]
    Price.objects.filter(variant=priced_anew).update(regular_minor=2000, amount_minor=2000)


def test_a_price_that_may_not_change_is_shown_and_stays(staff):
    sold = make_product(variants=[VariantDraftFactory.build(prices=[price("9.00", "EUR", before="10.00")])])
    form = {"products": str(sold.id), "currency": "EUR", "percent": "-20"}

    preview = staff.post(REPRICE, form)
    assert b"a sale would not be lower: stays" in preview.content
    done = staff.post(REPRICE, form | {"seen": preview.context["preview"].seen, "confirm": ""}, follow=True)

    assert b"0 prices changed." in done.content
    assert b"1 stayed as they were." in done.content
    assert Price.objects.get().regular_minor == 1000


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"percent": "0"}, b"not by 0"),
        ({"percent": "-100"}, b"more than -100"),
        ({"percent": "NaN"}, b"Enter a number"),
        ({"percent": "1E-1000000"}, b"Ensure that there are no more than"),
        ({"currency": "XXX"}, b"XXX is no currency"),
        ({"ending": "1.5"}, b"An ending is 0 or more"),
        ({"products": "x"}, b"Choose the products again"),
        ({"products": ""}, b"This field is required"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(staff, changed, said):
    product = priced("10.00")
    form = {"products": str(product.id), "currency": "EUR", "percent": "10"} | changed

    answer = staff.post(REPRICE, form)

    assert (answer.status_code, said in answer.content) == (200, True)
    assert amounts(product) == [1000]


def test_more_than_can_be_looked_at_is_refused(staff, monkeypatch):
    assert MOST_AT_ONCE == 2000
    monkeypatch.setattr("modules.catalog.logic.repricing.MOST_AT_ONCE", 1)
    one, other = priced("10.00"), priced("10.00")

    answer = staff.post(REPRICE, {"products": f"{one.id},{other.id}", "currency": "EUR", "percent": "10"})

    assert b"more than 1 products" in answer.content


@pytest.mark.parametrize("name", ["publish", "archive", "change_prices"])
def test_who_may_not_write_the_catalog_does_nothing(name):
    client = signed_in()
    product = make_product(status="draft")

    answer = client.post(LIST, {"action": name, "_selected_action": [str(product.id)]})

    assert answer.status_code == 403
    assert client.get(REPRICE).status_code == 403
    assert client.post(REPRICE, {"products": str(product.id), "currency": "EUR", "percent": "10"}).status_code == 403
    assert Product.objects.get().status == "draft"


def priced(amount: str, **draft: Any) -> Product:
    return make_product(variants=[VariantDraftFactory.build(prices=[price(amount, "EUR")])], **draft)


def amounts(*products: Product) -> list[int]:
    by_product: dict[UUID, int] = dict(
        Price.objects.filter(currency="EUR").values_list("variant__product_id", "regular_minor")
    )
    return [by_product[product.id] for product in products]


def test_an_older_version_of_a_product_is_no_obstacle(staff):
    product = make_product(slug="a", status="draft")
    change_product(key="a", title="Other")

    act(staff, "publish", product)

    assert statuses() == ["published"]
