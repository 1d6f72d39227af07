"""What cart gives to a user's export."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from ecommerce.kernel import clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import stand_in
from modules.cart.handlers import HANDLERS
from modules.cart.logic import storage
from modules.cart.models import Redemption
from modules.cart.tests.factories import fill_cart
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

pytestmark = pytest.mark.django_db(transaction=True)

Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def users() -> Iterator[Asked]:
    with stand_in("users", contribute_to_export=lambda **_: None) as asked:
        yield asked


def request_export(user_id: UUID) -> UUID:
    """As the inbox does it: all handlers in one transaction."""
    event = ExportRequested(export_id=new_id(), user_id=user_id)
    with atomic(Redemption):
        for handler in HANDLERS[ExportRequested]:
            handler(event)
    return event.export_id


def redemption(customer_key: str) -> Redemption:
    return Redemption.objects.create(
        order_id=new_id(), status="redeemed", codes=["SPRING"], customer_key=customer_key, created_at=clock.now()
    )


def at(instant: Any) -> str:
    text: str = instant.isoformat()
    return text.replace("+00:00", "Z")


def test_the_users_cart_and_coupons_are_given_and_nobody_elses(users: Asked, shelf) -> None:
    user_id, shirt, hat = new_id(), shelf.put(), shelf.put(title="Hat")
    cart_id = fill_cart(user_id, (shirt, 3))
    fill_cart(new_id(), (hat, 1))
    fill_cart(None, (hat, 1))
    redeemed = redemption(str(user_id))
    redemption(str(new_id()))
    redemption("")

    export_id = request_export(user_id)
    driver.run_due("default")

    basket = storage.find_basket(cart_id)
    cart = {
        "id": str(cart_id),
        "currency": "EUR",
        "items": [
            {
                "variant_id": str(shirt.id),
                "sku": shirt.sku,
                "title": "Shirt",
                "quantity": 3,
                "unit_price": {"amount": "19.90", "currency": "EUR"},
            }
        ],
        "changed_at": at(basket.changed_at),
        "expires_at": at(basket.expires_at),
    }
    used = {
        "order_id": str(redeemed.order_id),
        "status": "redeemed",
        "codes": ["SPRING"],
        "created_at": at(redeemed.created_at),
        "released_at": None,
    }
    part = {"module": "cart", "document": {"carts": [cart], "redemptions": [used]}, "parcel": 0, "is_last": True}
    assert users == [("contribute_to_export", {"export_id": str(export_id)} | part)]


def test_a_user_without_a_cart_gives_an_empty_part(users: Asked) -> None:
    request_export(new_id())
    driver.run_due("default")

    assert [(asked["document"], asked["is_last"]) for _, asked in users] == [({"carts": [], "redemptions": []}, True)]


def test_without_redis_it_is_given_later(users: Asked, own_redis) -> None:
    own_redis.stop()

    request_export(new_id())
    driver.run_due("default")

    assert (users, Step.objects.using("default").get(name="cart.contribute").status) == ([], "pending")


def test_an_export_that_is_gone_wants_nothing_any_more() -> None:
    def gone(**_: Any) -> None:
        raise ExportNotFound

    with stand_in("users", contribute_to_export=gone):
        request_export(new_id())
        driver.run_due("default")

    assert Step.objects.using("default").get(name="cart.contribute").status == "done"
