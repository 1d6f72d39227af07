"""What stands beside a product: chosen by staff, seen by shoppers while it can be bought."""

from functools import partial
from typing import Any

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog.logic.products import change_product
from modules.catalog.logic.related import MAX_RELATED, get_related_ids
from modules.catalog.models import Product
from modules.catalog.tests.api.staff import PRODUCTS, client, complaints, refusal, send
from modules.catalog.tests.factories import VariantDraftFactory, make_product, price
from modules.catalog.tests.logic.test_holds_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def beside(product: Product, *others: Any, **headers: Any) -> Any:
    ids = [str(getattr(other, "id", other)) for other in others]
    return send("PATCH", f"{PRODUCTS}{product.id}/", {"related_ids": ids}, **headers)


def seen(product: Product, **query: str) -> list[str]:
    answer = client(None).get(f"{PRODUCTS}{product.slug}/", query)
    return [card["slug"] for card in answer.json()["related"]]


def test_what_staff_put_beside_a_product_is_shown_as_cards_in_their_order():
    product, first, second = (make_product(slug=slug) for slug in ("shirt", "tie", "hat"))

    answer = beside(product, second, first)

    listed = {card["id"]: card for card in client(None).get(PRODUCTS).json()["results"]}
    assert (answer.status_code, answer.json()["related_ids"]) == (200, [str(second.id), str(first.id)])
    shown = client(None).get(f"{PRODUCTS}shirt/").json()["related"]
    assert shown == [listed[str(second.id)], listed[str(first.id)]]


def test_only_what_can_be_seen_and_has_a_price_in_the_currency_is_shown():
    product, draft, archived, yen, euro = (make_product() for _ in range(5))
    in_yen = make_product(variants=[VariantDraftFactory.build(prices=[price("900", "JPY")])])
    change_product(key=str(draft.id), status="draft")
    change_product(key=str(archived.id), status="archived")

    answer = beside(product, draft, archived, in_yen, yen, euro)

    assert len(answer.json()["related_ids"]) == 5
    assert seen(product) == [yen.slug, euro.slug]
    assert seen(product, currency="JPY") == [in_yen.slug, yen.slug, euro.slug]


def test_at_most_12_are_shown_and_20_kept():
    product, others = make_product(), [make_product() for _ in range(MAX_RELATED)]

    assert beside(product, *others).status_code == 200

    assert seen(product) == [other.slug for other in others[:12]]
    assert complaints(beside(product, *others, new_id())) == {"related_ids": "max_length"}


@pytest.mark.parametrize("which", ["itself", "nobody"])
def test_what_cannot_stand_there_changes_nothing(which):
    product, other = make_product(), make_product()
    beside(product, other)
    wrong = product.id if which == "itself" else new_id()

    assert complaints(beside(product, other, wrong)) == {"related_ids": "unknown_product"}
    assert get_related_ids(product.id) == [other.id]


def test_a_change_of_an_older_version_is_refused():
    product, other = make_product(), make_product()
    beside(product, other)

    assert refusal(beside(product, if_match='"1"')) == (412, "precondition_failed")
    assert get_related_ids(product.id) == [other.id]


def test_what_is_deleted_stands_nowhere():
    product, other = make_product(), make_product()
    beside(product, other)

    send("DELETE", f"{PRODUCTS}{other.id}/")

    assert (seen(product), get_related_ids(product.id)) == ([], [])


def test_a_page_with_products_beside_it_costs_one_statement_more():
    product, others = make_product(), [make_product() for _ in range(3)]
    with statements() as alone:
        seen(product)
    beside(product, *others)

    with statements() as together:
        seen(product)

    assert (len(alone), len(together)) == (3, 4)


@pytest.mark.django_db(transaction=True)
def test_two_products_are_put_beside_each_other_at_once():
    one, other = make_product(), make_product()

    for _ in range(5):
        outcomes = at_once(
            [
                partial(change_product, key=str(one.id), related_ids=[other.id]),
                partial(change_product, key=str(other.id), related_ids=[one.id]),
            ]
        )
        assert outcomes == ["done", "done"]
        at_once(partial(change_product, key=str(product.id), related_ids=[]) for product in (one, other))
