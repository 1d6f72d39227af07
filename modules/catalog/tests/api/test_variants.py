"""Variants over HTTP, as staff add, change and remove them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.catalog.contracts import StockLine
from modules.catalog.logic.holds import hold_stock
from modules.catalog.logic.variants import find_variants
from modules.catalog.models import Listing, Price, Product, ProductPrice, StockLevel, StockMovement, Variant
from modules.catalog.tests.api.staff import OTHERS, PRODUCTS, STAFF, VARIANTS, complaints, refusal, send
from modules.catalog.tests.factories import VariantDraftFactory, figures, journal, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shop(settings, monkeypatch):
    settings.DEFAULT_CURRENCY = "EUR"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def shirt():
    small = VariantDraftFactory.build(sku="S", options={"Size": "S"})
    return make_product(slug="shirt", variants=[small])


def test_a_variant_is_added_behind_the_others(shirt):
    answer = add(shirt, large() | {"barcode": "4006381333931", "weight_g": 250, "on_hand": 4})

    variant = Variant.objects.get(sku="L")
    assert (answer.status_code, answer["ETag"]) == (201, '"2"')
    assert answer.json() == {
        "id": str(variant.id),
        "sku": "L",
        "options": {"Size": "L"},
        "price": {"amount": "9.90", "currency": "EUR"},
        "compare_at": None,
        "lowest_price_30_days": None,
        "in_stock": True,
        "low_stock": True,
        "images": [],
        "barcode": "4006381333931",
        "weight_g": 250,
        "on_hand": 4,
        "held": 0,
        "available": 4,
        "prices": [{"amount": "9.90", "currency": "EUR", "sale": None}],
    }
    assert [one["sku"] for one in send("GET", f"{PRODUCTS}shirt/").json()["variants"]] == ["S", "L"]
    assert (journal(variant.id), StockMovement.objects.get(level__variant=variant).actor_id) == (
        [("received", 4)],
        STAFF.id,
    )
    assert ProductPrice.objects.get(currency="EUR").from_minor == 990
    assert Listing.objects.get().tokens == ["size=L", "size=S"]
    assert news(shirt) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"options": {}}, {"options": "options_differ"}),
        ({"options": {"Size": "L", "Colour": "red"}}, {"options": "options_differ"}),
        ({"sku": None}, {"sku": "null"}),
        ({"id": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11"}, {"id": "unknown_field"}),
        ({"prices": [{"amount": "1", "currency": "EUR"}]}, {"prices.0.amount": "invalid_amount"}),
    ],
)
def test_a_variant_that_does_not_fit_is_not_added(shirt, change, expected):
    assert complaints(add(shirt, large() | change)) == expected
    assert (Variant.objects.count(), Product.objects.get().version) == (1, 1)


def test_a_variant_that_there_is_already_is_not_added(shirt):
    taken = add(shirt, large() | {"sku": "S"})

    assert (refusal(taken), taken.json()["sku"]) == ((409, "sku_taken"), "S")
    assert refusal(add(shirt, large() | {"options": {"Size": "S"}})) == (409, "same_options")
    assert refusal(add(shirt, large(), if_match='"7"')) == (412, "precondition_failed")
    assert (Variant.objects.count(), Product.objects.get().version) == (1, 1)


def test_the_same_key_adds_one_variant(shirt):
    first = add(shirt, large() | {"on_hand": 4}, idempotency_key="large")
    again = add(shirt, large() | {"on_hand": 4}, idempotency_key="large")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert figures(Variant.objects.get(sku="L").id) == (4, 0)


def test_a_product_has_at_most_250_variants():
    drafts = [VariantDraftFactory.build() for _ in range(250)]
    product = make_product(variants=drafts, on_hand=0)

    assert complaints(add(product, large())) == {"sku": "too_many_variants"}
    assert Variant.objects.count() == 250


def test_only_what_is_given_changes(shirt):
    variant = shirt.variants.get()

    answer = change(variant, {"sku": "SMALL", "barcode": "12345678"})

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    names = ("id", "sku", "options", "barcode", "weight_g", "on_hand")
    assert [answer.json()[name] for name in names] == [str(variant.id), "SMALL", {"Size": "S"}, "12345678", 200, 10]
    assert [one["amount"] for one in answer.json()["prices"]] == ["19.90", "2500"]


def test_prices_replace_those_of_their_currencies_and_leave_the_others(shirt):
    answer = change(shirt.variants.get(), {"prices": [money("12.90", "EUR"), money("14.90", "USD")]})

    assert [(one["amount"], one["currency"]) for one in answer.json()["prices"]] == [
        ("12.90", "EUR"),
        ("2500", "JPY"),
        ("14.90", "USD"),
    ]
    assert lowest() == {"EUR": 1290, "JPY": 2500, "USD": 1490}
    assert news(shirt) == 2


def test_a_sale_begins_stays_and_ends(shirt):
    variant = shirt.variants.get()
    sale = {"amount": "9.90", "starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-12-24T00:00:00Z"}

    begun = change(variant, {"prices": [money("19.90", "EUR") | {"sale": sale}]}).json()
    assert (begun["price"]["amount"], begun["compare_at"]["amount"]) == ("9.90", "19.90")
    assert begun["prices"][0] == {"amount": "19.90", "currency": "EUR", "sale": sale}
    assert lowest()["EUR"] == 990

    kept = change(variant, {"prices": [money("17.90", "EUR")]}).json()
    assert kept["prices"][0] == {"amount": "17.90", "currency": "EUR", "sale": sale}

    over = change(variant, {"prices": [money("17.90", "EUR") | {"sale": None}]}).json()
    assert (over["price"]["amount"], over["compare_at"], over["prices"][0]["sale"]) == ("17.90", None, None)
    assert lowest()["EUR"] == 1790


def test_a_price_does_not_fall_below_the_sale_that_stays(shirt):
    variant = shirt.variants.get()
    change(variant, {"prices": [money("19.90", "EUR") | {"sale": {"amount": "9.90"}}]})

    refused = change(variant, {"sku": "NEW", "prices": [money("20.00", "USD"), money("9.90", "EUR")]})

    assert complaints(refused) == {"prices.1.amount": "sale_not_lower"}
    assert (Variant.objects.get().sku, lowest(), Product.objects.get().version) == ("S", {"EUR": 990, "JPY": 2500}, 2)


def test_a_sale_that_is_over_is_no_hindrance(shirt, monkeypatch):
    variant = shirt.variants.get()
    sale = {"amount": "9.90", "ends_at": "2026-12-24T00:00:00Z"}
    change(variant, {"prices": [money("19.90", "EUR") | {"sale": sale}]})
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=60))

    answer = change(variant, {"prices": [money("8.90", "EUR")]})

    assert answer.json()["prices"][0] == {"amount": "8.90", "currency": "EUR", "sale": None}


@pytest.mark.parametrize(
    "body", [{}, {"sku": "S"}, {"prices": []}, {"prices": [{"amount": "19.90", "currency": "EUR"}], "weight_g": 200}]
)
def test_what_changes_nothing_is_no_new_version(shirt, body):
    answer = change(shirt.variants.get(), body)

    assert (answer.status_code, answer["ETag"], news(shirt)) == (200, '"1"', 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"options": {"Colour": "red"}}, {"options": "options_differ"}),
        ({"on_hand": 5}, {"on_hand": "unknown_field"}),
        ({"barcode": "1234"}, {"barcode": "invalid"}),
        ({"weight_g": 1.5}, {"weight_g": "invalid"}),
        ({"prices": [{"amount": "1.00", "currency": "EUR"}] * 2}, {"prices.1.currency": "duplicate_currency"}),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(shirt, body, expected):
    assert complaints(change(shirt.variants.get(), {"sku": "NEW"} | body)) == expected
    assert (Variant.objects.get().sku, Product.objects.get().version) == ("S", 1)


def test_what_another_variant_has_is_not_taken_from_it(shirt):
    add(shirt, large())
    variant = Variant.objects.get(sku="L")

    assert refusal(change(variant, {"sku": "S"})) == (409, "sku_taken")
    assert refusal(change(variant, {"options": {"Size": "S"}})) == (409, "same_options")
    assert refusal(change(variant, {"sku": "X"}, if_match='"1"')) == (412, "precondition_failed")
    assert Product.objects.get().version == 2


def test_a_variant_that_was_never_sold_is_deleted(shirt):
    add(shirt, large() | {"on_hand": 4})
    variant = Variant.objects.get(sku="L")

    assert remove(variant).status_code == 204

    assert list(Variant.objects.values_list("sku", flat=True)) == ["S"]
    assert (StockLevel.objects.count(), StockMovement.objects.count()) == (1, 1)
    assert (lowest()["EUR"], Listing.objects.get().tokens, Product.objects.get().version) == (1990, ["size=S"], 3)
    assert refusal(remove(variant)) == (404, "not_found")
    assert add(shirt, large()).status_code == 201


def test_a_variant_that_was_sold_is_archived_and_offered_nowhere(shirt):
    add(shirt, large() | {"on_hand": 4})
    variant = Variant.objects.get(sku="L")
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=variant.id, quantity=1)], until=NOW)

    assert remove(variant).status_code == 204

    assert Variant.objects.get(sku="L").archived_at == NOW
    assert [one["sku"] for one in send("GET", f"{PRODUCTS}shirt/").json()["variants"]] == ["S"]
    assert find_variants(currency="EUR", ids=[variant.id]) == []
    assert lowest()["EUR"] == 1990
    assert refusal(remove(variant)) == (404, "not_found")
    assert refusal(change(variant, {"sku": "X"})) == (404, "not_found")
    assert refusal(add(shirt, large())) == (409, "sku_taken")
    assert add(shirt, large() | {"sku": "L-2"}).status_code == 201


def test_the_last_variant_stays_while_the_product_is_published_or_will_be(shirt):
    variant = shirt.variants.get()
    assert refusal(remove(variant)) == (409, "last_variant")
    send("PATCH", f"{PRODUCTS}shirt/", {"status": "draft", "publish_at": "2027-01-01T00:00:00Z"})
    assert refusal(remove(variant)) == (409, "last_variant")
    assert Variant.objects.filter(archived_at=None).count() == 1

    send("PATCH", f"{PRODUCTS}shirt/", {"publish_at": None})
    assert remove(variant).status_code == 204
    assert not Price.objects.exists()


@pytest.mark.parametrize(("principal", "status"), OTHERS)
def test_nobody_else_writes_variants(shirt, principal, status):
    variant = shirt.variants.get()

    assert add(shirt, {"nonsense": 1}, principal=principal).status_code == status
    assert change(variant, {"nonsense": 1}, principal=principal).status_code == status
    assert send("DELETE", f"{VARIANTS}{variant.id}/", principal=principal).status_code == status
    assert (Variant.objects.count(), Product.objects.get().version) == (1, 1)


def test_what_is_not_there_is_not_written(shirt):
    assert refusal(send("POST", f"{PRODUCTS}nothing/variants/", large())) == (404, "not_found")
    assert refusal(send("PATCH", f"{VARIANTS}{new_id()}/", {})) == (404, "not_found")
    assert refusal(send("DELETE", f"{VARIANTS}{new_id()}/")) == (404, "not_found")


def large() -> dict[str, Any]:
    return {"sku": "L", "options": {"Size": "L"}, "prices": [money("9.90", "EUR")]}


def money(amount: str, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def add(product: Product, body: Any, **headers: Any) -> Any:
    return send("POST", f"{PRODUCTS}{product.id}/variants/", body, **headers)


def change(variant: Variant, body: Any, **headers: Any) -> Any:
    return send("PATCH", f"{VARIANTS}{variant.id}/", body, **headers)


def remove(variant: Variant) -> Any:
    return send("DELETE", f"{VARIANTS}{variant.id}/")


def lowest() -> dict[str, int]:
    return dict(ProductPrice.objects.values_list("currency", "from_minor"))


def news(product: Product) -> int:
    return OutboxEvent.objects.filter(aggregate_id=product.id, name="catalog.ProductChanged").count()
