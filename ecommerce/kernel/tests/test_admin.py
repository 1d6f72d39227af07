"""Staff see what is parked, and try it again."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import InboxEvent, Step

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.HAS_USERS, reason="the admin lives where users live"),
]


@pytest.fixture
def staff(client: Any) -> Any:
    User = apps.get_model("users", "User")
    client.force_login(User.objects.create(email="staff@example.com", is_staff=True, is_superuser=True))
    return client


def test_a_parked_event_is_shown_and_tried_again(staff: Any) -> None:
    now = clock.now()
    row = InboxEvent.objects.using("default").create(
        event_id=new_id(),
        listener="orders",
        source="catalog",
        name="catalog.Happened",
        aggregate_id=new_id(),
        position=1,
        payload={},
        received_at=now,
        next_attempt_at=now,
        attempts=10,
        parked_at=now,
    )

    assert b"catalog.Happened" in staff.get("/admin/kernel/inboxevent/").content
    staff.post("/admin/kernel/inboxevent/", {"action": "replay", "_selected_action": [str(row.pk)]})

    row.refresh_from_db(using="default")
    assert (row.parked_at, row.attempts) == (None, 0)


def test_a_parked_step_is_shown_and_tried_again(staff: Any) -> None:
    now = clock.now()
    row = Step.objects.using("default").create(
        module="orders",
        aggregate_id=new_id(),
        name="orders.close_cart",
        status="parked",
        attempts=10,
        next_attempt_at=now,
        created_at=now,
    )

    assert b"orders.close_cart" in staff.get("/admin/kernel/step/").content
    staff.post("/admin/kernel/step/", {"action": "replay", "_selected_action": [str(row.pk)]})

    row.refresh_from_db(using="default")
    assert (row.status, row.attempts) == ("pending", 0)
