"""What catalog does with the facts it hears."""

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.handlers import HANDLERS
from modules.catalog.logic.stock import adjust_stock
from modules.catalog.models import StockMovement
from modules.catalog.tests.factories import make_variant
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db


def test_the_journal_keeps_what_an_erased_member_of_staff_moved_and_not_his_words():
    variant, actor_id, other_id = make_variant(on_hand=0), new_id(), new_id()
    adjust_stock(variant_id=variant.id, delta=5, reason="Ada dropped them", actor_id=actor_id)
    adjust_stock(variant_id=variant.id, delta=2, reason="found", actor_id=other_id)

    with atomic(StockMovement):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=actor_id))

    journal = StockMovement.objects.order_by("delta").values_list("delta", "actor_id", "reason")
    assert list(journal) == [(2, other_id, "found"), (5, actor_id, "")]
