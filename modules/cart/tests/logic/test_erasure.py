"""What becomes of a user's cart when the account is erased."""

import pytest
import redis

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from modules.cart.contracts import CartNotFound
from modules.cart.handlers import HANDLERS
from modules.cart.logic import carts, redemptions, safekeeping, storage
from modules.cart.models import Redemption, SavedCart
from modules.cart.tests.factories import fill_cart
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def erased(user_id):
    with atomic(Redemption):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=user_id))
    driver.run_due("default")


def test_the_users_cart_goes_and_others_carts_stay(user_id, shelf):
    own, others = (carts.open_cart(caller_id=one).basket for one in (user_id, new_id()))
    guests = carts.open_cart(caller_id=None).basket

    erased(user_id)

    with pytest.raises(CartNotFound):
        storage.find_basket(own.id)
    assert storage.find_basket_of(user_id) is None
    assert [storage.find_basket(one.id).id for one in (others, guests)] == [others.id, guests.id]


def test_a_cart_that_was_opened_since_goes_when_it_is_heard_again(user_id, shelf):
    erased(user_id)
    carts.open_cart(caller_id=user_id)
    erased(user_id)
    assert storage.find_basket_of(user_id) is None
    assert set(Step.objects.using("default").values_list("status", flat=True)) == {"done"}


def test_what_redis_has_lost_goes_too(user_id, shelf, own_redis):
    fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    redis.Redis.from_url(own_redis.url).flushall()

    erased(user_id)

    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=user_id)
    assert not SavedCart.objects.filter(owner_id=user_id).exists()


def test_while_redis_is_down_it_is_tried_again(user_id, shelf, own_redis):
    carts.open_cart(caller_id=user_id)
    own_redis.stop()
    erased(user_id)
    step = Step.objects.using("default").get()
    assert (step.name, step.status, step.attempts) == ("cart.discard_cart", "pending", 1)


def test_what_was_redeemed_goes_on_counting(user_id):
    order_id = new_id()
    redemptions.redeem(order_id=order_id, promotion_ids=[], codes=[], customer_key=str(user_id))
    erased(user_id)
    assert Redemption.objects.get().customer_key == str(user_id)
