"""What a guest has ordered is the user's once the user has verified the same address, in every module."""

from uuid import UUID

import pytest
from django.conf import settings

from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import publish
from ecommerce.kernel.models import IdempotencyKey
from ecommerce.kernel.testing import relay_until_quiet
from tests.accounts.shop import PASSWORD, Customer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]


def verify_address(customer: Customer) -> None:
    from modules.users.events import EmailVerified  # only where users is installed
    from modules.users.models import User

    assert customer.id is not None
    with atomic(User):
        User.objects.filter(id=customer.id).update(email_verified=True)
        publish(EmailVerified(user_id=customer.id))
    relay_until_quiet()


def test_a_guests_order_and_its_payment_are_the_users_after_verification_and_not_before(shop: None) -> None:
    guest, stranger = Customer("Ada@Example.com", "Ada Lovelace"), Customer("eve@example.net", "Eve Stranger")
    placed, others = guest.buy(), stranger.buy()
    user = Customer("ada@example.com", "Ada Lovelace").register()
    order, payment = f"/api/v1/orders/{placed['order']['id']}/", f"/api/v1/payments/{placed['payment']['id']}/"
    relay_until_quiet()
    assert user.get("/orders/")["results"] == []
    assert [user.api.get(path).status_code for path in (order, payment)] == [404, 404]

    verify_address(user)

    assert [one["id"] for one in user.get("/orders/")["results"]] == [placed["order"]["id"]]
    assert [user.api.get(path).status_code for path in (order, payment)] == [200, 200]
    assert user.api.get(order).json()["timeline"][-1]["event"] == "account_linked"
    # The link in the guest's mail goes on working, and nobody else's order has moved.
    assert guest.api.get(f"{order}?token={placed['order']['access_token']}").status_code == 200
    assert user.api.get(f"/api/v1/orders/{others['order']['id']}/").status_code == 404


@pytest.mark.parametrize("status", ["confirmed", "delivered"])
def test_erased_later_no_answer_that_the_guest_was_given_is_kept_either(shop: None, status: str) -> None:
    from modules.orders.models import Order  # only where orders is installed
    from tests.privacy.life import deliver  # the same

    guest, stranger = Customer("ada@example.com", "Ada Lovelace"), Customer("eve@example.net", "Eve Stranger")
    placed, others = guest.buy()["order"], stranger.buy()["order"]
    user = Customer("ada@example.com", "Ada Lovelace").register()
    verify_address(user)
    if status == "delivered":
        deliver(UUID(placed["id"]))

    assert user.api.delete("/api/v1/users/me/", {"password": PASSWORD}).status_code == 204
    relay_until_quiet()
    if status == "confirmed":
        deliver(UUID(placed["id"]))

    left = [answer.id for answer in IdempotencyKey.objects.using("default").all()]
    assert left == [Order.objects.get(pk=others["id"]).idempotency_id]
