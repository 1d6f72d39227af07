"""Where a promotion stands."""

from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from modules.cart.logic.states import State, in_state, state_of
from modules.cart.models import Promotion
from modules.cart.tests.factories import PromotionFactory

NOW = clock.now()
BEFORE, LATER, LONG_BEFORE = NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW - timedelta(hours=2)
CASES = [
    ({}, State.RUNNING),
    ({"starts_at": BEFORE, "ends_at": LATER}, State.RUNNING),
    ({"starts_at": NOW}, State.RUNNING),
    ({"used": 2, "usage_limit": 3}, State.RUNNING),
    ({"starts_at": LATER}, State.PLANNED),
    ({"starts_at": LATER, "used": 3, "usage_limit": 3}, State.PLANNED),
    ({"used": 3, "usage_limit": 3}, State.USED_UP),
    ({"used": 4, "usage_limit": 3}, State.USED_UP),
    ({"ends_at": NOW}, State.OVER),
    ({"starts_at": LONG_BEFORE, "ends_at": BEFORE, "used": 3, "usage_limit": 3}, State.OVER),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "state"), CASES)
def test_a_promotion_stands_where_it_is_found(values, state):
    one = PromotionFactory.create(**values)

    assert state_of(one, at=NOW) == state
    assert [where for where in State if Promotion.objects.filter(in_state(where, at=NOW)).exists()] == [state]
